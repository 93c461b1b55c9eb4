"""A figure, down to its days, their entries, and the events that made them."""
