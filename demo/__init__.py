"""A small province of nobody in particular, played through the public APIs, with an account of its own."""
