"""What organisation tells those who follow changes."""

from collections.abc import Iterable

from shared.kit.base.following import Changed
from shared.people.context import MAY_LOAD
from shared.people.live import Item, Kind, of_employees, of_everybody


def _mandates(changed: Changed) -> Iterable[Item]:
    named = {who for terms in changed.document.get("history", ()) for who in terms.values()}
    return [Item("mandate", changed.id, str(changed.document.get("n", "")), who, led=False) for who in sorted(named)]


KINDS = (
    of_employees("employee", "an employee's record, for those who may see it.", "employees"),
    of_employees("absence", "an absence, for those who may see it.", "absences"),
    Kind("acting_assignments", "mandate", "a mandate that you give or hold.", _mandates),
    of_everybody("unit", "a unit.", "units"),
    of_everybody("building", "a building.", "buildings"),
    of_everybody("position", "a position.", "positions"),
    of_everybody("account", "a service account, for those who record them.", "accounts", MAY_LOAD),
    of_everybody("import", "a sheet that is loaded, for those who load sheets.", "imports", MAY_LOAD),
)
