"""What anybody may see before they sign in."""
