"""What members of the staff have typed and not saved yet."""
