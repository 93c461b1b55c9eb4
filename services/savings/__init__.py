"""What was saved: realised days become fuel and money, with range, by factor set and beneficiary, all explained."""

NUMBER = 5
"""Its place among the services, which its ports rest on: no other has it, and it stays."""
