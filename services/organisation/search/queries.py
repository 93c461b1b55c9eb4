"""Looking for people by what they are called."""

from collections.abc import Collection

from pymongo import IndexModel
from pymongo.collation import Collation

from services.organisation.entity.queries import saying
from shared.kit.base.alphabet import place
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.web.pages import Found, cursor_of, place_of

ALPHABET = Collation(locale="id", strength=2)
"""The order of names in Indonesian, in which capitals make no difference."""
BY_NAME = IndexModel([("name", 1), ("_id", 1)], name="by_name", collation=ALPHABET)
FEW, NIP_DIGITS = 2_000, 8
"""So many people at most are put in order here: those of a list of ids, and those who were born on one day. An order of
names is an index, which finds no id and no NIP."""


async def find_people(
    db: Database, name: str, nip: str, among: Collection[str] | None, cursor: str | None, limit: int
) -> Found:
    """NIP and names of people, by name: those whose name has each word in it and whose NIP begins so, `among` some if
    that is said. Raises `Refusal` for a cursor that is not ours."""
    wanted: list[Document] = [{"name": saying(word)} for word in name.split()]
    after = place_of(cursor, 2)
    if nip:
        wanted.append({"nip": {"$regex": f"^{nip}"}})
    if among is not None:
        wanted.append({"_id": {"$in": sorted(among)}})
    if len(nip) >= NIP_DIGITS or (among is not None and len(among) <= FEW):
        people = sorted(await db.people.find({"$and": wanted}).to_list(), key=_place)
        people = [one for one in people if not after or _place(one) > (place(after[0]), after[1])][:limit]
    else:
        if after:
            wanted.append({"$or": [{"name": {"$gt": after[0]}}, {"name": after[0], "_id": {"$gt": after[1]}}]})
        found = db.people.find({"$and": wanted} if wanted else {}, collation=ALPHABET)
        people = await found.sort([("name", 1), ("_id", 1)]).limit(limit).to_list()
    last = people[-1] if len(people) == limit else None
    return Found(people, cursor_of(last["name"], last["_id"]) if last else None)


def _place(one: Document) -> tuple[str, str]:
    return place(one["name"]), one["_id"]
