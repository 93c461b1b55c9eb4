"""How the services stand, and what of them needs a human."""
