"""What the services tell somebody about themselves."""

from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel, ConfigDict

CSV: Mapping[str, tuple[str, str]] = {
    "outputs": ("performance", "/v1/results/days"),
    "savings": ("savings", "/v1/days"),
    "postings": ("savings", "/v1/postings"),
}
"""Rows of one's own that can be kept as a file, month by month: the service, and its address."""


class Whole(BaseModel):
    """An answer with all that is in it, to be handed on."""

    model_config = ConfigDict(extra="allow", frozen=True)


class Days(BaseModel):
    """The days of a request."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    days: list[date]
