"""One file for each category: its formula, inputs, units, and what it is worked out from."""
