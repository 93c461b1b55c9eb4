"""Names in the order of the alphabet, as people read lists: capitals and accents make no difference. Pure."""

import unicodedata


def place(name: str) -> str:
    """Where a name stands among others, to sort by."""
    parts = unicodedata.normalize("NFKD", name)
    return "".join(sign for sign in parts if not unicodedata.combining(sign)).casefold()
