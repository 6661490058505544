"""Pages on which staff shape letters: their words, a preview, a test to oneself."""
