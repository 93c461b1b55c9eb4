"""Where free text is kept: apart from the log, by id, so that it can be erased without touching what happened."""

from collections.abc import Iterable, Mapping

from shared.kit.base.mongo import Database

ERASED = "[dihapus]"


class _Erased(dict[str, str]):
    def __missing__(self, _: str) -> str:
        return ERASED


async def read(db: Database, ids: Iterable[str]) -> Mapping[str, str]:
    """The texts of these ids; one that was erased reads as such."""
    return _Erased({text["_id"]: text["text"] async for text in db.texts.find({"_id": {"$in": list(ids)}})})
