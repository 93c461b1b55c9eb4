"""Records that were put aside."""
