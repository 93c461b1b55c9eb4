"""Factor sets and their versions."""
