"""Plain FastAPI on PyMongo's async API, as its tutorials show it: an insert, a transaction of three behind a token, and
a page of a collection. Told as JSON in MKD_BENCH_PEER: where MongoDB is, and the key that tokens are checked with."""

import json
import os
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

import jwt
from fastapi import FastAPI, Header, HTTPException
from pymongo import AsyncMongoClient
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

TOLD = json.loads(os.environ["MKD_BENCH_PEER"])
DURABLE = WriteConcern("majority", j=True)
MONTHS = TOLD["months"]


def app() -> FastAPI:
    """The application."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(TOLD["mongo"])
    db = client.get_database("bench_plain", write_concern=DURABLE)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await client.drop_database("bench_plain")
        for name in ("commits", "requests", "claims"):
            await db.create_collection(name)
        amounts = {unit: {"low": 1, "central": 2, "high": 3} for unit in ("sen", "microlitres", "watt_hours")}
        await db.months.insert_many(
            [
                {"_id": f"unit-{number}", "month": "2026-05", "category": "fuel", "days": number, "amounts": amounts}
                for number in range(MONTHS)
            ]
        )
        yield
        await client.close()

    plain = FastAPI(lifespan=lifespan)

    @plain.post("/plain", status_code=201)
    async def insert(body: dict[str, Any]) -> dict[str, str]:
        id_ = str(uuid.uuid4())
        await db.requests.insert_one({"_id": id_, **body})
        return {"id": id_}

    @plain.post("/transaction", status_code=201)
    async def transaction(body: dict[str, Any], authorization: Annotated[str, Header()]) -> dict[str, str]:
        try:
            claims = jwt.decode(
                authorization.removeprefix("Bearer "), TOLD["public_key"], ["ES256"], audience=TOLD["audience"]
            )
        except jwt.InvalidTokenError as wrong:
            raise HTTPException(401, str(wrong)) from wrong
        id_ = str(uuid.uuid4())

        async def work(session: Any) -> None:
            await db.commits.insert_one({"_id": f"{id_}#1", "actor": claims["sub"], **body}, session=session)
            await db.requests.insert_one({"_id": id_, **body}, session=session)
            await db.claims.insert_one({"_id": f"claim-{id_}"}, session=session)

        async with client.start_session() as session:
            await session.with_transaction(work, read_concern=ReadConcern("snapshot"), write_concern=DURABLE)
        return {"id": id_}

    @plain.get("/months")
    async def months() -> list[dict[str, Any]]:
        return await db.months.find({"month": "2026-05"}).to_list(MONTHS)

    @plain.get("/month")
    async def month() -> dict[str, Any]:
        return await db.months.find_one({"_id": "unit-0"}) or {}

    return plain
