"""The README's picture of who says what to whom, drawn from the services themselves so that it stays true."""

from collections.abc import Sequence

from deploy.base.home import ROOT
from deploy.documents.hearers import consumed
from shared.kit.process.service import Service

README = ROOT / "README.md"
BEGINS, ENDS = "<!-- picture: ./mkd contracts draws it -->\n", "<!-- end of picture -->\n"


def mermaid(platform: Sequence[Service]) -> str:
    """An arrow from each publisher to each service that hears it, with the events that the service takes."""
    lines = ["```mermaid", "flowchart LR"]
    for service in platform:
        for publisher, events in consumed(service):
            lines.append(f'  {publisher.name} -- "{"<br>".join(event.type for event in events)}" --> {service.name}')
    return "\n".join([*lines, "```", ""])


def drawn(platform: Sequence[Service]) -> str:
    """The README as it should be."""
    return replaced(README.read_text(), mermaid(platform))


def replaced(readme: str, picture: str) -> str:
    """A README with another picture in the place of its own."""
    before, _, rest = readme.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}{picture}{ENDS}{after}"
