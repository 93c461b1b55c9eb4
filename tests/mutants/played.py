"""The play that mutants are shown to: in memory, of few people, among them the cast of which each has a story."""

import asyncio

from demo.play import Game
from tests.harness.platform import Platform

EMPLOYEES, DAYS, SEED = 44, 9, 5


async def test_a_play_matches_the_oracle(memory: Platform) -> None:
    async def settled() -> list[str]:
        await memory.settle()
        return []

    async def pause(_: float) -> None:
        await memory.settle()
        await asyncio.sleep(0.01)

    game = Game(memory.apis, "administrator", memory.set_clock, settled, print, pause=pause, hasty=True)
    result = await game.play(employees=EMPLOYEES, days=DAYS, seed=SEED)
    assert result.differences == []
    assert result.nonzero > 100
