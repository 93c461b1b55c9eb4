"""Where ids come from: sortable by time for things that happen, random for people."""

import secrets

from uuid_utils import uuid7


def new_event_id() -> str:
    """A UUIDv7 (RFC 9562), which sorts by the time of its making."""
    return str(uuid7())


def new_id(prefix: str) -> str:
    """An id for something that happens, such as `req-0199…`; sorts by the time of its making."""
    return f"{prefix}-{uuid7().hex}"


def random_id(prefix: str) -> str:
    """An id that tells nothing, not even when it was made: for people."""
    return f"{prefix}-{secrets.token_hex(12)}"
