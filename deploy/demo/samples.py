"""Sheets of a small office that does not exist, to begin with: in the order in which they are loaded, with a guide."""

import csv
import io
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from openpyxl import Workbook

from demo import province, sheets
from demo.calendar import working_days
from demo.play import FIRST_DAY
from demo.province import Person, Province
from deploy.base.failure import Failure
from deploy.demo.people import cast
from deploy.local.picker import Part

SEED, PEOPLE, DAYS = 7, 24, 22
MEDIA = {"csv": "text/csv", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
GUIDE = """\
# Lembar contoh / Sample sheets

Semua orang, unit, dan gedung di sini rekaan. Muat menurut urutan nomor, sebagai administrator: kirim lembar, baca
laporannya, lalu sahkan (`:confirm`) bila `status` adalah `valid`.
Everybody and everything in here is invented. Load them in the order of their numbers, as the administrator: send a
sheet, read the report, and confirm it when its `status` is `valid`.

```sh
TOKEN=$({mkd} token administrator)
{commands}
```

`IMPORT_ID` ada di jawaban atas pengiriman. / `IMPORT_ID` is in the answer to what was sent.

## Siapa siapa / Who is who

| | | unit | | token |
|---|---|---|---|---|
{people}

Administrator hanya memuat lembar; di layanan lain ia bukan siapa-siapa (403).
The administrator loads sheets and is nobody anywhere else (403).
"""


def office() -> Province:
    """A small office with one of each role."""
    made = province.make(SEED, PEOPLE)
    led = {person.history[0].superior for person in made.people.values()}
    nobody_special = [p for p in made.people.values() if p.nip not in led and _is_plain(p)]
    nobody_special[-1].history[0] = replace(nobody_special[-1].history[0], roles="analyst")
    return made


def _is_plain(person: Person) -> bool:
    return person.history[0].active and not person.history[0].roles


def tables(made: Province) -> Iterator[tuple[str, str]]:
    """Each kind of sheet with its rows as CSV, in the order in which they refer to each other."""
    yield from sheets.whole(made)
    mandates = province.mandates(made, random.Random(SEED), working_days(FIRST_DAY, DAYS))
    if mandates:
        yield "acting", sheets.acting(mandates)


def write(folder: Path, form: str, organisation: str, mkd: str = "./mkd") -> list[Path]:
    """Write the sheets and the guide into a folder that is empty or not there. Raises `Failure`."""
    if form not in MEDIA:
        raise Failure(f"Sheets are not written as {form!r}.", f"Say one of: {', '.join(MEDIA)}.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Failure(f"{folder} is there already, and is not an empty folder.", "Name another.")
    folder.mkdir(parents=True, exist_ok=True)
    made = office()
    written = []
    commands = []
    for number, (kind, text) in enumerate(tables(made), 1):
        file = folder / f"{number}-{kind}.{form}"
        file.write_bytes(text.encode() if form == "csv" else _workbook(kind, text))
        written.append(file)
        commands.append(_command(kind, file, MEDIA[form], organisation))
    guide = folder / "PANDUAN.md"
    people = "\n".join(_line(part, mkd) for part in cast(made, SEED, DAYS))
    guide.write_text(GUIDE.format(mkd=mkd, commands="\n".join(commands), people=people))
    return [*written, guide]


def _command(kind: str, file: Path, media: str, organisation: str) -> str:
    key = '-H "Idempotency-Key: $(uuidgen)"'
    call = f'curl -H "Authorization: Bearer $TOKEN" {key}'
    return (
        f'{call} -H "Content-Type: {media}" --data-binary @{file.name} "{organisation}/v1/imports?kind={kind}"\n'
        f'{call} -X POST "{organisation}/v1/imports/IMPORT_ID:confirm"'
    )


def _line(part: Part, mkd: str) -> str:
    return f"| {part.role} | {part.name} | {part.unit} | {part.may} | `{mkd} token {part.subject}` |"


def _workbook(name: str, text: str) -> bytes:
    """The same as a workbook; every cell is text, so that codes stay as they are."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None, "a new workbook has a sheet"
    sheet.title = name
    for row in csv.reader(io.StringIO(text)):
        sheet.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()
