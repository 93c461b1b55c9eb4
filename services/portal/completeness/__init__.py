"""What the data of units lack."""
