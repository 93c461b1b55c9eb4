"""Faults that are put in on purpose, to see that the tests notice."""
