"""What strangers are told of savings."""
