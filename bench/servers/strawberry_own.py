"""Strawberry's own handler on the same schema, with the queue per subscriber that its documentation shows.

    python -m bench.servers.strawberry_own HOTELS

Needs no token, looks up nothing, and makes the object of an event once for all subscribers.
"""

import asyncio
import sys
from collections import defaultdict
from collections.abc import AsyncGenerator

import strawberry
from strawberry.asgi import GraphQL
from strawberry.schema.config import StrawberryConfig
from strawberry.subscriptions import GRAPHQL_SSE_PROTOCOL, GRAPHQL_TRANSPORT_WS_PROTOCOL

from bench import data
from bench.events import Events
from bench.servers.controlled import serve
from hotelmate.schema.build import Query
from hotelmate.schema.event_types import ClockStatusUpdated, Event
from hotelmate.schema.events import as_graphql
from hotelmate.schema.scalars import SCALARS

_Queue = asyncio.Queue[Event]
_queues: dict[int, set[_Queue]] = defaultdict(set)


@strawberry.type
class Subscription:
    """The one subscription that is measured."""

    @strawberry.subscription
    async def clock_status(
        self,
        info: strawberry.Info,
        staff_id: strawberry.ID | None = None,  # noqa: ARG002 - part of the schema
        after: str | None = None,  # noqa: ARG002 - part of the schema
    ) -> AsyncGenerator[ClockStatusUpdated, None]:
        """Follow the clock of the hotel that the token is of."""
        queue: _Queue = asyncio.Queue()
        listening = _queues[data.hotel_of(_authorization(info))]
        listening.add(queue)
        try:
            while True:
                event = await queue.get()
                assert isinstance(event, ClockStatusUpdated)
                yield event
        finally:
            listening.discard(queue)


def _authorization(info: strawberry.Info) -> str:
    sent = info.context.get("connection_params")
    header: str = info.context["request"].headers["authorization"] if sent is None else sent["authorization"]
    return header


def _main() -> None:
    schema = strawberry.Schema(
        query=Query, subscription=Subscription, config=StrawberryConfig(scalar_map=SCALARS)
    )
    events = Events([(number, "00000000") for number in range(int(sys.argv[1]))])

    async def publish() -> None:
        number, event = events.next()
        seen = as_graphql(event)
        for queue in _queues[number]:
            queue.put_nowait(seen)

    protocols = (GRAPHQL_TRANSPORT_WS_PROTOCOL, GRAPHQL_SSE_PROTOCOL)
    serve(GraphQL(schema, subscription_protocols=protocols), publish)


if __name__ == "__main__":
    _main()
