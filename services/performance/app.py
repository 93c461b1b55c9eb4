"""Performance's processes."""

from pymongo import IndexModel

from services.performance.batch import api as bulk
from services.performance.changes import KINDS
from services.performance.office_plan import api as opening
from services.performance.plan import api as plans
from services.performance.plan.decide import plans as plans_
from services.performance.publication.queries import PUBLISHING
from services.performance.result import api as reading
from services.performance.result.jobs import COUNT_DAYS, verify
from services.performance.series import api as series
from services.performance.subscriptions import CONSUMERS
from shared.contracts import performance
from shared.kit.base.catalogue import read
from shared.kit.process.service import Service
from shared.kit.process.starting import process, worker
from shared.kit.projections.projector import INVALIDATIONS, TOUCHED
from shared.kit.projections.writeset import VERSIONS
from shared.kit.web import app as http
from shared.people import directory, following, me, published

SERVICE = Service(
    publisher=performance.PUBLISHER,
    title="MKD performance",
    about="The agreed outputs of MKD days and office days: logged, verified, returned; and what they come to by day, "
    "employee and unit.",
    routers=(
        plans.router,
        opening.router,
        bulk.router,
        reading.router,
        series.router,
        series.openly,
        me.router,
        following.router(*KINDS),
    ),
    tags={
        "performance": "Plans with agreed outputs, their reports and verification, and results by day and month.",
        "open": "Figures that anybody may read without signing in, where the instance is set so.",
        "me": "The caller, as this service knows them.",
    },
    indexes={
        **directory.INDEXES,
        **published.INDEXES,
        "plans": (
            IndexModel([("employee_id", 1), ("_id", -1)]),
            IndexModel([("employee_id", 1), ("outputs.progress", 1), ("_id", -1)]),
        ),
    },
    read_models={
        "employees": (),
        "absences": (IndexModel([("employee_id", 1)]),),
        "policies": (),
        INVALIDATIONS: (),
        VERSIONS: (),
        TOUCHED: (IndexModel([("month", 1)]),),
        "counted_plans": (IndexModel([("employee_id", 1)]), IndexModel([("due_at", 1)])),
        "result_days": (IndexModel([("month", 1), ("_id", 1)]), IndexModel([("employee_id", 1), ("month", 1)])),
        "employee_months": (IndexModel([("month", 1), ("_id", 1)]), IndexModel([("employee_id", 1), ("month", 1)])),
        "unit_months": (IndexModel([("month", 1), ("_id", 1)]),),
    },
    consumers=CONSUMERS,
    messages=read("services.performance"),
    jobs=(COUNT_DAYS, published.job(PUBLISHING, COUNT_DAYS)),
    verify=verify,
    models_version=2,
    deciders=(plans_,),
    large_bodies={"/v1/plans:log": 2**20, "/v1/plans:judge": 2**20},
)


api = process(SERVICE, "api", http.api)
work = process(SERVICE, "worker", worker)
