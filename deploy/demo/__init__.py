"""The demonstration, and what a newcomer begins with."""
