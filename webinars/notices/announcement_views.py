"""Pages on which staff write an announcement, see whom it reaches, send it, stop it."""
