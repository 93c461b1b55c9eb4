"""Requests' processes."""

from pymongo import IndexModel

from services.requests.changes import KINDS
from services.requests.draft import api as draft
from services.requests.month import api as month
from services.requests.policy import api as policy
from services.requests.policy.commands import publish_shipped
from services.requests.policy.decide import policies
from services.requests.request import api as request
from services.requests.request.decide import requests as requests_
from services.requests.subscriptions import CONSUMERS
from services.requests.week import api as week
from shared.contracts import requests
from shared.kit.base.catalogue import read
from shared.kit.process.service import Service
from shared.kit.process.starting import process, worker
from shared.kit.web import app as http
from shared.people import directory, following, me

SERVICE = Service(
    publisher=requests.PUBLISHER,
    title="MKD requests",
    about="Days asked for at another place or time, for agreed outputs, within the rules in force.",
    routers=(
        request.router,
        draft.router,
        week.router,
        month.router,
        policy.router,
        me.router,
        following.router(*KINDS),
    ),
    tags={
        "requests": "Requests for days at another place or time, weeks, and the policies that judge them.",
        "me": "The caller, as this service knows them.",
    },
    indexes={
        **directory.INDEXES,
        "requests": (IndexModel([("employee_id", 1), ("_id", -1)]),),
        "policies": (),
    },
    consumers=CONSUMERS,
    messages=read("services.requests"),
    seed=publish_shipped,
    deciders=(requests_, policies),
)


api = process(SERVICE, "api", http.api)
work = process(SERVICE, "worker", worker)
