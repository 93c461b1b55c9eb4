"""A month's figures along the tree of units."""
