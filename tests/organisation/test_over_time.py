"""What must not be on any day is found, whichever rows say it and in whatever order: against counting day by day."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.organisation.absence.rules import days_away, overlaps
from services.organisation.entity.decide import all_amended
from services.organisation.export.document import in_natural_order
from services.organisation.hierarchy.rules import Belonging, circles
from services.organisation.mandate.rules import PLT_MONTHS_IN_ALL_MAX, PLT_MONTHS_MAX, months_after
from services.organisation.right.rules import favoured
from services.organisation.sheet.queries import add_up, alike
from shared.contracts.organisation import (
    AbsenceKind,
    AbsenceTerms,
    ActingKind,
    ActingTerms,
    Role,
    as_of,
)
from tests.harness import made

START = date(2026, 1, 1)
days = st.integers(0, 12).map(lambda at: START + timedelta(days=at))
NAMES = "abcd"

links = st.dictionaries(
    st.sampled_from(NAMES),
    st.dictionaries(days, st.tuples(st.sampled_from([*NAMES, None]), st.booleans()), min_size=1, max_size=3),
    max_size=4,
)


@given(links)
def test_a_circle_on_any_day_is_found_and_nothing_else(said: dict[str, dict[date, tuple[str | None, bool]]]) -> None:
    led = {
        name: [Belonging(day, parent, 1 if of_sheet else None) for day, (parent, of_sheet) in sorted(by_day.items())]
        for name, by_day in said.items()
    }

    def circle_on(day: date) -> bool:
        """Whether somebody leads themselves on a day, over a row of the sheet."""
        standing = {name: [one for one in links if one.since <= day][-1:] for name, links in led.items()}
        now = {name: links[0] for name, links in standing.items() if links}
        for start in now:
            walked: list[Belonging] = []
            at = start
            while at in now and len(walked) <= len(NAMES):
                walked.append(now[at])
                at = now[at].parent or ""
                if at == start:
                    if any(one.row for one in walked):
                        return True
                    break
        return False

    assert bool(circles(led, deep=True)) == any(circle_on(START + timedelta(days=at)) for at in range(14))


absent = st.lists(st.tuples(st.sampled_from(["abs-1", "abs-2", "abs-3"]), days, st.integers(-1, 6)), max_size=6)


@given(absent)
def test_two_absences_on_one_day_are_found_and_nothing_else(said: list[tuple[str, date, int]]) -> None:
    histories: dict[str, tuple[AbsenceTerms, ...]] = {}
    for id_, day, length in said:
        terms = AbsenceTerms(effective_from=day, ends_on=day + timedelta(days=length), kind=AbsenceKind.LEAVE)
        histories[id_] = all_amended(histories.get(id_, ()), [terms])
    rows = {START + timedelta(days=at): at + 2 for at in range(20)}
    away = [one for id_, history in histories.items() for one in days_away(id_, history, rows)]
    held = [sum(_holds(history, day) for history in histories.values()) for day in rows]
    assert bool(list(overlaps(away))) == (max(held, default=0) > 1)


def _holds(history: tuple[AbsenceTerms, ...], day: date) -> bool:
    terms = as_of(history, day)
    return terms is not None and day <= terms.ends_on


letters = st.lists(st.tuples(st.integers(0, 900), st.integers(0, 100)), min_size=1, max_size=6)


@given(letters)
def test_letters_that_are_accepted_never_add_up_to_more_than_the_law_allows(said: list[tuple[int, int]]) -> None:
    terms = [
        ActingTerms(
            effective_from=START + timedelta(days=first),
            ends_on=START + timedelta(days=first + length),
            kind=ActingKind.PLT,
            for_id="emp-eka0",
            acting_id="emp-budi",
        )
        for first, length in said
    ]
    if list(add_up([(one, number) for number, one in enumerate(terms, start=2)])):
        return
    run, until = START, date.min
    for one in sorted(terms, key=lambda one: one.effective_from):
        if until == date.min or one.effective_from > months_after(until, PLT_MONTHS_MAX):
            run = one.effective_from
        until = max(until, one.ends_on)
        assert until < months_after(run, PLT_MONTHS_IN_ALL_MAX)
        assert one.ends_on < months_after(one.effective_from, PLT_MONTHS_MAX)


@given(st.sets(st.sampled_from(list(Role))), st.sets(st.sampled_from(list(Role))), st.booleans())
def test_roles_are_never_changed_by_one_person(was: set[Role], will: set[Role], own: bool) -> None:
    before = made.employee(made.ANI, {"roles": tuple(sorted(was))})
    after = made.employee(made.ANI, {"roles": tuple(sorted(will))})
    assert favoured(before, after, made.ANI if own else made.CITRA, ()) is (was != will)
    assert favoured(None, after, made.CITRA, ()) is bool(will)


@given(st.text(st.sampled_from("0aB 7'"), min_size=1, max_size=6))
def test_what_a_spreadsheet_makes_of_a_code_is_alike(code: str) -> None:
    for changed in (code.lower(), code.upper(), f"0{code}", f" {code} ", f"'{code}", code.lstrip("0") or code):
        assert alike(changed) == alike(code)


@given(st.lists(st.integers(0, 10**6), unique=True))
def test_codes_are_in_the_order_in_which_people_count(numbers: list[int]) -> None:
    codes = sorted((f"unit-{number}" for number in numbers), key=in_natural_order)
    assert codes == [f"unit-{number}" for number in sorted(numbers)]
    mixed = sorted([*codes, "\u00b2", "unit-", "Unit-5b", "12"], key=in_natural_order)
    assert mixed.index("12") == 0
