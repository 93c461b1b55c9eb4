"""What became of a request, and what can still be done about it."""
