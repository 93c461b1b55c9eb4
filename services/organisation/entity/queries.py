"""What things are called, and which of them are asked for."""

import re
from collections.abc import Sequence
from datetime import date

from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entity.model import Person, code_of
from shared.kit.base.mongo import Database
from shared.kit.decisions.decider import Document


async def codes_of(db: Database, ids: Sequence[str], session: AsyncClientSession | None = None) -> dict[str, str]:
    """The codes of units, positions, buildings and mandates, by id."""
    found = db.codes.find({"id": {"$in": list(ids)}}, session=session)
    return {code["id"]: code_of(code["_id"]) async for code in found}


async def people_of(db: Database, ids: Sequence[str], session: AsyncClientSession | None = None) -> dict[str, Person]:
    """NIP and name of employees, by id; nothing of those whose data were erased."""
    found = db.people.find({"_id": {"$in": list(ids)}}, session=session)
    return {one["_id"]: Person(one["nip"], one["name"]) async for one in found}


async def ids_coded(db: Database, kind: str, text: str) -> list[str]:
    """The ids of everything of a kind whose code has a text in it, in any case."""
    found = db.codes.find({"_id": {"$regex": f"^{kind}:.*{re.escape(text)}", "$options": "i"}})
    return [code["id"] async for code in found]


def saying(text: str) -> Document:
    """A condition on a text: that it has another in it, in any case."""
    return {"$regex": re.escape(text), "$options": "i"}


def begun(on: date | None) -> Document:
    """Those on record on a day; all where none is named."""
    return {"history.effective_from": {"$lte": str(on)}} if on else {}


def in_force(part: str, value: str | None, day: date) -> Document:
    """Those whose terms on a day have a value. Histories are in order, so that the terms in force are the last of those
    that have begun."""
    so_far = {"$filter": {"input": "$history", "cond": {"$lte": ["$$this.effective_from", str(day)]}}}
    found = {"$let": {"vars": {"terms": {"$last": so_far}}, "in": {"$ifNull": [f"$$terms.{part}", None]}}}
    ever = {f"history.{part}": {"$eq": value}} if value is not None else {}
    return ever | {"$expr": {"$eq": [found, {"$literal": value}]}}
