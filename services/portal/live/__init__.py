"""How a page hears that something on it has changed."""
