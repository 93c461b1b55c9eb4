"""The portal's process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from cryptography.fernet import Fernet
from fastapi import FastAPI

from services.portal import reach
from services.portal.access import DOORS, install
from services.portal.account import api as account
from services.portal.branch import api as branch
from services.portal.calendar import api as calendar
from services.portal.completeness import api as completeness
from services.portal.course import api as course
from services.portal.dashboard import api as dashboard
from services.portal.dead_letter import api as dead_letter
from services.portal.desk import api as desk
from services.portal.employee import api as employee
from services.portal.erasure import api as erasure
from services.portal.explanation import api as explanation
from services.portal.factor_set import api as factor_set
from services.portal.home import api as home
from services.portal.issuer.queries import Issuer
from services.portal.live import api as changes
from services.portal.live import queries as live
from services.portal.mandate import api as mandate
from services.portal.open_month import api as open_month
from services.portal.operation import api as operation
from services.portal.own import api as own
from services.portal.policy import api as policy
from services.portal.position import api as position
from services.portal.report import api as report
from services.portal.request import api as request
from services.portal.results import api as results
from services.portal.runbook import api as runbook
from services.portal.series import api as series
from services.portal.served import Files
from services.portal.session.model import Limits
from services.portal.session.queries import INDEXES, Sessions, sealing_key
from services.portal.settings import CALLBACK, NAME, PortalSettings
from services.portal.sheet import api as sheet
from services.portal.sheet.model import FILE_MAX_BYTES
from services.portal.sign_in import api as sign_in
from services.portal.team import api as team
from services.portal.today import api as today
from services.portal.unit import api as unit
from services.portal.verification import api as verification
from services.portal.version import api as version
from shared.kit.base import logs
from shared.kit.base.catalogue import read
from shared.kit.base.clock import SystemClock
from shared.kit.base.settings import secret
from shared.kit.web.front import Front, front


@asynccontextmanager
async def opened(app: FastAPI, settings: PortalSettings) -> AsyncIterator[None]:
    """What the portal holds while it runs: files, sessions, its place at the issuer, and a client for each service."""
    limits = Limits(timedelta(minutes=settings.idle_minutes), timedelta(hours=settings.absolute_hours))
    seal = Fernet(sealing_key(secret(settings.session_key_file) or ""))
    app.state.files = Files(settings.assets, settings.theme_file)
    app.state.sessions = Sessions(app.state.db, seal, limits, SystemClock().now)
    known = secret(settings.client_secret_file) or ""
    callback = f"{settings.public_url}{CALLBACK}"
    app.state.issuer = Issuer(app.state.keys, settings.issuer, settings.client_id, known, callback)
    app.state.seal = seal
    clients = reach.clients(settings.apis)
    app.state.reach = reach.Reach(clients)
    app.state.live = live.Pages(reach.clients(settings.apis, at_once=0), lambda: app.state.sessions)
    try:
        yield
    finally:
        await app.state.live.close()
        await reach.close(clients)


PORTAL = Front(
    name=NAME,
    title="MKD portal",
    routers=(
        home.router,
        sign_in.router,
        today.router,
        calendar.router,
        report.router,
        request.router,
        course.router,
        desk.router,
        verification.router,
        team.router,
        dashboard.router,
        branch.router,
        series.router,
        explanation.router,
        results.router,
        open_month.router,
        changes.router,
        employee.router,
        unit.router,
        position.router,
        sheet.router,
        completeness.router,
        erasure.router,
        account.router,
        mandate.router,
        version.router,
        policy.router,
        factor_set.router,
        own.router,
        operation.router,
        dead_letter.router,
        runbook.router,
    ),
    indexes=INDEXES,
    messages=read("services.portal"),
    doors=DOORS,
    install=install,
    opened=opened,
    large_bodies={sheet.PATH: FILE_MAX_BYTES},
)


def api() -> FastAPI:
    """What a server calls to make the application."""
    settings = PortalSettings()
    logs.configure(NAME, "front", settings.instance)
    return front(PORTAL, settings)
