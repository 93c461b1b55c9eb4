"""What citizens and the press read without signing in."""
