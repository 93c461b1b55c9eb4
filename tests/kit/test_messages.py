"""What is said to people: each rule has its message, both languages name the same facts, and none is left over."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from string import Formatter

import pytest
from pydantic import BaseModel

from deploy.base.home import ROOT
from deploy.provision.resources import services
from services.organisation.import_.model import Status
from services.organisation.preview.document import Becomes
from services.organisation.row.value import ROWS, SheetKind
from services.performance.series import schemas as results
from services.performance.series.value import Conclusion
from services.portal.account.value import NEEDED
from services.portal.app import PORTAL
from services.portal.course.api import DONE
from services.portal.dead_letter.model import STATUSES
from services.portal.mandate.value import ORDER
from services.portal.open_month.queries import DOWNLOADS
from services.portal.record.model import PositionTerms, Terms, UnitTerms
from services.portal.request.model import MEASURES
from services.portal.version.value import parts
from services.requests.policy.commands import shipped
from services.savings.category.value import FORMULAS
from services.savings.month.schemas import LACKED
from services.savings.open_month import schemas as savings
from shared.contracts import approvals, performance, requests
from shared.contracts.organisation import ActingKind, FigureKind, Fuel, UnitKind, Vehicle
from shared.contracts.savings import Beneficiary, Category
from shared.contracts.values import PlaceCategory
from shared.kit.base.catalogue import KIT, LANGUAGES, Catalogue, read
from shared.kit.base.reasons import FIELD_REASONS
from shared.kit.process.needs import Urgency
from shared.people.openly import Region
from tests.harness.factors import command

MAKERS = {
    "Violation",
    "Refusal",
    "Unauthenticated",
    "no_right",
    "wrong_state",
    "missing",
    "RowProblem",
    "PydanticCustomError",
    "SignInRefused",
}
OF_RECORDS = {
    *("bad-field", "bad-header", "foreign-source", "gap", "handler-failed", "no-value", "not-a-cloudevent", "not-json"),
    *("null-header", "too-large", "unknown-type", "unknown-version", "wrong-key"),
}
"""Rules of records, which the operator's pages explain."""

LACKS = (*LACKED, "revoked", "withdrawn", "day-off", "absence")
UNITS = (
    *("days", "percent", "times", "km-per-litre", "rupiah-per-litre", "rupiah-per-kwh", "rupiah-per-day", "wh-per-km"),
    *("watt", "watt-hour", "gram-per-litre", "milligram-per-litre", "gram-per-kwh"),
)
"""Units of amounts that are published in versions."""

NEEDS = {
    *re.findall(r'Need\("([a-z-]+)"', (ROOT / "shared" / "kit" / "process" / "needs.py").read_text()),
    *(f"check-{check}" for check in ("mongodb", "clock", "kafka", "consumers")),
}
"""What may need a human."""

INPUTS = (
    *("vehicle", "spared_km", "occupants", "km_per_litre", "km_per_litre_stated", "rebound_ppm", "fuel"),
    *("sen_per_litre", "workstation_watts", "work_minutes", "cooling_watt_hours", "tariff_class"),
    *("grams_per_litre", "grams_per_kilowatt_hour", "electric_watt_hours_per_km"),
)
"""What savings says that a day lacks, and what it puts into formulas, as far as pages have words for it."""


def meanings(row: type[BaseModel]) -> set[str]:
    """The messages that say what columns of open data mean."""
    return {f"column-{column.replace('_', '-')}" for column in row.model_fields}


DRAFTED = {
    of
    for document in (
        {**command().model_dump(mode="json"), "office_electricity_tax_ppm": {"low": 1}},
        *(policy.model_dump(mode="json") for policy in shipped()),
    )
    for part in parts(document, ("seed", "draws", "title", "effective_from"))
    for of in (
        ("part", part.name),
        *(("leaf", group.name) for group in part.groups),
        *(("leaf", leaf.name) for group in part.groups for leaf in group.leaves),
    )
}
"""The parts and fields of a policy and of a factor set, as a form names them."""
SHOWN = (Terms, UnitTerms, PositionTerms)
MADE = {
    "savings": {*(f"range-{category.replace('_', '-')}" for category in FORMULAS), *meanings(savings.OpenRow)},
    "performance": meanings(results.OpenRow),
    "shared.kit.base": meanings(Region) | meanings(savings.OpenRow) & meanings(results.OpenRow),
    "organisation": {
        *FIELD_REASONS,
        *(f"guide-{kind.value}" for kind in SheetKind),
        *(f"guide-column-{column}" for row in ROWS.values() for column in row.model_fields),
    },
    "portal": {
        *(f"open-file-{name}" for name in DOWNLOADS),
        *(f"verdict-{verdict}" for verdict in Conclusion),
        *(f"category-{category}".replace("_", "-") for category in Category),
        *(f"beneficiary-{beneficiary}".replace("_", "-") for beneficiary in Beneficiary),
        *(f"place-{place}".replace("_", "-") for place in PlaceCategory),
        *(f"{kind}-{measure}" for kind in ("measure", "count") for measure in MEASURES),
        *(f"method-{method}" for method in ("p10-p90", "worst-with-worst", "none")),
        *(f"amount-{measure}" for measure in ("litre", "kwh", "kg-co2e")),
        *(f"language-{language}" for language in LANGUAGES),
        *(f"step-{event.type}" for said in (approvals, performance, requests) for event in said.EVENTS),
        *(f"course-done-{done}" for done in DONE),
        *(f"lack-{lack}" for lack in LACKS),
        *(f"formula-{category}".replace("_", "-") for category in FORMULAS),
        *(f"put-{vehicle.value}" for vehicle in Vehicle),
        *(f"input-{name}".replace("_", "-") for name in INPUTS),
        *(f"sheet-{kind}" for kind in SheetKind),
        *(f"import-{status}" for status in Status),
        *(f"becomes-{becomes}" for becomes in Becomes),
        *(f"column-{column}".replace("_", "-") for row in ROWS.values() for column in row.model_fields),
        *(f"unit-kind-{kind}".replace("_", "-") for kind in UnitKind),
        *(f"acting-{kind}" for kind in ActingKind),
        *(f"{kind}-{name}".replace("_", "-") for kind, name in DRAFTED),
        *(f"draft-{kind}" for kind in ("number", "decimal", "day", "days", "numbers")),
        *(f"account-{says}-{kind}" for says in ("reads", "figures") for kind in FigureKind),
        *(f"account-give-{name}".replace("_", "-") for name in (*NEEDED, "scope", "units")),
        *(f"fuel-{fuel}" for fuel in Fuel),
        *(f"mandate-{state}" for state in ORDER),
        *(f"letter-{status}" for status in STATUSES),
        *(f"urgency-{urgency}" for urgency in Urgency),
        *(f"need-{rule}" for rule in ("service-away", *NEEDS)),
        *(f"version-{state}" for state in ("in-force", "to-come", "over", "corrected")),
        *(f"value-{unit}" for unit in UNITS),
        *(f"{gas}-warming" for gas in ("factor-methane", "factor-nitrous-oxide")),
        *(f"field-{name}".replace("_", "-") for terms in SHOWN for name in terms.model_fields),
        *(f"step-{one}" for one in ("employee-recorded", "employee-renamed", "unit-recorded", "position-recorded")),
        "tier-1",
    },
}
"""Names that the code puts together."""

FILES = {
    path
    for top in ("services", "shared")
    for path in (ROOT / top).rglob("*.json")
    if "messages" in path.relative_to(ROOT).parts
}


def rules_in(folder: Path) -> set[str]:
    """Rules that the code of a folder names where it refuses."""
    return {rule for file in folder.rglob("*.py") for rule in said_in(file)[0]}


def texts_in(folder: Path) -> set[str]:
    """Every text that stands in the code of a folder, or is asked for in its pages."""
    named = re.compile(r"\"([a-z0-9-]+)\"")
    pages = {text for file in folder.rglob("*.html") for text in named.findall(file.read_text())}
    return pages | {text for file in folder.rglob("*.py") for text in said_in(file)[1]}


@cache
def said_in(file: Path) -> tuple[set[str], set[str]]:
    """The rules that a file names where it refuses, and every text that stands in it."""
    rules, texts = set[str](), set[str]()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in MAKERS:
            named = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
            rules |= {text for text in named if re.fullmatch(r"[a-z]+(-[a-z]+)+", text)}
        elif isinstance(node, ast.Yield) and isinstance(node.value, ast.Tuple):
            rules |= {str(e.value) for e in node.value.elts[1:] if isinstance(e, ast.Constant)}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            texts.add(node.value)
    return rules, texts


def catalogues() -> Iterator[tuple[str, Catalogue]]:
    """Every catalogue there is, by its package."""
    yield "shared.kit.base", KIT
    yield "shared.kit.base/values", read("shared.kit.base", "messages/values")
    for service in services():
        yield f"services.{service.name}", service.messages
    yield "services.portal", PORTAL.messages


of_each = pytest.mark.parametrize(
    ("package", "catalogue"), [*catalogues()], ids=lambda part: part if isinstance(part, str) else ""
)


def facts_of(message: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


@pytest.mark.parametrize("service", services(), ids=lambda service: service.name)
def test_every_rule_of_a_service_has_its_message(service: object) -> None:
    name = service.name  # type: ignore[attr-defined]
    rules = rules_in(ROOT / "services" / name) | rules_in(ROOT / "shared" / "people")
    rules |= rules_in(ROOT / "shared" / "spreadsheets") if name == "organisation" else set()
    assert rules or not list((ROOT / "services" / name).glob("*/decide.py"))
    messages: Catalogue = KIT | service.messages  # type: ignore[attr-defined]
    assert {rule for rule in rules - FIELD_REASONS.keys() if rule not in messages} == set()


def test_every_rule_of_the_portal_has_its_message() -> None:
    rules = rules_in(ROOT / "services" / "portal")
    assert {"sign-in-refused", "form-of-another-site"} <= rules
    assert {rule for rule in rules if rule not in KIT | PORTAL.messages} == set()


def test_the_portal_says_the_formulas_that_hold() -> None:
    english = PORTAL.messages.by_language["en"]
    assert {name: english[f"formula-{name}".replace("_", "-")] for name in FORMULAS} == FORMULAS


def test_every_rule_of_a_record_has_its_advice_and_every_need_its_words() -> None:
    files = [*(ROOT / "shared" / "kit").rglob("*.py"), ROOT / "shared" / "contracts" / "event.py"]
    raised = {rule for file in files for rule in re.findall(r'Rejected\("([a-z-]+)"', file.read_text())}
    said = {name for name in PORTAL.messages.by_language["id"] if name.startswith(("advice-", "need-"))}
    assert {one.removeprefix("advice-") for one in said if one.startswith("advice-")} == raised | {
        "not-json",
        "bad-field",
    }
    assert {f"need-{rule}" for rule in NEEDS} <= said


def test_every_rule_of_the_kit_has_its_message() -> None:
    kit = rules_in(ROOT / "shared" / "kit")
    assert {rule for rule in kit - OF_RECORDS if rule not in KIT} == set()


def test_every_file_is_one_of_a_catalogue() -> None:
    known = {
        ROOT.joinpath(*package.partition("/")[0].split("."), "messages", package.partition("/")[2], f"{language}.json")
        for package, _ in catalogues()
        for language in LANGUAGES
    }
    assert FILES - known == {ROOT / "shared" / "kit" / "base" / "messages" / "reasons" / "id.json"}
    assert known <= FILES


@of_each
def test_both_languages_have_the_same_names_and_facts(package: str, catalogue: Catalogue) -> None:
    indonesian, english = (catalogue.by_language[language] for language in LANGUAGES)
    assert indonesian.keys() == english.keys()
    for name in indonesian:
        assert facts_of(indonesian[name]) == facts_of(english[name]), name
        assert indonesian[name].strip(), name
        assert english[name].strip(), name
        assert " " not in english[name] or indonesian[name] != english[name], name


@of_each
def test_no_message_is_left_over(package: str, catalogue: Catalogue) -> None:
    """A name that stands nowhere in the code that can use it belongs to a rule that is gone."""
    service = package.removeprefix("services.")
    own = f"services/{service}" if service != package else "services"
    said = texts_in(ROOT / "shared") | texts_in(ROOT / own) | MADE.get(service, set())
    made = re.compile(r"(status|weekday)-\d+" if package == "shared.kit.base" else "advice-[a-z-]+|[a-z]+-none")
    left = {name for name in catalogue.by_language["id"] if name not in said and not made.fullmatch(name)}
    assert left == set()


def test_a_message_of_a_rule_that_is_gone_would_be_noticed() -> None:
    gone = Catalogue({language: {"no-such-rule-in-code": "x y"} for language in LANGUAGES})
    with pytest.raises(AssertionError, match="no-such-rule-in-code"):
        test_no_message_is_left_over("services.requests", gone)


def test_a_message_is_filled_with_its_facts() -> None:
    facts = {"value": 8}
    assert KIT.text("en", "version-changed", facts) == "It has changed since you saw it; its version is now 8."
    assert KIT.text("id", "version-changed", facts).endswith("versinya sekarang 8.")


@pytest.mark.parametrize(("wait_s", "said"), [(1, "in 1 second."), (2, "in 2 seconds."), (0, "in 0 seconds.")])
def test_one_and_several_are_told_apart(wait_s: int, said: str) -> None:
    assert KIT.text("en", "too-many-calls", {"wait_s": wait_s}).endswith(said)
    assert KIT.template("en", "too-many-calls").endswith("in {wait_s} seconds.")


def test_every_column_of_every_sheet_is_a_word() -> None:
    assert all(re.fullmatch("[a-z_]+", column) for row in ROWS.values() for column in row.model_fields)


def test_thousands_are_set_apart_as_a_language_does() -> None:
    said = Catalogue({language: {"of": "{count} {count:thing|things}, {word}"} for language in LANGUAGES})
    told = [said.text(language, "of", {"count": 1172, "word": "1172"}) for language in ("id", "en")]
    assert told == ["1.172 things, 1172", "1,172 things, 1172"]
    assert said.text("id", "of", {"count": 1, "word": True}) == "1 thing, True"
