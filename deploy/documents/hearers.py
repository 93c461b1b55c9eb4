"""Who consumes which event, read off the services themselves."""

from collections.abc import Iterator, Sequence

from shared.contracts.event import Event, Publisher
from shared.kit.process.service import Service


def consumed(service: Service) -> Iterator[tuple[Publisher, list[type[Event]]]]:
    """The publishers that a service subscribes to, each with the events that it handles; its own left out."""
    handled = {event for consumer in service.consumers for event in consumer.handles}
    publishers = {one.name: one for consumer in service.consumers for one in consumer.subscribes_to}
    for publisher in publishers.values():
        events = [event for event in publisher.events if event in handled]
        if events and publisher is not service.publisher:
            yield publisher, events


def consumers_of(event: type[Event], platform: Sequence[Service]) -> list[str]:
    """The names of the services that handle an event of another's."""
    return [service.name for service in platform if any(event in events for _, events in consumed(service))]


def table(platform: Sequence[Service]) -> str:
    """Every event in a row, every service in a column, as a Markdown table."""
    names = [service.name for service in platform]
    lines = [f"| event | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for service in platform:
        for event in service.publisher.events:
            hearing = consumers_of(event, platform)
            cells = ["publishes" if name == service.name else "consumes" if name in hearing else "" for name in names]
            lines.append(f"| {event.type} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])
