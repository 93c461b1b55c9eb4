"""The published language: what each service says to the others. The publisher owns its module."""
