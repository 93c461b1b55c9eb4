"""What an import can be. Pure."""

from enum import StrEnum


class Status(StrEnum):
    """Status of an import: `valid`, waiting to be confirmed; `invalid`, with problems; `confirming`, its rows being
    recorded; `confirmed`, all recorded; `incomplete`, all recorded but those that were set aside, which confirming
    again tries; `dropped`, discarded before it was confirmed."""

    VALID = "valid"
    INVALID = "invalid"
    CONFIRMING = "confirming"
    CONFIRMED = "confirmed"
    INCOMPLETE = "incomplete"
    DROPPED = "dropped"
