"""What performance publishes of a month to analysts, and whom each figure is about: MKD and office results of a unit
are beside each other."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from pymongo.asynchronous.client_session import AsyncClientSession

from services.performance.plan.value import SUMS
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.people.published import Publishing
from shared.people.publishing import Figure, Unit, Units


async def live(session: AsyncClientSession, models: Models, month: str) -> Units:
    """The units' months as they are now."""
    where = {"month": month, "agreed": {"$gt": 0}}
    unit_months = await models["unit_months"].find(where, session=session).to_list()
    return units(unit_months, await models["employee_months"].find(where, session=session).to_list())


def units(unit_months: Iterable[Document], employee_months: Iterable[Document]) -> Units:
    """The units' figures by mode, and whose results they are. Pure."""
    numbers: dict[str, dict[str, dict[str, str]]] = {}
    for one in employee_months:
        numbers.setdefault(one["unit_id"], {}).setdefault(one["mode"], {})[one["employee_id"]] = _worth(one)
    figures: dict[str, dict[str, Figure]] = {}
    for total in unit_months:
        mode = total["mode"]
        value = {name: total.get(name, 0) for name in SUMS}
        figures.setdefault(total["unit_id"], {})[mode] = Figure({"mode": mode}, value, (mode,))
    return {unit_id: Unit(figures.get(unit_id, {}), numbers.get(unit_id, {})) for unit_id in {*numbers, *figures}}


def _worth(one: Document) -> str:
    told = json.dumps([one.get(name, 0) for name in SUMS])
    return hashlib.blake2b(told.encode(), digest_size=9).hexdigest()


def added(totals: Sequence[Document]) -> Document:
    """The sum of units' results of one mode. It is not answered; but whoever knows it otherwise learns nothing of a
    unit that is withheld."""
    return {name: sum(total[name] for total in totals) for name in SUMS}


PUBLISHING = Publishing("performance.publishing", live, added)
