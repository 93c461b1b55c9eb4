"""What strangers are told where an instance says so: what everybody on record may read. Its rows have the form of the
province's open data portal: region codes of Kemendagri, plain columns, one measure in a row."""

from collections.abc import Iterable

from fastapi import Depends, Request
from pydantic import BaseModel

from shared.kit.base.catalogue import Catalogue
from shared.kit.base.settings import Settings
from shared.kit.web.problems import Refusal
from shared.kit.web.schemas import Schema
from shared.people.reads import AS_ROWS, Table, table

WITHHELD = "ditahan"
"""What stands beside a row that has no numbers, in the language of open data."""


async def if_open(request: Request) -> None:
    """A dependency of what strangers may read. Raises `Refusal` where nothing is told to them."""
    settings: Settings = request.app.state.settings
    if not settings.open_figures:
        raise Refusal(404, "not-found")


OPENLY = [Depends(if_open), *AS_ROWS]
"""The dependencies of a route that strangers may ask."""


class Region(Schema):
    """Region of the instance, by the codes of Kemendagri; empty where the instance does not state it."""

    kode_provinsi: str = ""
    """Code of the province."""

    nama_provinsi: str = ""
    """Name of the province."""

    kode_kabupaten_kota: str = ""
    """Code of the kabupaten or kota, if the instance is one's."""

    nama_kabupaten_kota: str = ""
    """Name of the kabupaten or kota."""


class Column(Schema):
    """A column of open data."""

    column: str
    """Name of the column."""

    meaning: str
    """Meaning of the column, in the language of the answer."""


class Columns(Schema):
    """Data dictionary of open data."""

    items: list[Column]
    """Columns, in their order."""


@table(*Column.model_fields)
def column_row(item: Column) -> dict[str, object]:
    return item.model_dump()


COLUMN_ROW: Table[Column] = column_row


def region(settings: Settings) -> Region:
    """The region as the settings state it: `32 Jawa Barat; 3216 Kabupaten Bekasi`."""
    said: dict[str, str] = {}
    for part in filter(None, settings.open_region.split("; ")):
        code, _, name = part.partition(" ")
        of = "provinsi" if len(code) == 2 else "kabupaten_kota"
        said |= {f"kode_{of}": code, f"nama_{of}": name}
    return Region.model_validate(said)


def columns(names: Iterable[str], messages: Catalogue, language: str) -> Columns:
    """What columns mean, in somebody's language."""
    found = [Column(column=name, meaning=messages.text(language, _message_of(name))) for name in names]
    return Columns(items=found)


def columns_of(row: type[BaseModel]) -> tuple[str, ...]:
    """The columns of open data: the region's before a row's own."""
    return (*Region.model_fields, *row.model_fields)


def _message_of(column: str) -> str:
    return f"column-{column.replace('_', '-')}"
