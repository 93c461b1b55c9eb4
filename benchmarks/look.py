"""What savings' read models hold: `python -m benchmarks.look` says all net positions and their digest as JSON."""

import asyncio
import json

from services.savings.app import SERVICE
from services.savings.ledger.value import digest
from services.savings.month import queries
from shared.kit.base import generations
from shared.kit.base.mongo import connect
from shared.kit.base.settings import Settings


async def look() -> dict[str, object]:
    """Read the live generation."""
    db = connect(Settings(), SERVICE.database)
    found = await queries.positions(generations.of(db, await generations.live(db)))
    await db.client.close()
    positions = dict(found)
    return {"digest": digest(positions.items()), "positions": positions}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(look()), default=str))
