"""What ours is measured beside: programs that somebody would write with other tools, each a process of its own.

`quix` runs in a virtual environment of its own, since its library wants older ones of what the platform uses.
"""
