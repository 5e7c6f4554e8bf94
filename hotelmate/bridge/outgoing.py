"""The messages that go out for events, and how they are batched into requests."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from hotelmate.bridge.sending import MESSAGES_PER_REQUEST, LegacyMessage
from hotelmate.events.log import Event


@dataclass(frozen=True, slots=True)
class Outgoing:
    """An event and what goes out for it, which counts as delivered only when all of it was."""

    event: Event
    messages: Sequence[LegacyMessage]


@dataclass(frozen=True, slots=True)
class RefusedMessage:
    """A message that was refused for good, and why."""

    message: LegacyMessage
    error: str


def in_batches(outgoing: Iterable[Outgoing]) -> Iterator[list[Outgoing]]:
    """Put as many whole events together as fit into one request."""
    batch: list[Outgoing] = []
    messages = 0
    for item in outgoing:
        if batch and messages + len(item.messages) > MESSAGES_PER_REQUEST:
            yield batch
            batch, messages = [], 0
        batch.append(item)
        messages += len(item.messages)
    if batch:
        yield batch
