"""Asking organisation for service accounts, recording and ending them."""

import asyncio
from collections.abc import Mapping, Sequence

from services.portal.account.model import Account
from services.portal.reach import Asker, Reach
from services.portal.record.model import Unit

PATH = "/v1/accounts"


async def accounts(reach: Reach, who: Asker) -> list[Account]:
    """All of them. Raises `Broken` for who may not see them, and `Away`."""
    return (await reach.every(who, "organisation", PATH, Account)).value


async def account(reach: Reach, who: Asker, account_id: str) -> Account:
    """Raises `Broken` for one that there is not, and `Away`."""
    return (await reach.get(who, "organisation", f"{PATH}/{account_id}", Account)).value


async def coded(reach: Reach, who: Asker, codes: Sequence[str]) -> dict[str, str]:
    """The ids of units by their codes, for those that there are. Raises `Broken`, or `Away`."""
    read = await asyncio.gather(
        *(reach.every(who, "organisation", "/v1/units", Unit, search=code[:100]) for code in codes)
    )
    known = {unit.code: unit.unit_id for one in read for unit in one.value}
    return {code: known[code] for code in codes if code in known}


async def record(reach: Reach, who: Asker, said: Mapping[str, object], key: str) -> Account:
    """Raises `Broken`, or `Away`."""
    return await reach.post(who, "organisation", PATH, said, Account, key)


async def end(reach: Reach, who: Asker, account_id: str, seen: int, key: str) -> Account:
    """Raises `Broken`, or `Away`."""
    return await reach.post(who, "organisation", f"{PATH}/{account_id}:end", None, Account, key, seen)
