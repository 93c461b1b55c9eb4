"""What employees ask for: days at another place or time, for agreed outputs, within the rules in force."""

NUMBER = 2
"""Its place among the services, which its ports rest on: no other has it, and it stays."""
