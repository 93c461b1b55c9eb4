"""What is looked up for some rows of a sheet: the ids behind codes, and the documents that the rows touch."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby

from pydantic import ValidationError
from pymongo.asynchronous.client_session import AsyncClientSession

from services.organisation.entity.model import Person, code_of
from services.organisation.entry.model import DECIDERS, RECORDED, Entry, Known, Line
from services.organisation.row.value import ROWS, BuildingRow, EmployeeRow, Row, SheetKind, is_of, key_of
from shared.contracts.organisation import BuildingRecorded, EmployeeRecorded, PositionRecorded
from shared.kit.base.mongo import Database
from shared.kit.decisions import texts
from shared.kit.decisions.decider import Document


@dataclass(frozen=True, slots=True)
class Sheet:
    """What sheet is looked at: its kind and id, who issues the tokens that its subjects are of, the day on which it is
    looked at, and the columns that it does not have."""

    kind: SheetKind
    id: str
    issuer: str
    today: date
    absent: frozenset[str] = frozenset()


class Lookup:
    """Reads for one sheet, in a transaction where there is one."""

    def __init__(self, db: Database, sheet: Sheet, session: AsyncClientSession | None = None) -> None:
        self.db = db
        self.sheet = sheet
        self.kind = sheet.kind
        self.import_id = sheet.id
        self.session = session

    def fit(self, staged: Sequence[Document]) -> tuple[list[Document], list[Document]]:
        """Staged rows that are understood as they were when they were read, and others, with the rest of their code."""
        model = ROWS[self.kind]
        broken = {row["code"] for row in staged if not _understood(model, row)}
        return [row for row in staged if row["code"] not in broken], [row for row in staged if row["code"] in broken]

    async def look_up(self, staged: Sequence[Document]) -> tuple[list[Entry], Known]:
        """Staged rows as entries, and what is known that these touch. All rows of a code are among them."""
        model = ROWS[self.kind]
        lines = [(one, Line(one["row"], model.model_validate(one["cells"]))) for one in staged]
        by_code = [(code, list(rows)) for code, rows in groupby(lines, key=lambda pair: str(pair[0]["code"]))]
        brought = {key_of(model, code): str(rows[0][0]["new_id"]) for code, rows in by_code}
        named = {key for _, line in lines for _, key in line.row.mentions()}
        ids = brought | await self._brought_later(named - brought.keys()) | await self.ids(named | brought.keys())
        entries = [Entry(code, ids[key_of(model, code)], tuple(line for _, line in rows)) for code, rows in by_code]
        return entries, await self._known(entries, {key: ids[key] for key in named & ids.keys()})

    async def ids(self, keys: Iterable[str]) -> dict[str, str]:
        """The ids on record behind keys."""
        people = {code_of(key) for key in keys if is_of(EmployeeRow, key)}
        codes = [key for key in keys if not is_of(EmployeeRow, key)]
        found = {code["_id"]: code["id"] for code in await self._find("codes", "_id", codes)}
        found |= {key_of(EmployeeRow, one["nip"]): one["_id"] for one in await self._find("people", "nip", people)}
        by_id = await self._find("employees", "_id", [one for one in people if one.startswith("emp-")], {"_id": 1})
        return found | {key_of(EmployeeRow, one["_id"]): one["_id"] for one in by_id}

    async def _brought_later(self, keys: Iterable[str]) -> dict[str, str]:
        """The ids of what the sheet brings in other rows than these."""
        model = ROWS[self.kind]
        codes = [code_of(key) for key in keys if is_of(model, key)]
        where = {"import_id": self.import_id, "code": {"$in": codes}}
        order = [("code", -1), ("day", -1), ("row", -1)]
        found = self.db.staged_rows.find(where, {"code": 1, "new_id": 1}, session=self.session).sort(order)
        return {key_of(model, one["code"]): one["new_id"] async for one in found} if codes else {}

    async def _known(self, entries: Sequence[Entry], ids: dict[str, str]) -> Known:
        found = await self._find(DECIDERS[self.kind].name, "_id", [entry.id for entry in entries])
        own = {one["_id"]: RECORDED[self.kind].model_validate(one, strict=False) for one in found}
        known = Known(self.sheet.issuer, self.sheet.today, self.sheet.absent, ids, own)
        match self.kind:
            case SheetKind.UNITS:
                seats = await self._find(
                    "buildings", "_id", [id_ for key, id_ in ids.items() if is_of(BuildingRow, key)]
                )
                buildings = (BuildingRecorded.model_validate(one, strict=False) for one in seats)
                return replace(known, buildings={one.building_id: one for one in buildings})
            case SheetKind.POSITIONS:
                positions = [one for one in own.values() if isinstance(one, PositionRecorded)]
                given = [terms.reason_text_id for position in positions for terms in position.history]
                return replace(known, reasons=await texts.read(self.db, [id_ for id_ in given if id_]))
            case SheetKind.EMPLOYEES:
                people = await self._find("people", "_id", list(own))
                return replace(known, people={one["_id"]: Person(one["nip"], one["name"]) for one in people})
            case SheetKind.ACTING | SheetKind.ABSENCES:
                named = await self._find("employees", "_id", ids.values())
                employees = (EmployeeRecorded.model_validate(one, strict=False) for one in named)
                return replace(known, employees={one.employee_id: one for one in employees})
        return known

    async def _find(
        self, collection: str, field: str, values: Collection[str], only: dict[str, int] | None = None
    ) -> list[Document]:
        if not values:
            return []
        found = self.db[collection].find({field: {"$in": list(values)}}, only, session=self.session)
        return await found.to_list()


def _understood(model: type[Row], staged: Document) -> bool:
    try:
        return bool(model.model_validate(staged["cells"]).code == staged["code"])
    except ValidationError:
        return False


def keys_of(kind: type[Row]) -> Document:
    """A filter of codes: those of one kind of rows."""
    first = key_of(kind, "")
    return {"_id": {"$gte": first, "$lt": f"{first[:-1]};"}}
