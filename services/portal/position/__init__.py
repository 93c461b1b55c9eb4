"""Positions, as they are on record."""
