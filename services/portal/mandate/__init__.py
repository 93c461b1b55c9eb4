"""Mandates to act for another: given, held, and those of whom one leads."""
