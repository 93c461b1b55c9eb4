"""From a form to what organisation is sent with a sheet."""

from services.portal.access import Form

NAMED = "column-"


def mapped(form: Form) -> list[str]:
    """Columns and what the sheet calls them, as organisation takes them."""
    named = ((name.removeprefix(NAMED), said.strip()) for name, said in form.pairs if name.startswith(NAMED))
    return [f"{column}:{said}" for column, said in named if said]
