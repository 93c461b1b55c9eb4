"""What was saved: realised days become fuel and money, with range, by factor set and beneficiary, all explained."""
