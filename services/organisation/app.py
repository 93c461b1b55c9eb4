"""Organisation's processes."""

from pymongo import IndexModel

from services.organisation.account import api as accounts
from services.organisation.account.decide import accounts as account
from services.organisation.changes import KINDS
from services.organisation.entity import api as lookups
from services.organisation.entity.decide import erasures
from services.organisation.entry.model import DECIDERS
from services.organisation.erasure import api as erasure
from services.organisation.export import api as exports
from services.organisation.history import api as histories
from services.organisation.import_ import api as imports
from services.organisation.import_ import queries as staging
from services.organisation.import_.jobs import JOB, count_due, go_on
from services.organisation.preview import api as previews
from services.organisation.profile import api as profiles
from services.organisation.search import api as searches
from services.organisation.search.queries import BY_NAME
from shared.contracts import organisation
from shared.kit.base.catalogue import read
from shared.kit.process.service import Job, Service
from shared.kit.process.starting import process, worker
from shared.kit.web import app as http
from shared.people import directory, following, me

SERVICE = Service(
    publisher=organisation.PUBLISHER,
    title="MKD organisation",
    about="Units, buildings, positions with the two MKD criteria, employees and mandates; effective-dated, loaded from "
    "sheets and exported as such.",
    routers=(
        *(imports.router, previews.router, exports.router, lookups.router, erasure.router),
        *(accounts.router, histories.router),
        *(searches.router, profiles.router, me.router, following.router(*KINDS)),
    ),
    tags={
        "organisation": "Reference data: units, buildings, positions, employees, mandates and absences; their sheets.",
        "accounts": "Service accounts: programs that read figures with tokens of their own.",
        "me": "The caller, as this service knows them.",
    },
    indexes={
        **directory.INDEXES,
        "codes": (IndexModel([("id", 1)]),),
        "people": (IndexModel([("nip", 1)], unique=True), BY_NAME),
        "erasures": (IndexModel([("employee_id", 1)]),),
        "imports": (
            IndexModel([("key", 1)], unique=True),
            IndexModel([("status", 1)]),
            IndexModel([("expires_at", 1)], expireAfterSeconds=0),
        ),
        "staged_rows": (
            IndexModel([("import_id", 1), *staging.BY_CODE]),
            IndexModel([("people", 1)]),
            IndexModel([("expires_at", 1)], expireAfterSeconds=0),
        ),
    },
    messages=read("services.organisation"),
    jobs=(Job(JOB, go_on, count_due, every_s=0.25),),
    deciders=(*DECIDERS.values(), erasures, account),
    large_bodies={"/v1/imports": 32 * 1024 * 1024},
)


api = process(SERVICE, "api", http.api)
work = process(SERVICE, "worker", worker)
