"""Savings' processes."""

from pymongo import IndexModel

from services.savings.branch import api as branch
from services.savings.changes import KINDS
from services.savings.employee_day import api as employee_day
from services.savings.employee_day.jobs import SETTLE_DAYS, verify
from services.savings.factor_set import api as factor_set
from services.savings.factor_set.commands import publish_shipped
from services.savings.factor_set.decide import factor_sets
from services.savings.month import api as month
from services.savings.open_month import api as open_month
from services.savings.publication.queries import PUBLISHING
from services.savings.restatement import api as restatement
from services.savings.series import api as series
from services.savings.subscriptions import CONSUMERS
from services.savings.unit_day import api as unit_day
from services.savings.unit_day.jobs import SETTLE_UNITS
from shared.contracts import savings
from shared.kit.base.catalogue import read
from shared.kit.process.service import Service
from shared.kit.process.starting import process, worker
from shared.kit.projections.projector import INVALIDATIONS, TOUCHED
from shared.kit.projections.writeset import VERSIONS
from shared.kit.web import app as http
from shared.people import directory, following, me, published

SERVICE = Service(
    publisher=savings.PUBLISHER,
    title="MKD savings",
    about="Savings of realised days, and their costs: fuel, electricity, meals and greenhouse gas, with range, "
    "by factor set and beneficiary.",
    routers=(
        month.router,
        series.router,
        branch.router,
        restatement.router,
        factor_set.router,
        month.explained,
        employee_day.router,
        unit_day.router,
        open_month.router,
        me.router,
        following.router(*KINDS),
    ),
    tags={
        "savings": "Figures of units, employees and the instance, and the factor sets that they are computed with.",
        "explain": "Everything behind a figure: days, buildings, rows of the ledger, events, formulas and factors.",
        "open": "Figures that anybody may read without signing in, where the instance is set so.",
        "me": "The caller, as this service knows them.",
    },
    indexes={**directory.INDEXES, **published.INDEXES, "factor_sets": ()},
    read_models={
        "employees": (IndexModel([("history.unit_id", 1)]),),
        "units": (),
        "buildings": (),
        "absences": (IndexModel([("employee_id", 1)]),),
        "policies": (),
        "employee_months": (
            IndexModel([("month", 1), ("employee_id", 1)]),
            IndexModel([("month", 1), ("units", 1)]),
            IndexModel([("employee_id", 1)]),
            IndexModel([("due_at", 1)], partialFilterExpression={"due_at": {"$type": "date"}}),
            IndexModel([("factors_seen", 1)]),
            IndexModel([("policies_seen", 1)]),
        ),
        "away": (IndexModel([("unit_id", 1), ("day", 1)]),),
        "unit_days": (
            IndexModel([("unit_id", 1), ("day", 1)]),
            IndexModel([("building_id", 1), ("day", 1)]),
            IndexModel([("factors_seen", 1)]),
        ),
        INVALIDATIONS: (),
        VERSIONS: (),
        TOUCHED: (IndexModel([("month", 1)]),),
        "turns": (),
        "movements": (
            IndexModel([("month", 1), ("whose", 1)]),
            IndexModel([("about", 1), ("month", 1)], partialFilterExpression={"about": {"$exists": True}}),
        ),
        "unit_months": (IndexModel([("month", 1), ("unit_id", 1)]),),
        "employee_totals": (IndexModel([("month", 1), ("employee_id", 1)]), IndexModel([("unit_id", 1), ("month", 1)])),
    },
    consumers=CONSUMERS,
    messages=read("services.savings"),
    seed=publish_shipped,
    jobs=(SETTLE_DAYS, SETTLE_UNITS, published.job(PUBLISHING, SETTLE_DAYS, SETTLE_UNITS)),
    verify=verify,
    deciders=(factor_sets,),
    models_version=3,
)


api = process(SERVICE, "api", http.api)
work = process(SERVICE, "worker", worker)
