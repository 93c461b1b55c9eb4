"""Asking for days."""
