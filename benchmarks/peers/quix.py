"""A quixstreams application with a sink of its own that folds a batch and writes it at once:
`python -m benchmarks.peers.quix`, told as JSON in MKD_BENCH_PEER. Says the seconds as JSON."""

import json
import logging
import os
import time
from typing import Any

from pymongo import MongoClient, UpdateOne
from quixstreams import Application
from quixstreams.kafka import ConnectionConfig
from quixstreams.sinks import BatchingSink, SinkBatch

from benchmarks.peers.flat import TOPIC, fold, increments

TOLD = json.loads(os.environ["MKD_BENCH_PEER"])


class Folding(BatchingSink):  # type: ignore[misc]  # its library is in an environment of its own
    """Adds what a batch comes to."""

    def __init__(self, db: Any) -> None:
        super().__init__()
        self.written = 0
        self._db = db

    def write(self, batch: SinkBatch) -> None:
        for collection, totals in fold(item.value for item in batch).items():
            self._db[collection].bulk_write([UpdateOne(*one, upsert=True) for one in increments(totals)], ordered=False)
        self.written += batch.size


def main() -> None:
    """Take in as many events as were told."""
    logging.disable(logging.WARNING)
    client: MongoClient[dict[str, Any]] = MongoClient(TOLD["mongo"], w="majority")
    db = client["bench_quix"]
    application = Application(
        broker_address=ConnectionConfig(
            bootstrap_servers=TOLD["kafka"],
            security_protocol="sasl_plaintext",
            sasl_mechanism="SCRAM-SHA-512",
            sasl_username=TOLD["kafka_user"],
            sasl_password=TOLD["kafka_password"],
        ),
        consumer_group=TOLD["group"],
        auto_offset_reset="earliest",
        commit_every=20_000,
        commit_interval=60,
        loglevel=None,
    )
    sink = Folding(db)
    application.dataframe(application.topic(TOPIC, value_deserializer="json")).sink(sink)
    started, used = time.perf_counter(), time.process_time()
    application.run(count=TOLD["count"], timeout=60)
    seconds, cpu_s = time.perf_counter() - started, time.process_time() - used
    print(json.dumps({"seconds": seconds, "cpu_s": cpu_s, "written": sink.written}))


if __name__ == "__main__":
    main()
