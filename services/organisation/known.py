"""What is looked up for some rows of a sheet: the ids behind codes, and the documents that the rows touch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entries import DECIDERS, Entry, Known, Line
from services.organisation.rows import ROWS, SheetKind
from shared.kit import texts
from shared.kit.decider import Document
from shared.kit.mongo import Database


class Reader:
    """Reads for one sheet, in a transaction where there is one."""

    def __init__(
        self, db: Database, kind: SheetKind, import_id: str, issuer: str, session: AsyncClientSession | None = None
    ) -> None:
        self.db = db
        self.kind = kind
        self.import_id = import_id
        self._issuer = issuer
        self._session = session
        self._subjects: dict[str, str] = {}

    async def look_up(self, staged: Sequence[Document]) -> tuple[list[Entry], Known]:
        """Staged rows as entries, and what is known that these touch. All rows of a code are among them."""
        model = ROWS[self.kind]
        lines = [(one, Line(one["row"], model.model_validate(one["cells"]))) for one in staged]
        by_code = [(code, list(rows)) for code, rows in groupby(lines, key=lambda pair: str(pair[0]["code"]))]
        brought = {f"{model.prefix}:{code}": str(rows[0][0]["new_id"]) for code, rows in by_code}
        named = {key for _, line in lines for _, key in line.row.mentions()}
        ids = brought | await self._brought_later(named - brought.keys()) | await self._ids(named | brought.keys())
        entries = [
            Entry(code, ids[f"{model.prefix}:{code}"], tuple(line for _, line in rows)) for code, rows in by_code
        ]
        return entries, await self._known(entries, {key: ids[key] for key in named & ids.keys()})

    async def _ids(self, keys: Iterable[str]) -> dict[str, str]:
        """The ids on record behind keys."""
        people = {key.removeprefix("emp:") for key in keys if key.startswith("emp:")}
        codes = [key for key in keys if not key.startswith("emp:")]
        found = {code["_id"]: code["id"] for code in await self._find("codes", "_id", codes)}
        found |= {f"emp:{person['nip']}": person["_id"] for person in await self._find("people", "nip", people)}
        by_id = await self._find("employees", "_id", [one for one in people if one.startswith("emp-")], {"_id": 1})
        return found | {f"emp:{one['_id']}": one["_id"] for one in by_id}

    async def _brought_later(self, keys: Iterable[str]) -> dict[str, str]:
        """The ids of what the sheet brings in other rows than these."""
        prefix = f"{ROWS[self.kind].prefix}:"
        codes = [key.removeprefix(prefix) for key in keys if key.startswith(prefix)]
        where = {"import_id": self.import_id, "code": {"$in": codes}}
        order = [("code", -1), ("day", -1), ("row", -1)]
        found = self.db.staged_rows.find(where, {"code": 1, "new_id": 1}, session=self._session).sort(order)
        return {f"{prefix}{one['code']}": one["new_id"] async for one in found} if codes else {}

    async def _known(self, entries: Sequence[Entry], ids: dict[str, str]) -> Known:
        own = await self._documents(DECIDERS[self.kind].name, [entry.id for entry in entries])
        known = Known(self._issuer, ids, own)
        match self.kind:
            case SheetKind.UNITS:
                seats = [id_ for key, id_ in ids.items() if key.startswith("bld:")]
                return replace(known, buildings=await self._documents("buildings", seats))
            case SheetKind.POSITIONS:
                given = [terms.get("reason_text_id") for position in own.values() for terms in position["history"]]
                return replace(known, reasons=await texts.read(self.db, [id_ for id_ in given if id_]))
            case SheetKind.EMPLOYEES:
                return replace(known, subjects=await self._speakers(entries))
            case SheetKind.ACTING:
                return replace(known, employees=await self._documents("employees", ids.values()))
        return known

    async def _speakers(self, entries: Sequence[Entry]) -> dict[str, str]:
        """Whom the tokens of each subject speak for, on record or else by the first row that says so."""
        said = [(line.row.subject, entry.id) for entry in entries for line in entry.lines]
        for subject, id_ in said:
            self._subjects.setdefault(subject, id_)
        where = {"identity.iss": self._issuer, "identity.sub": {"$in": [subject for subject, _ in said]}}
        found = self.db.employees.find(where, {"identity.sub": 1}, session=self._session)
        on_record = {one["identity"]["sub"]: one["_id"] async for one in found}
        return {subject: self._subjects[subject] for subject, _ in said} | on_record

    async def _documents(self, collection: str, ids: Collection[str]) -> dict[str, Document]:
        return {one["_id"]: one for one in await self._find(collection, "_id", ids)}

    async def _find(
        self, collection: str, field: str, values: Collection[str], only: dict[str, Any] | None = None
    ) -> list[Document]:
        if not values:
            return []
        found = self.db[collection].find({field: {"$in": list(values)}}, only, session=self._session)
        return await found.to_list()
