"""Results over months."""
