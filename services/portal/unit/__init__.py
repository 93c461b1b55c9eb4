"""Units, as they are on record."""
