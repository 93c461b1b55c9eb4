"""The superior's desk: each submitted request is a case that the right person approves, rejects, returns or
later revokes."""
