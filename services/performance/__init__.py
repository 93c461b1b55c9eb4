"""The agreed outputs of each day, under MKD or at the office: logged, verified or returned, and what they come to."""

NUMBER = 4
"""Its place among the services, which its ports rest on: no other has it, and it stays."""
