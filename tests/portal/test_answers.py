"""What pages take from the services is in the services' own documents, and nothing that is sent breaks a page."""

import json
from urllib.parse import quote

import pytest
from pydantic import BaseModel

from deploy.base.home import ROOT
from services.portal import reach
from services.portal.account import model as account
from services.portal.branch import model as branch
from services.portal.calendar import model as calendar
from services.portal.completeness import model as completeness
from services.portal.course import model as course
from services.portal.dashboard import model as dashboard
from services.portal.dead_letter import model as dead_letter
from services.portal.desk import model as desk
from services.portal.employee import model as employee
from services.portal.erasure import model as erasure
from services.portal.explanation import model as explanation
from services.portal.factor_set import model as factor_set
from services.portal.open_month import model as open_month
from services.portal.operation import model as operation
from services.portal.person import model as person
from services.portal.policy import model as policy
from services.portal.record import model as record
from services.portal.report import model as report
from services.portal.request import model as request
from services.portal.results import model as results
from services.portal.series import model as series
from services.portal.settings import PortalSettings
from services.portal.sheet import model as sheet
from services.portal.team import model as team
from services.portal.today import model as today
from services.portal.verification import model as verification
from tests.harness.platform import Platform
from tests.harness.portal import PUBLIC, Portal
from tests.harness.town import open_town, subject

TAKEN: dict[str, dict[str, tuple[type[BaseModel], ...]]] = {
    "organisation": {
        "Profile": (person.Profile,),
        "NamedEmployee": (person.NamedEmployee,),
        "NamedUnit": (person.NamedUnit,),
        "Employee": (person.Employee, record.Record, erasure.Erased),
        "EmployeeTerms": (record.Terms,),
        "Commute": (record.Commute,),
        "Unit": (record.Unit,),
        "UnitTerms": (record.UnitTerms,),
        "Position": (record.Position,),
        "PositionTerms": (record.PositionTerms,),
        "PositionExplained": (record.PositionExplained,),
        "ActingAssignment": (record.Mandate,),
        "ActingTerms": (record.MandateTerms,),
        "Change_EmployeeTerms_": (record.Change[record.Terms],),
        "Change_UnitTerms_": (record.Change[record.UnitTerms],),
        "Change_PositionTerms_": (record.Change[record.PositionTerms],),
        "TermsChange_EmployeeTerms_": (record.TermsChange[record.Terms],),
        "Account": (account.Account,),
        "AccountTerms": (account.AccountTerms,),
        "Import": (sheet.Import,),
        "ImportListed": (sheet.Listed,),
        "CellProblem": (sheet.CellProblem,),
        "RowPreview": (sheet.Row,),
        "Change": (sheet.Change,),
        "Absence": (team.Absence,),
        "AbsenceTerms": (team.AbsenceTerms,),
    },
    "requests": {
        "Week": (today.Week,),
        "WeekDay": (today.Day,),
        "Asked": (today.Asked,),
        "Hours": (today.Hours,),
        "Place": (today.Place,),
        "RequestResponse": (
            today.Request,
            desk.Asked,
            request.Submitted,
            course.Taken,
            team.Asked,
            verification.Titled,
            employee.Asked,
        ),
        "PolicyPublished": (policy.Policy,),
        "Limit": (policy.Limit,),
        "Demand": (policy.Demand,),
        "WorkCalendar": (policy.Calendar,),
        "NamedDay": (policy.NamedDay,),
        "WorkHours": (policy.WorkHours,),
        "DailyHours": (policy.Hours,),
        "SeasonHours": (policy.Season,),
        "RequestWithHistory": (course.Followed,),
        "Step": (course.Step,),
        "TimeWindow": (course.Window,),
        "Month": (calendar.Month,),
        "AbsentDay": (calendar.AbsentDay,),
        "Checked": (request.Checked,),
        "Quota": (request.Quota,),
        "OutputResponse": (today.Title,),
        "Problem": (reach.Problem, desk.Refusal),
        "ProblemItem": (reach.Item, request.Violation),
    },
    "approvals": {
        "CaseResponse": (desk.Case, today.Case, course.Taken),
        "CaseWithHistory": (course.Decided,),
        "Step": (course.Step,),
        "Summary": (today.Summary,),
        "AllDone": (desk.AllDone,),
        "ItemDone": (desk.Done,),
    },
    "performance": {
        "PlanResponse": (today.Plan, verification.Plan),
        "PlanWithHistory": (course.Worked,),
        "Step": (course.Step,),
        "OutputResponse": (today.Output, verification.Reported),
        "AllDone": (report.AllReported, verification.AllDone),
        "ResultsSeries": (results.ResultsSeries,),
        "ResultsMonth": (results.ResultsMonth,),
        "ModeResults": (results.ModeResults,),
        "Comparison": (results.Comparison,),
        "Compared": (results.Compared,),
        "Results": (results.Results,),
        "ItemDone": (report.Reported, verification.Done),
    },
    "savings": {
        "InstanceMonth": (dashboard.InstanceMonth,),
        "Figures": (dashboard.Figures,),
        "UnitMonth": (dashboard.UnitMonth,),
        "UnitMonthExplained": (explanation.UnitMonth,),
        "DayResponse": (explanation.Day,),
        "DayExplained": (explanation.DayExplained,),
        "Entry": (explanation.Entry,),
        "FoldedEvent": (explanation.FoldedEvent,),
        "Completeness": (completeness.Gaps,),
        "FactorSetPublished": (explanation.FactorSet, factor_set.FactorSet),
        "Band": (factor_set.Band,),
        "FuelEconomy": (factor_set.Economy,),
        "Rebound": (factor_set.Rebound,),
        "FuelPrice": (factor_set.FuelPrice,),
        "TariffPrice": (factor_set.TariffPrice,),
        "MealAllowance": (factor_set.MealAllowance,),
        "HomeElectricity": (factor_set.Home,),
        "TraceGas": (factor_set.TraceGas,),
        "Carbon": (factor_set.Carbon,),
        "BudgetLineOf": (factor_set.BudgetLine,),
        "Simulation": (factor_set.Simulation,),
        "Series": (series.Series,),
        "SeriesMonth": (series.SeriesMonth,),
        "OpenSavings": (open_month.OpenSavings,),
        "Words": (open_month.Words,),
        "Branches": (branch.Branches,),
        "BranchMonth": (branch.BranchMonth,),
        "BranchSum": (branch.BranchSum,),
        "UnitName": (branch.UnitName,),
        "Amounts": (dashboard.Amounts,),
        "Amount": (dashboard.Amount,),
    },
}
OF_OPERATION: dict[str, tuple[type[BaseModel], ...]] = {
    "Operation": (operation.State,),
    "NeedItem": (operation.Need,),
    "OutboxItem": (operation.Outbox,),
    "PartitionItem": (operation.Partition,),
    "TopicItem": (operation.Topic,),
    "StopItem": (operation.Stop,),
    "ConsumerItem": (operation.Consumer,),
    "AsideItem": (operation.Aside,),
    "ParkedItem": (operation.Parked,),
    "JobItem": (operation.Job,),
    "LeaseItem": (operation.Lease,),
    "WorkerItem": (operation.Worker,),
    "LossItem": (operation.Loss,),
    "Resumed": (operation.Resumed,),
    "DeadLetter": (dead_letter.Letter,),
    "DeadLetterDetail": (dead_letter.Detail,),
    "DeadLetterContent": (dead_letter.Content,),
    "HeaderItem": (dead_letter.Header,),
}
"""What every service answers those who operate."""

OF_RECORDS = ("/people", "/units", "/positions", "/imports", "/policies", "/factor-sets", "/imports/templates")
HOSTILE = ("", "\x00", "'", "a" * 5000, "-1", "99999999999999999999", "2026-13", "\ud7ff\u202e", "%00", "[]", "{{7*7}}")


def test_a_portal_is_reached_over_tls_or_on_this_machine(portal: Portal) -> None:
    its = {"demo": False, "demo_clock_file": None, "issuer": "https://id.example"}
    said = portal.app.state.settings.model_dump() | its
    for good, host in (("https://mkd.example", "mkd.example"), ("http://127.0.0.1:18118", "127.0.0.1")):
        assert PortalSettings.model_validate(said | {"public_url": good}).hosts.endswith(host)
    with pytest.raises(ValueError, match="MKD_PUBLIC_URL must be an https address"):
        PortalSettings.model_validate(said | {"public_url": "http://mkd.example"})


@pytest.mark.parametrize("service", TAKEN)
def test_what_a_page_takes_is_documented(service: str) -> None:
    schemas = json.loads((ROOT / "docs" / "api" / f"{service}.openapi.json").read_text())["components"]["schemas"]
    for name, models in (TAKEN[service] | OF_OPERATION).items():
        for model in models:
            assert set(model.model_fields) <= set(schemas[name]["properties"]), (service, name, model)


async def test_nothing_that_is_sent_breaks_a_page(memory: Platform, portal: Portal) -> None:
    await open_town(memory)
    budi = await portal.signed_in(subject("budi"))
    form = (await budi.page("/requests/new")).form("/requests/new")
    csrf = dict(form.fields)["csrf"]
    for value in HOSTILE:
        for path, name in (
            ("/requests/new", "day"),
            ("/requests/new", "like"),
            ("/desk/outputs", "employee"),
            ("/desk/outputs", "until"),
            ("/desk/outputs", "output"),
            ("/savings", "month"),
            ("/series", "from"),
            ("/series", "category"),
            ("/series", "unit"),
            ("/series.csv", "to"),
            ("/dashboard.csv", "month"),
            ("/dashboard", "month"),
            ("/dashboard", "category"),
            ("/dashboard/parts", "month"),
            ("/results", "from"),
            ("/results.csv", "to"),
            ("/open", "month"),
            ("/dashboard/parts", "unit"),
            ("/dashboard/parts.csv", "category"),
            ("/desk", "done"),
            ("/today", "sent"),
            ("/people", "unit"),
            ("/units", "search"),
            ("/positions", "search"),
            ("/positions", "page"),
            ("/units", "page"),
            ("/imports", "kind"),
            ("/imports", "cursor"),
            ("/completeness", "month"),
            ("/completeness.csv", "month"),
            ("/policies/none", "with"),
            ("/sign-in", "to"),
            ("/signed-in", "state"),
        ):
            answer = await budi.http.get(path, params={name: value})
            assert answer.status_code < 500, (path, name, value)
        for path in ("/requests", "/calendar", "/savings/x", "/dashboard/units/x", *OF_RECORDS):
            answer = await budi.http.get(f"{path}/{quote(value, safe='')}")
            assert answer.status_code < 500, (path, value)
        names = ("day", "offered", "place", "km", "starts", "ends", "reason", "key", "title-2026-09-07")
        asked = [("csrf", csrf), *((name, value) for name in names)]
        judged = [("csrf", csrf), *((name, value) for name in ("case", "decision", "reason", "key"))]
        for path, fields in (
            ("/requests/new", asked),
            ("/requests/new", [*asked, ("do", "check")]),
            ("/requests:check", [*asked, ("changes", value), ("seen", value)]),
            ("/requests/req-none/change", [*asked, ("seen", value)]),
            ("/requests/req-none/withdraw", [("csrf", csrf), ("day", value), ("seen", value)]),
            ("/requests/req-none/revoke", [("csrf", csrf), ("day", value), ("reason", value)]),
            ("/people", [("csrf", csrf), ("text", value), ("unit", value), ("cursor", value), ("do", "next")]),
            (
                "/people/emp-none/erase",
                [("csrf", csrf), ("reason", value), ("seen", value), ("step", "2"), ("sure", "1")],
            ),
            ("/imports/imp-none/confirm", [("csrf", csrf), ("key", value)]),
            ("/desk", judged),
            (
                "/desk/outputs",
                [("csrf", csrf), ("output", f"{value}:{value}:1"), ("verdict", value), ("reason", value)],
            ),
            ("/desk/outputs", [("csrf", csrf), ("output", f"a:{value}:1"), ("verdict", "return"), ("reason", value)]),
            ("/desk", [*judged, ("case", f"{value}:1")]),
        ):
            answer = await budi.post(path, fields, Origin=PUBLIC)
            assert answer.status_code < 500, (path, value)
    raw = {"Content-Type": "application/x-www-form-urlencoded", "Origin": PUBLIC}
    for body in (b"\xff\xfe", b"&" * 5000, b"csrf"):
        assert (await budi.http.post("/desk", content=body, headers=raw)).status_code in (400, 403)
    assert (await budi.http.post("/desk", content=b"a" * 300_000, headers=raw)).status_code == 413


async def test_a_stranger_sends_nothing(portal: Portal) -> None:
    answer = await portal.browser().post("/language/en", [("a", "b")], Origin=PUBLIC)
    assert answer.status_code == 413
