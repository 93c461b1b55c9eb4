"""Many who ask the same at the same time ask one question, and nobody is told what was read before they asked."""

import asyncio

import pytest

from shared.kit.base.together import Together


async def test_who_asks_while_a_question_is_on_its_way_shares_the_next_one() -> None:
    together: Together[int] = Together()
    begun: list[int] = []
    let_go = asyncio.Event()

    async def question() -> int:
        begun.append(len(begun))
        number = begun[-1]
        await let_go.wait()
        return number

    async def ask() -> int:
        return await together.ask("how things stand", question)

    first = [asyncio.create_task(ask()) for _ in range(50)]
    await asyncio.sleep(0.01)
    second = [asyncio.create_task(ask()) for _ in range(50)]
    other = asyncio.create_task(together.ask("something else", question))
    await asyncio.sleep(0.01)
    assert len(begun) == 2
    let_go.set()
    assert set(await asyncio.gather(*first)) == {0}
    assert await other == 1
    assert set(await asyncio.gather(*second)) == {2}
    assert await ask() == 3


async def test_who_goes_away_leaves_the_question_to_the_others_and_failures_are_everybodys() -> None:
    together: Together[int] = Together()

    async def question() -> int:
        await asyncio.sleep(0.02)
        raise ValueError("it went wrong")

    tasks = [asyncio.create_task(together.ask("", question)) for _ in range(3)]
    await asyncio.sleep(0.01)
    tasks[0].cancel()
    for one in tasks[1:]:
        with pytest.raises(ValueError, match="it went wrong"):
            await one
    assert tasks[0].cancelled()
