"""The README's picture of who says what to whom, drawn from the services themselves so that it stays true."""

from collections.abc import Iterator, Sequence

from deploy.base.home import ROOT
from shared.kit.process.service import Service

README = ROOT / "README.md"
BEGINS, ENDS = "<!-- picture: ./mkd contracts draws it -->\n", "<!-- end of picture -->\n"


def mermaid(platform: Sequence[Service]) -> str:
    """An arrow from each publisher to each service that hears it, with the events that the service takes."""
    lines = ["```mermaid", "flowchart LR"]
    for service in platform:
        for publisher, events in _heard(service):
            lines.append(f'  {publisher} -- "{"<br>".join(events)}" --> {service.name}')
    return "\n".join([*lines, "```", ""])


def _heard(service: Service) -> Iterator[tuple[str, list[str]]]:
    taken = {event for consumer in service.consumers for event in consumer.handles}
    heard = {publisher.name: publisher for consumer in service.consumers for publisher in consumer.subscribes_to}
    for publisher in heard.values():
        events = [event.type for event in publisher.events if event in taken]
        if events and publisher is not service.publisher:
            yield publisher.name, events


def drawn(platform: Sequence[Service]) -> str:
    """The README as it should be."""
    text = README.read_text()
    before, _, rest = text.partition(BEGINS)
    _, _, after = rest.partition(ENDS)
    return f"{before}{BEGINS}{mermaid(platform)}{ENDS}{after}"
