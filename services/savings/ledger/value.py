"""Whether two accounts of the same days agree. Pure."""

import hashlib
import json
from collections.abc import Iterable


def digest(positions: Iterable[tuple[str, object]]) -> str:
    """One hash over net positions, by day: the same from the live read model, a rebuild, and a fold over the log."""
    content = hashlib.sha256()
    for day_id, position in sorted(positions):
        content.update(json.dumps([day_id, position], sort_keys=True, separators=(",", ":")).encode())
    return content.hexdigest()
