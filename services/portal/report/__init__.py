"""Reporting what was achieved, for many outputs at once."""
