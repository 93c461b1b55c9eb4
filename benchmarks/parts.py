"""A MongoDB of a benchmark's own."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.base.home import DEFAULT_PORT_BASE, Home
from deploy.local import mongod


@contextmanager
def database_server() -> Iterator[str]:
    """The address of a running replica set of one, as its administrator reaches it."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(Path(folder), DEFAULT_PORT_BASE + 400)
        mongod.prepare(home)
        with (home.folder("logs") / "mongod.log").open("ab") as log:
            process = subprocess.Popen(mongod.command(home), stdout=log, stderr=subprocess.STDOUT)
            try:
                mongod.initiate(home)
                password = home.secret("mongo-admin").read_text()
                yield mongod.url(home).replace("mongodb://", f"mongodb://{mongod.ADMIN}:{password}@")
            finally:
                process.terminate()
                process.wait(30)
