"""`./mkd`: its commands."""
