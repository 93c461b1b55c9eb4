"""Marks: what waits to be worked out anew. Each is written with what it follows from and worked off by a chore, so that
a change that concerns much is still a small transaction."""

from collections.abc import Sequence

from pymongo import DeleteOne

from shared.kit.changes import Changes, add
from shared.kit.decider import Document
from shared.kit.generations import Models

MARKS = "unsettled"
"""The collection of a generation that holds them."""


def mark(changes: Changes, id_: str, of: Document) -> None:
    """Set a mark. The count makes one that is set again while it is being worked on another one."""
    add(changes, MARKS, id_, of, {"times": 1})


async def take_away(models: Models, marks: Sequence[Document]) -> None:
    """Remove marks that have been worked off, unless they have been set again since they were read."""
    done = [DeleteOne({"_id": one["_id"], "times": one["times"]}) for one in marks]
    if done:
        await models[MARKS].bulk_write(done, ordered=False)
