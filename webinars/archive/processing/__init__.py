"""What becomes of a recording that was taken in: sizes for every screen and line, pictures, sound alone."""
