"""Sums of the units below a unit."""
