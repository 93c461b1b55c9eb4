"""How an instance is backed up and restored: every service's database at one moment, in one file.

What is not in it is made again: Kafka is filled from the logs (`resend`), users, rights, topics and indexes by
provisioning. The file holds personal data, and is readable by its owner alone.
"""

import hashlib
import io
import json
import os
import re
import tarfile
import tempfile
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bson
import pymongo
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from deploy.base.failure import Failure
from deploy.base.files import flush
from deploy.base.home import SERVICES
from shared.kit.base.mongo import SCHEMA_VERSION

Say = Callable[[str], None]
Client = pymongo.MongoClient[dict[str, Any]]
FORMAT = 1
LEFT_OUT = {"checkpoints", "progress", "published", "leases", "workers"}
"""Where a consumer and the relay stand in a Kafka that will be another one, and who holds what now."""

ISSUER_PATHS = ("identity.iss", "history.identity.iss")
AT_ONCE = 1000
RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)


def backup(client: Client, file: Path, instance: str, say: Say) -> int:
    """Write all databases as they were at one moment; returns how many documents. Raises `Failure`."""
    if file.exists():
        raise Failure(f"{file} is there already.", "Name another file, or remove it.")
    if not file.parent.is_dir():
        raise Failure(f"There is no folder {file.parent}.", f"Make it first: mkdir -p {file.parent}")
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    counts: dict[str, dict[str, Any]] = {}
    try:
        with (
            os.fdopen(descriptor, "wb") as out,
            tarfile.open(fileobj=out, mode="w:gz") as archive,
            client.start_session(snapshot=True) as session,
        ):
            for service in SERVICES:
                db = client[f"mkd_{service}"].with_options(codec_options=RAW)
                for name in sorted(set(client[f"mkd_{service}"].list_collection_names()) - LEFT_OUT):
                    found = db[name].find({}, session=session)
                    counts[f"{service}/{name}"] = _add(archive, f"{service}/{name}.bson", found)
                say(f"{service} is written")
            about = {"format": FORMAT, "schema": SCHEMA_VERSION, "instance": instance, "collections": counts}
            about["at"] = datetime.now(UTC).isoformat()
            _add_bytes(archive, "about.json", json.dumps(about, indent=2).encode())
        flush(file)
        flush(file.parent)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return sum(int(one["documents"]) for one in counts.values())


def _add(archive: tarfile.TarFile, name: str, documents: Any) -> dict[str, Any]:
    digest, count = hashlib.sha256(), 0
    with tempfile.TemporaryFile() as spool:
        for document in documents:
            spool.write(document.raw)
            digest.update(document.raw)
            count += 1
        member = tarfile.TarInfo(name)
        member.size = spool.tell()
        spool.seek(0)
        archive.addfile(member, spool)
    return {"documents": count, "sha256": digest.hexdigest()}


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(content)
    archive.addfile(member, io.BytesIO(content))


def check(file: Path, instance: str) -> dict[str, Any]:
    """What an archive says of itself, if it is whole and of this instance. Raises `Failure`."""
    try:
        with tarfile.open(file, "r:gz") as archive:
            about: dict[str, Any] = json.loads(_content(archive, "about.json"))
            damaged = [name for name, said in about["collections"].items() if _digest(archive, name) != said["sha256"]]
    except (OSError, tarfile.TarError, KeyError, ValueError, EOFError) as wrong:
        raise Failure(f"{file} cannot be read as a backup: {wrong}.", "Take another backup of the instance.") from wrong
    if damaged:
        raise Failure(f"{file} is damaged: {', '.join(damaged)}.", "Take another backup of the instance.")
    if about["instance"] != instance:
        cause = f"{file} is a backup of {about['instance']!r}, and this is {instance!r}."
        raise Failure(cause, f"Restore it there, or set MKD_INSTANCE={about['instance']}.")
    if about["schema"] > SCHEMA_VERSION or about["format"] > FORMAT:
        raise Failure(f"{file} was written by a newer version.", "Restore it with that version or a newer one.")
    return about | {"issuers": _issuers_in(file)}


def check_issuer(issuers: Collection[str], issuer: str, whose: str) -> None:
    """Raises `Failure` when people sign in elsewhere than where this instance trusts: nobody would be known."""
    if issuers and issuer not in issuers:
        theirs = " or ".join(sorted(issuers))
        raise Failure(
            f"{whose} sign in at {theirs}, and this instance trusts {issuer}: nobody would be known.",
            _remedy(theirs),
        )


def _remedy(theirs: str) -> str:
    address = re.fullmatch(r"http://127\.0\.0\.1:(\d+)", theirs)
    if address:
        return f"Use the port of that demo issuer: MKD_PORT_BASE={address[1]}."
    return f"Name it: MKD_ISSUER={theirs}"


def issuers_of(client: Client) -> set[str]:
    """Where the people on record sign in."""
    db = client.mkd_organisation
    return {issuer for path in ISSUER_PATHS for issuer in db.employees.distinct(path) if issuer}


def _issuers_in(file: Path) -> set[str]:
    with tarfile.open(file, "r:gz") as archive:
        try:
            source = archive.extractfile("organisation/employees.bson")
        except KeyError:
            return set()
        assert source, "a file of an archive has content"
        return {issuer for employee in bson.decode_file_iter(source) for issuer in _issuers(employee)}


def _issuers(employee: dict[str, Any]) -> Iterator[str]:
    for held in (employee, *employee.get("history", ())):
        if issuer := (held.get("identity") or {}).get("iss"):
            yield issuer


def restore(client: Client, file: Path, say: Say) -> int:
    """Fill empty databases from an archive that has been checked; returns how many documents. Raises `Failure`."""
    full = [service for service in SERVICES if client[f"mkd_{service}"].list_collection_names()]
    if full:
        raise Failure(f"There are data already: {', '.join(full)}.", "Restore into an empty instance: ./mkd reset")
    count = 0
    with tarfile.open(file, "r:gz") as archive:
        for member in archive:
            if not member.name.endswith(".bson"):
                continue
            service, _, collection = member.name.removesuffix(".bson").partition("/")
            held = client[f"mkd_{service}"].get_collection(collection, codec_options=RAW)
            client[f"mkd_{service}"].create_collection(collection)
            source = archive.extractfile(member)
            assert source, "a file of an archive has content"
            for documents in _chunks(bson.decode_file_iter(source, RAW)):
                held.insert_many(documents, ordered=False)
                count += len(documents)
        say(f"{count:,} documents are restored")
    return count


def _chunks(documents: Iterator[RawBSONDocument]) -> Iterator[list[RawBSONDocument]]:
    chunk: list[RawBSONDocument] = []
    for document in documents:
        chunk.append(document)
        if len(chunk) == AT_ONCE:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _content(archive: tarfile.TarFile, name: str) -> bytes:
    source = archive.extractfile(name)
    assert source, "a file of an archive has content"
    return source.read()


def _digest(archive: tarfile.TarFile, name: str) -> str:
    source = archive.extractfile(f"{name}.bson")
    assert source, "a file of an archive has content"
    digest = hashlib.sha256()
    while part := source.read(1 << 20):
        digest.update(part)
    return digest.hexdigest()
