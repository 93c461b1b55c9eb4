"""Which software this is: its images hold no package that says so."""

VERSION = "0.2.0"
"""As in pyproject.toml."""
