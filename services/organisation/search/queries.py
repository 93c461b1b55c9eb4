"""Looking for people by what they are called."""

from collections.abc import Collection

from services.organisation.entity.queries import saying
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document
from shared.kit.web.pages import Found, cursor_of, place_of


async def find_people(
    db: Database, name: str, nip: str, among: Collection[str] | None, cursor: str | None, limit: int
) -> Found:
    """NIP and names of people, by name: those whose name has each word in it and whose NIP begins so, `among` some if
    that is said. Raises `Refusal` for a cursor that is not ours."""
    wanted: list[Document] = [{"name": saying(word)} for word in name.split()]
    if nip:
        wanted.append({"nip": {"$regex": f"^{nip}"}})
    if among is not None:
        wanted.append({"_id": {"$in": sorted(among)}})
    if place := place_of(cursor, 2):
        wanted.append({"$or": [{"name": {"$gt": place[0]}}, {"name": place[0], "_id": {"$gt": place[1]}}]})
    found = db.people.find({"$and": wanted} if wanted else {}).sort([("name", 1), ("_id", 1)])
    people = await found.limit(limit).to_list()
    last = people[-1] if len(people) == limit else None
    return Found(people, cursor_of(last["name"], last["_id"]) if last else None)
