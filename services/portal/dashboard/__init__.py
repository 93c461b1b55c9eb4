"""A month's figures."""
