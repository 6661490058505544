"""Pages that say what a person will receive, and when, in their own time."""
