"""The superior's desk: each submitted request is a case that the right person approves, rejects, returns or
later revokes."""

NUMBER = 3
"""Its place among the services, which its ports rest on: no other has it, and it stays."""
