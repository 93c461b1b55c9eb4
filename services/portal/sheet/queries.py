"""Asking organisation for sheets, and sending it some."""

from services.portal.reach import Asker, Lacking, Reach, Upload, part
from services.portal.sheet.model import Import, Imports, Rows

ROWS = 50


async def imports(reach: Reach, who: Asker, cursor: str) -> Imports:
    """Sheets of the last days, newest first. Raises `Broken`, or `Away`."""
    after = {"cursor": cursor} if cursor else {}
    return (await reach.get(who, "organisation", "/v1/imports", Imports, limit=20, **after)).value


async def sheet(reach: Reach, who: Asker, import_id: str) -> Import:
    """Raises `Broken` for one that there is not, or not any more, and `Away`."""
    return (await reach.get(who, "organisation", f"/v1/imports/{import_id}", Import)).value


async def rows(reach: Reach, who: Asker, import_id: str, cursor: str) -> Rows | Lacking:
    """What its rows will do; nothing once it is confirmed."""
    after = {"cursor": cursor} if cursor else {}
    read = await part(reach.get(who, "organisation", f"/v1/imports/{import_id}/rows", Rows, limit=ROWS, **after))
    return read if isinstance(read, Lacking) else read.value


async def send(
    reach: Reach, who: Asker, kind: str, sent: Upload, columns: list[str], key: str, *, ignore_unknown: bool
) -> Import:
    """Raises `Broken` for what is no sheet, or `Away`."""
    params: dict[str, str | list[str]] = {"kind": kind, "ignore_unknown": str(ignore_unknown).lower()}
    if columns:
        params["columns"] = columns
    return await reach.send(who, "organisation", "/v1/imports", sent, Import, key, **params)


async def decide(reach: Reach, who: Asker, import_id: str, verb: str, key: str) -> Import:
    """Confirm or drop. Raises `Broken`, or `Away`."""
    return await reach.post(who, "organisation", f"/v1/imports/{import_id}:{verb}", None, Import, key)
