"""What `./mkd check` checks."""
