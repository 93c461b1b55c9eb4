"""Approvals' processes."""

from pymongo import IndexModel

from services.approvals.batch import api as batch
from services.approvals.case import api as case
from services.approvals.case.decide import cases
from services.approvals.case.jobs import LAPSE, close_lapsed, count_due
from services.approvals.changes import KINDS
from services.approvals.inbox import api as inbox
from services.approvals.subscriptions import CONSUMERS
from shared.contracts import approvals
from shared.kit.base.catalogue import read
from shared.kit.process.service import Job, Service
from shared.kit.process.starting import process, worker
from shared.kit.web import app as http
from shared.people import directory, following, me

SERVICE = Service(
    publisher=approvals.PUBLISHER,
    title="MKD approvals",
    about="The superior's desk: cases to approve, reject, return or revoke, one by one or many at once.",
    routers=(case.router, inbox.router, batch.router, me.router, following.router(*KINDS)),
    tags={
        "approvals": "The superior's desk: cases to approve, reject, return or revoke.",
        "me": "The caller, as this service knows them.",
    },
    indexes={
        **directory.INDEXES,
        "cases": (IndexModel([("employee_id", 1), ("status", 1), ("_id", -1)]), IndexModel([("lapses_at", 1)])),
    },
    consumers=CONSUMERS,
    messages=read("services.approvals"),
    jobs=(Job(LAPSE, close_lapsed, count_due),),
    deciders=(cases,),
    large_bodies={"/v1/cases:decide": 1024 * 1024},
)


api = process(SERVICE, "api", http.api)
work = process(SERVICE, "worker", worker)
