"""What must be there before services start."""
