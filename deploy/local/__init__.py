"""A stack on this machine: its parts, its processes, its folder."""
