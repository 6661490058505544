"""Five short recordings for the demonstration, and the scripts that made them."""
