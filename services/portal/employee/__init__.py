"""People, as they are on record."""
