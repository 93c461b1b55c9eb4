"""What the system knows of whoever asks."""
