"""What strangers are told where an instance says so: what everybody on record may read. Its rows have the form of the
province's open data portal: region codes of Kemendagri, plain columns, one measure in a row."""

from collections.abc import Iterable, Mapping

from fastapi import Depends, Request
from pydantic import BaseModel

from shared.kit.base.catalogue import Catalogue
from shared.kit.base.settings import Settings
from shared.kit.web.problems import Refusal
from shared.kit.web.schemas import Schema
from shared.people.reads import AS_ROWS, CSV, Answer, Table, as_csv, one_answer, table, wants_csv

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
def column_row(item: Column) -> Mapping[str, object]:
    return item.model_dump()


def region(settings: Settings) -> Region:
    """The region as the settings state it: `32 Jawa Barat; 3216 Kabupaten Bekasi`."""
    said: dict[str, str] = {}
    for part in filter(None, settings.open_region.split("; ")):
        code, _, name = part.partition(" ")
        of = "provinsi" if len(code) == 2 else "kabupaten_kota"
        said |= {f"kode_{of}": code, f"nama_{of}": name}
    return Region.model_validate(said)


def rows_of(request: Request, of: type[BaseModel], rows: Iterable[BaseModel]) -> Answer:
    """Rows of open data as CSV, each with the region before it."""
    here = region(request.app.state.settings).model_dump()
    return Answer(as_csv(Table(columns_of(of), lambda row: here | row.model_dump()), rows), CSV)


def meanings_of(request: Request, of: type[BaseModel]) -> Answer:
    """The data dictionary of such rows, in the language of the answer, as JSON or CSV."""
    messages: Catalogue = request.app.state.messages
    language = request.state.language
    items = [Column(column=name, meaning=messages.text(language, _message_of(name))) for name in columns_of(of)]
    return Answer(as_csv(column_row, items), CSV) if wants_csv(request) else one_answer(Columns(items=items))


def columns_of(row: type[BaseModel]) -> tuple[str, ...]:
    """The columns of open data: the region's before a row's own."""
    return (*Region.model_fields, *row.model_fields)


def _message_of(column: str) -> str:
    return f"column-{column.replace('_', '-')}"
