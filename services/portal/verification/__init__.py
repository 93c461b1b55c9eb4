"""Verifying what the team has reported, many outputs at once."""
