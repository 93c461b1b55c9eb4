"""The shapes in which savings answers, and how documents become them. Pure."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from services.savings.figures import Amount, Figures, amount, bounds, figures, flat
from shared.contracts.savings import FactorSetPublished
from shared.kit.decider import Document


class UnitMonth(BaseModel):
    """What one unit saved in a month. Figures about fewer than five people are withheld, and others with them where
    the difference would give them away."""

    unit_id: str
    unit_name: str
    month: str
    withheld: bool
    people: int | None
    figures: Figures | None


class VehicleShare(BaseModel):
    """The part of a unit-month that one kind of vehicle makes."""

    vehicle: str
    days: int
    people: int
    spared_km: str
    microlitres_central: int
    sen_central: int


class UnitMonthExplained(BaseModel):
    """How a unit-month came about. The parts by vehicle and the days are for the personnel agency."""

    unit_id: str
    unit_name: str
    month: str
    people: int
    figures: list[Figures]
    formula: str
    factor_sets: list[FactorSetPublished]
    by_vehicle: list[VehicleShare] | None
    days: str | None


class InstanceMonth(BaseModel):
    """What the instance saved in a month, all units together; those withheld from a total are counted."""

    month: str
    units_left_out: int
    figures: list[Figures]


class EmployeeMonth(BaseModel):
    """What one employee saved in a month while in one unit."""

    employee_id: str
    unit_id: str
    month: str
    figures: Figures


class Posting(BaseModel):
    """A row of the savings log: what was posted, or a reversal of it."""

    posting_id: str
    employee_id: str
    day: date
    kind: str
    unit_id: str
    factor_set_id: str
    category: str
    beneficiary: str
    tier: int
    days: int
    microlitres: dict[str, int]
    sen: dict[str, int]
    at: datetime


class Told(BaseModel):
    """An event that a day was folded from."""

    type: str
    subject: str
    n: int
    id: str
    at: datetime


class DayShown(BaseModel):
    """One employee's day: realised with what it saved, or what it lacks to be."""

    employee_id: str
    day: date
    realised: bool
    lacks: list[str]
    unit_id: str | None
    factor_set_id: str | None
    microlitres: Amount | None
    sen: Amount | None


class DayExplained(DayShown):
    """The same with its formula, the figures put in, the events it was folded from, and its rows in the log."""

    formula: str
    inputs: dict[str, Any] | None
    factors: FactorSetPublished | None
    events: list[Told]
    postings: list[Posting]


class Digest(BaseModel):
    """A hash over all net positions: equal wherever the same log was folded."""

    digest: str
    positions: int


def unit_month(total: Document, names: dict[str, str], people: dict[str, int], *, withheld: bool) -> UnitMonth:
    unit_id = total["unit_id"]
    return UnitMonth(
        unit_id=unit_id,
        unit_name=names.get(unit_id, unit_id),
        month=total["month"],
        withheld=withheld,
        people=None if withheld else people.get(unit_id, 0),
        figures=None if withheld else figures(total),
    )


def unit_month_row(item: UnitMonth) -> Document:
    return item.model_dump(exclude={"figures"}) | flat(item.figures)


def day_shown(found: Document) -> DayShown:
    position = found["position"]
    return DayShown(
        employee_id=found["employee_id"],
        day=date.fromisoformat(found["day"]),
        realised=position is not None,
        lacks=found["lacks"],
        unit_id=position["unit_id"] if position else None,
        factor_set_id=position["factor_set_id"] if position else None,
        microlitres=amount(position["microlitres"], 1_000_000) if position else None,
        sen=amount(position["sen"], 100) if position else None,
    )


def day_row(item: DayShown) -> Document:
    cells = item.model_dump(include={"employee_id", "day", "realised", "unit_id", "factor_set_id"})
    cells |= bounds("microlitres", item.microlitres) | bounds("sen", item.sen)
    return cells | {"lacks": " ".join(item.lacks)}


def posting(row: Document) -> Posting:
    return Posting.model_validate({**row, "posting_id": row["_id"]})


def posting_row(item: Posting) -> Document:
    cells = item.model_dump(exclude={"microlitres", "sen"})
    for name, amounts in (("microlitres", item.microlitres), ("sen", item.sen)):
        cells |= {f"{name}_{bound}": value for bound, value in amounts.items()}
    return cells
