"""What an instance is operated with, a local stack or one on a cluster that exists: its recovery and its dead letters.

`./mkd` has these commands; in containers they are `docker compose … run --rm setup python -m deploy.operate …`.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from deploy.base.console import run, say, tell
from deploy.base.failure import Failure
from deploy.base.home import SERVICES, Home
from deploy.recovery import archive, consumers, deadletters, reach
from deploy.recovery import rebuild as rebuilding
from deploy.recovery import resend as resending
from deploy.setup import Administration, cluster, initiate, set_up
from shared.kit.base.mongo import connect
from shared.kit.base.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
app.add_typer(deadletters.app, name="dead-letters")
app.add_typer(consumers.app, name="consumers")


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="Where to write it, such as jabar.tar.gz.")]) -> None:
    """Write every service's database, as it is at this moment, into one file."""
    instance = reach.settings_of("organisation").instance
    with reach.administrator() as client:
        count = archive.backup(client, file, instance, say)
    say(f"{count:,} documents, {file.stat().st_size / 2**20:,.1f} MiB, for its owner's eyes: {file}")


@app.command()
def restore(file: Annotated[Path, typer.Argument(help="What `backup` wrote.")]) -> None:
    """Bring an instance up from a backup, where there are no data of it yet; Kafka is filled from the logs."""
    if reach.elsewhere():
        its, admin = Settings(), Administration()
        about = archive.check(file, its.instance)
        archive.check_issuer(about["issuers"], its.issuer, f"The people of {file}")
        resending.check_empty(cluster(its, admin), its.topic_prefix)
        initiate(its, admin)
        with reach.administrator() as client:
            archive.restore(client, file, say)
        set_up(its, admin)
        asyncio.run(resending.unsend([reach.settings_of(name) for name in SERVICES]))
        say("Start the services: Kafka is filled by their workers")
        return
    from deploy.lifecycle.up import restore_here  # what starts a local stack is not in the image

    restore_here(Home.default(), file, say)


@app.command()
def erased(
    again: Annotated[
        Path | None, typer.Option("--again", help="A list of before: tell who of it is on record again.")
    ] = None,
) -> None:
    """Print the ids of everybody whose personal data were erased: a list to keep beside each backup. A backup from
    before an erasure brings the person back, and with --again you learn who has to be erased once more."""
    ids = asyncio.run(_erased())
    if again is None:
        for id_ in sorted(ids):
            tell(id_)
        return
    back = sorted({line.strip() for line in again.read_text().splitlines()} - ids - {""})
    for id_ in back:
        tell(id_)
    if back:
        raise Failure(
            f"{len(back)} people whose data were erased are on record again.",
            "Erase them before anybody else reads: POST /v1/employees/{id}:erase-personal-data at organisation.",
        )


async def _erased() -> set[str]:
    db = connect(reach.settings_of("organisation"), "mkd_organisation")
    try:
        return set(await db.erasures.distinct("employee_id"))
    finally:
        await db.client.close()


@app.command()
def resend() -> None:
    """Fill a lost Kafka from the services' logs. What was heard before changes nothing when it comes again."""
    if reach.elsewhere():
        settings = [reach.settings_of(name) for name in SERVICES]
        count = asyncio.run(resending.unsend_at_rest(settings, cluster(Settings(), Administration())))
        say(f"{count:,} commits wait to be sent again: start the workers")
        return
    from deploy.local.supervise import running_stack

    resending.resend(running_stack(), say)


@app.command()
def rebuild(
    service: Annotated[str, typer.Argument(help="A service with read models, such as savings.")] = "savings",
) -> None:
    """Fill a service's read models anew from Kafka, beside the live ones, and let them answer when they are as
    complete as those."""
    known = {one.name: one for one in rebuilding.rebuilt_services()}
    if service not in known:
        raise Failure(f"{service!r} has no read models to rebuild.", f"These have: {', '.join(known)}.")
    new = asyncio.run(rebuilding.rebuild(known[service], reach.settings_of(service), say))
    say(f"{new} answers now; the generation before is kept until the next rebuild is done")


if __name__ == "__main__":
    run(app, "deploy.operate")
