"""How a local stack comes up, stands, and goes down."""
