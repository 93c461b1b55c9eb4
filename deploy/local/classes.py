"""What Java has made of Kafka's classes: with it, Kafka starts in a third of the time, for half the work.

It is made by Java itself while Kafka runs (JEP 514), read by the same Java alone, and left aside by it where it does
not fit the jars. It is made when Kafka is prepared for the second time, so that the first start is not held up."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from deploy.base.files import in_turn
from deploy.base.home import CACHE

JARS = CACHE / "kafka"
CLASSES = JARS / "classes.aot"
"""Beside the jars, and removed with them. It is empty where it could not be made."""


def kept() -> list[str]:
    """The option with which Java starts from what is kept; none where nothing is, or where the Java is the user's
    own, which may not know of it."""
    if os.environ.get("JAVA_HOME") or not (CLASSES.is_file() and CLASSES.stat().st_size):
        return []
    return [f"-XX:AOTCache={CLASSES}", "-Xlog:aot*=off"]


def learn(run: Callable[[str, Path], None], say: Callable[[str], None]) -> None:
    """Make it where it was never tried. `run` has Kafka run for a moment with an option of Java's, in a folder."""
    if os.environ.get("JAVA_HOME"):
        return
    with in_turn(CACHE / "classes.lock"):
        if CLASSES.exists():
            return
        say("Having Java learn Kafka's classes, once")
        with tempfile.TemporaryDirectory() as folder:
            made = CLASSES.with_suffix(".new")
            run(f"-XX:AOTCacheOutput={made}", Path(folder))
            made.touch()
            made.replace(CLASSES)
