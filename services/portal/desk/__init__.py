"""The superior's desk."""
