"""What became of agreed outputs, MKD beside office."""
