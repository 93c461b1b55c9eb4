"""How what was lost or put aside comes back."""
