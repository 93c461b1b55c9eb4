"""What batches look up again and again, such as people: kept in the process while nobody changes any of it."""

from collections.abc import Sequence

from shared.kit.base import tasks
from shared.kit.base.generations import Models
from shared.kit.decisions.decider import Document
from shared.kit.projections.remembered import Kept
from shared.kit.projections.writeset import ANY_MONTH, VERSIONS, Known, LoadPlan, counts_of

KEPT_MAX = 10_000
"""So many documents are kept; beyond that all are forgotten, and looked up anew."""
AT_ONCE = 10_000
"""Documents that come with one answer, as far as these may be so large."""
Found = dict[str, list[Kept]]
"""By a value that was asked for, the documents that have it; by an empty one, all."""


class LookedUp:
    """The documents of a generation that were looked up last, and how the counts stood then."""

    def __init__(self, models: Models) -> None:
        self._models = models
        self._counts: Sequence[Document] = ()
        self._kept: dict[str, Found] = {}
        self._many = 0

    async def load(self, plan: LoadPlan) -> Known:
        """The documents that a plan asks for, by collection and id: those with one of some values in a field, or all
        of a collection."""
        if not plan:
            return {}
        counts = await self._models[VERSIONS].find(counts_of(ANY_MONTH)).sort("_id", 1).to_list()
        if counts != self._counts or self._many > KEPT_MAX:
            self._counts, self._kept, self._many = counts, {}, 0
        kept = self._kept
        await tasks.together(*(self._look_up(kept.setdefault(name, {}), name, where) for name, where in plan.items()))
        return {
            name: {str(one["_id"]): one for value in _asked(where)[1] for one in kept[name][value]}
            for name, where in plan.items()
        }

    async def _look_up(self, kept: Found, name: str, where: Document) -> None:
        field, values = _asked(where)
        if lacking := [value for value in values if value not in kept]:
            narrowed = {field: {"$in": lacking}} if field else {}
            found = await self._models[name].find(narrowed, batch_size=AT_ONCE).to_list()
            kept.update({value: [] for value in lacking})
            for one in found:
                kept[str(one[field]) if field else ""].append(Kept(one))
            self._many += len(found)


def _asked(where: Document) -> tuple[str, Sequence[str]]:
    """The field by which documents are asked for, and its values; none where all are."""
    if not where:
        return "", ("",)
    ((field, values),) = where.items()
    return field, values["$in"]
