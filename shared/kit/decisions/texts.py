"""Where free text is kept: apart from the log, by id, so that it can be erased without touching what happened."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from shared.kit.base.mongo import Database

ERASED = "[dihapus]"
NONE: Mapping[str, str] = MappingProxyType({})


class _Erased(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return ERASED


async def read(db: Database, ids: Iterable[str], written: Mapping[str, str] = NONE) -> Mapping[str, str]:
    """The texts of these ids; one that was erased reads as such. What was `written` just now is known."""
    wanted = [id_ for id_ in ids if id_ not in written]
    found = {text["_id"]: text["text"] async for text in db.texts.find({"_id": {"$in": wanted}})} if wanted else {}
    return _Erased({**found, **written})
