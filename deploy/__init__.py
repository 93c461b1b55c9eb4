"""How the platform is run: the real parts it needs, and the processes it is made of."""
