"""supervisord that has read the services' code once, and begins each of their processes as a copy of itself.

To read it is most of what the start of a process costs, and a stack has twelve. Processes share the memory that it
takes. Anything else is started as supervisord does it; so is everything where the code cannot be read, and then the
process says why.
"""

import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from supervisor import options, supervisord

from deploy.base.home import SERVICES
from deploy.local.stack import SERVING
from services.portal.settings import NAME as PORTAL
from shared.kit.web.serving import serve

READ = (
    "shared.kit.process.worker",
    "deploy.local.issuer",
    *(f"services.{name}.app" for name in (*SERVICES, PORTAL)),
)
COPIES = sys.platform == "linux"
"""Elsewhere a copy of a process may not use everything that the system offers."""
DEFAULT_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGCHLD, signal.SIGUSR2)
"""What supervisord listens to, and its copies do not in its place."""


class Preloaded(options.ServerOptions):  # type: ignore[misc]
    """How supervisord starts a process."""

    _has_read: bool | None = None

    def check_execv_args(self, filename: str, argv: Sequence[str], st: object) -> None:
        """Before anything is started: read what it is made of, unless that was done or failed."""
        super().check_execv_args(filename, argv, st)
        if _is_ours(argv) and self._has_read is None:
            self._has_read = _read()

    def execve(self, filename: str, argv: Sequence[str], env: dict[str, str]) -> None:
        """In the new process: become what was asked for."""
        if self._has_read and _is_ours(argv):
            _become(argv[2:], env)
        super().execve(filename, argv, env)


def _is_ours(argv: Sequence[str]) -> bool:
    return COPIES and tuple(argv[: len(SERVING)]) == SERVING


def _read() -> bool:
    gc.disable()
    try:
        for module in READ:
            importlib.import_module(module)
    except Exception:
        return False
    finally:
        gc.enable()
    gc.freeze()
    return True


def _become(argv: Sequence[str], env: dict[str, str]) -> None:
    """What `python -m` does, in a process that has been something else until now. Ends it."""
    for one in DEFAULT_SIGNALS:
        signal.signal(one, signal.default_int_handler if one == signal.SIGINT else signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(env)
    Path("/proc/self/comm").write_text(env["SUPERVISOR_PROCESS_NAME"])
    sys.stdout, sys.stderr = (os.fdopen(at, "w", buffering=1, closefd=False) for at in (1, 2))
    sys.argv = list(argv)
    code = 1
    try:
        serve()
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else bool(ended.code)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stdout.flush()
        os._exit(code)


def main() -> None:
    """What supervisord does."""
    supervisord.ServerOptions = Preloaded
    supervisord.main()


if __name__ == "__main__":
    main()
