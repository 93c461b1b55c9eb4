"""Sheets: sent, looked at, confirmed, and followed while they are taken over."""
