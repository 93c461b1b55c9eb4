"""What to do about what needs a human."""
