"""How figures of units are added up along the tree of units. Pure.

Only what a reader is shown of single units is added up, so that a sum tells nothing that they could not have added up
themselves; what is withheld is left out and counted.
"""

from collections.abc import Iterable, Mapping
from datetime import date

from services.savings.branch.model import Branch, Sum, Terms, Told, Unit
from services.savings.ledger.model import Kind
from shared.contracts.organisation import as_of
from shared.kit.base.alphabet import place

Tree = Mapping[str, Terms]


def tree_on(units: Mapping[str, Unit], day: date) -> Tree:
    """Each unit as it stood on a day; as it began, where that was later."""
    return {id_: as_of(unit.history, day) or unit.history[0] for id_, unit in units.items()}


def branches(tree: Tree, root: str | None, told: Iterable[Told]) -> list[Branch]:
    """The parts of a unit, or those that are part of none, by name; the unit itself first. Those without a figure are
    not among them."""
    sums: dict[str, dict[Kind, Sum]] = {}
    for one in told:
        if (part := _part_of(tree, root, one.total.unit_id)) is not None:
            of = sums.setdefault(part, {})
            kind = one.total.kind
            of[kind] = of.get(kind, Sum(one.total)).plus(one)
    above = {terms.parent_id for terms in tree.values()}
    found = [
        Branch(id_, tree[id_].name if id_ in tree else id_, id_ in above and id_ != root, of)
        for id_, of in sums.items()
    ]
    return sorted(found, key=lambda branch: (branch.unit_id != root, place(branch.name), branch.unit_id))


def way_to(tree: Tree, unit_id: str | None) -> list[str]:
    """A unit and those above it, from the top."""
    way: list[str] = []
    above = unit_id
    while above is not None and above in tree and above not in way:
        way.append(above)
        above = tree[above].parent_id
    return way[::-1]


def _part_of(tree: Tree, root: str | None, unit_id: str) -> str | None:
    """Which part of a unit another belongs to: none where it is not below it."""
    way = way_to(tree, unit_id) or [unit_id]
    if root is None:
        return way[0]
    if root not in way:
        return None
    return way[min(way.index(root) + 1, len(way) - 1)]
