"""How the Pusher bridge stands for a hotel."""

from datetime import datetime
from functools import partial
from typing import Self

import strawberry

from hotelmate.bridge.letters import Letter
from hotelmate.resolvers import delivery as operations
from hotelmate.schema.event_types import Event
from hotelmate.schema.events import as_graphql
from hotelmate.schema.fields import Info, field, mutation


@strawberry.type(description="A message that Pusher refused for good.")
class DeadLetter:
    event: Event
    channel: str
    event_name: str
    error: str
    failed_at: datetime

    @classmethod
    def of(cls, letter: Letter) -> Self:
        return cls(
            event=as_graphql(letter.event),
            channel=letter.channel,
            event_name=letter.event_name,
            error=letter.error,
            failed_at=letter.failed_at,
        )


@strawberry.type(description="The Pusher bridge, for one hotel.")
class DeliveryStatus:
    delivered_seq: int = strawberry.field(description="The last event that Pusher has accepted.")
    latest_seq: int = strawberry.field(description="The last event in the log.")
    pending: int
    oldest_pending_seconds: float | None = strawberry.field(
        description="Seconds that the oldest pending event has waited."
    )
    last_error: str | None
    dead_letter_count: int = strawberry.field(
        description="How many messages Pusher has refused for good and has not been sent again since."
    )

    @field("Oldest first, at most 500; `hotelmate deliveries list` shows all.")
    def dead_letters(self, info: Info) -> list[DeadLetter]:
        read = operations.dead_letters(info.context.reading, info.context.actor)
        return [DeadLetter.of(letter) for letter in read]


@strawberry.type
class DeliveryQueries:
    @field("How the Pusher bridge stands for the hotel. [staff]")
    def delivery(self, info: Info) -> DeliveryStatus:
        state = operations.delivery_state(info.context.reading, info.context.actor, at=info.context.now)
        return DeliveryStatus(
            delivered_seq=state.delivered_seq,
            latest_seq=state.latest_seq,
            pending=state.pending,
            oldest_pending_seconds=state.oldest_pending_seconds,
            last_error=state.last_error,
            dead_letter_count=state.dead_letter_count,
        )


@strawberry.type
class DeliveryMutations:
    @mutation("Sends the hotel's dead letters again, in order. Returns how many were queued. [staff]")
    def retry_dead_letters(self, info: Info) -> int:
        context = info.context
        retry = partial(operations.retry_dead_letters, actor=context.actor, at=context.now)
        return context.change(int, retry)
