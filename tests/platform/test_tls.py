"""A Kafka and a MongoDB that are reached over TLS: our clients talk to none whose name they cannot check."""

import asyncio
import ipaddress
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymongo
import pytest
from aiokafka.errors import KafkaError
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pydantic import ValidationError

from deploy.base.home import Home, listening
from deploy.local import broker, mongod, stack
from deploy.provision import resources as provision
from shared.kit.base.mongo import connect, reachable
from shared.kit.base.settings import Settings
from shared.kit.messaging import kafka
from shared.kit.messaging.kafka import Message
from tests.harness.parts import free_port_base, started, wait_for
from tests.harness.stacks import local_parts_only


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    """A broker of its own, with a certificate that only its own authority vouches for."""
    local_parts_only()
    home = Home(tmp_path / "stack", free_port_base())
    key, certificate = _certificate()
    (home.folder("secrets") / "ca.pem").write_text(certificate)
    config = broker.CONFIG.replace("SASL_PLAINTEXT:SASL_PLAINTEXT,", "SASL_SSL:SASL_SSL,", 1)
    config = config.replace("listeners=SASL_PLAINTEXT", "listeners=SASL_SSL").replace(
        "inter.broker.listener.name=SASL_PLAINTEXT", "inter.broker.listener.name=SASL_SSL"
    )
    config = config.replace("listener.name.sasl_plaintext.", "listener.name.sasl_ssl.")
    lines = {"ssl.keystore.type": "PEM", "ssl.truststore.type": "PEM", "ssl.endpoint.identification.algorithm": "HTTPS"}
    lines |= {"ssl.keystore.key": key, "ssl.keystore.certificate.chain": certificate}
    lines |= {"ssl.truststore.certificates": certificate}
    folded = {name: text.replace("\n", " \\\n") for name, text in lines.items()}
    monkeypatch.setattr(broker, "CONFIG", config + "".join(f"{name}={text}\n" for name, text in folded.items()))
    broker.prepare(home)
    process = started(home, "kafka", broker.command(home))
    try:
        wait_for(lambda: listening(home.kafka_port), "Kafka")
        yield home
    finally:
        process.terminate()
        process.wait(30)


async def test_every_client_signs_in_over_tls_and_checks_the_certificate(home: Home) -> None:
    its = stack.settings(home, "requests")
    secured = {"kafka_tls": True, "kafka_ca_file": home.path / "secrets" / "ca.pem"}
    trusted = its.model_copy(update=secured)
    password = home.secret(f"kafka-{broker.ADMIN}").read_text()
    cluster = provision.Cluster(its.kafka_bootstrap, broker.ADMIN, password, 1, True, trusted.kafka_ca_file)
    passwords = {name: home.secret(f"kafka-{name}").read_text() for name in (broker.ADMIN, "requests", "savings")}
    await asyncio.to_thread(provision.sign_ins, replace(cluster, mechanism="PLAIN"), passwords)
    await asyncio.to_thread(provision.topics, cluster)
    await asyncio.to_thread(provision.rights, cluster, provision.services())
    producer = kafka.Producer(trusted)
    await producer.send([Message("mkd.requests", b"emp-0001", b"{}", [])])
    await producer.close()
    listener = stack.settings(home, "savings").model_copy(update=secured)
    async with kafka.broker(listener) as hearing:
        subscriber = hearing.subscriber("mkd.requests", auto_offset_reset="earliest")
        await subscriber.start()
        heard = await subscriber.get_one(timeout=10)
        assert heard
        assert heard.body == b"{}"
        await subscriber.stop()
    for stranger in (its, its.model_copy(update={"kafka_tls": True})):
        probe = kafka.Probe(stranger)
        with pytest.raises((KafkaError, OSError, TimeoutError)):
            await asyncio.wait_for(probe.start(), 20)


async def test_mongodb_is_reached_over_tls_and_its_certificate_is_checked(tmp_path: Path) -> None:
    local_parts_only()
    port, key_file, ca_file = free_port_base(), tmp_path / "mongod.pem", tmp_path / "ca.pem"
    key, certificate = _certificate()
    key_file.write_text(f"{key}\n{certificate}\n")
    ca_file.write_text(f"{certificate}\n")
    (tmp_path / "data").mkdir()
    command = [mongod.binary(), "--port", str(port), "--bind_ip", "127.0.0.1", "--dbpath", str(tmp_path / "data")]
    command += ["--tlsMode", "requireTLS", "--tlsCertificateKeyFile", str(key_file), "--tlsCAFile", str(ca_file)]
    command += ["--tlsAllowConnectionsWithoutCertificates", "--wiredTigerCacheSizeGB", "0.25"]
    told: dict[str, Any] = {"instance": "tests", "kafka_bootstrap": "127.0.0.1:1", "audience": "x"}
    told |= {"issuer": "https://sso.example", "mongo_url": f"mongodb://127.0.0.1:{port}/?serverSelectionTimeoutMS=3000"}
    with (tmp_path / "log").open("wb") as log:
        process = await asyncio.to_thread(subprocess.Popen, command, stdout=log, stderr=log)
    try:
        wait_for(lambda: listening(port), "mongod")
        for secured, reached in (
            ({"mongo_tls": True, "mongo_ca_file": ca_file}, True),
            ({"mongo_tls": True}, False),
            ({}, False),
        ):
            db = connect(Settings(**told | secured), "mkd_tests")
            with pymongo.timeout(10):
                assert await reachable(db) is reached, secured
            await db.client.close()
    finally:
        process.terminate()
        process.wait(30)


def test_who_vouches_for_mongodb_is_told_with_tls_only(tmp_path: Path) -> None:
    told: dict[str, Any] = {
        "instance": "tests",
        "kafka_bootstrap": "x",
        "audience": "x",
        "issuer": "https://sso.example",
    }
    with pytest.raises(ValidationError, match="MKD_MONGO_TLS"):
        Settings(**told, mongo_url="mongodb://x/", mongo_ca_file=tmp_path / "ca.pem")


def _certificate() -> tuple[str, str]:
    """A key and a certificate for loopback, signed by itself, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kafka")])
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(alternatives, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    return pem.strip(), made.public_bytes(serialization.Encoding.PEM).decode().strip()
