"""Months of which there is something to tell. Pure."""

from collections.abc import Iterable
from datetime import date


def months(days: Iterable[date]) -> list[str]:
    """The months in which days lie, in order."""
    return sorted({f"{day:%Y-%m}" for day in days})


def joined(tables: Iterable[str]) -> str:
    """CSV of several months under one heading."""
    told = ""
    for table in tables:
        told += table if not told else table.partition("\r\n")[2]
    return told
