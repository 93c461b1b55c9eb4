"""Figures as bars with their ranges, drawn on the server."""
