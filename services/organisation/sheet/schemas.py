"""What somebody must know who fills in a sheet, in Indonesian and English: the text of the API documentation."""

from collections.abc import Iterator

from services.organisation.row.value import ROWS, SheetKind, columns
from services.organisation.sheet.rules import INDONESIAN
from shared.kit.base.catalogue import LANGUAGES, read

MESSAGES = read("services.organisation")


def about(kind: SheetKind) -> tuple[str, ...]:
    """What a kind of sheet holds, in each language."""
    return tuple(MESSAGES.text(language, f"guide-{kind.value}") for language in LANGUAGES)


def about_column(column: str) -> tuple[str, ...]:
    """What belongs in a column, in each language."""
    return tuple(MESSAGES.text(language, f"guide-column-{column}") for language in LANGUAGES)


def about_sheets() -> str:
    """The whole guide, as Markdown: English first, for those who program; then Indonesian; then the columns of both."""
    introductions = [MESSAGES.text(language, "guide-introduction") for language in reversed(LANGUAGES)]
    return "\n".join(["\n\n".join(introductions), *(line for kind in SheetKind for line in _about(kind))])


def _about(kind: SheetKind) -> Iterator[str]:
    yield f"\n**{kind.value}**: {' '.join(about(kind))}\n"
    yield "| kolom / column | judul / heading | wajib / required | isi | content |\n|---|---|---|---|---|"
    for column in columns(kind):
        required = "ya / yes" if ROWS[kind].model_fields[column].is_required() else ""
        indonesian, english = about_column(column)
        yield f"| {column} | {INDONESIAN[column][0]} | {required} | {indonesian} | {english} |"
