"""Lists of registrations as files: read, checked, shown and entered all at once or not at all, and written out."""
