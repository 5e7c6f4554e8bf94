"""A small schema with everything that the transports have to deal with.

Somebody rings a bell in a hotel's log, and whoever listens hears it. A ring is an `OfferDeleted` in the log,
whose title is what was rung. "hidden" is for staff only; "broken" and "unspeakable" cannot be told.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256

import strawberry
from graphql import GraphQLSchema
from sqlmodel import select
from strawberry.schema.config import StrawberryConfig

from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.errors import BadUserInput, NotFound
from hotelmate.events import log
from hotelmate.events.catalogue import OfferDeleted
from hotelmate.events.log import Event
from hotelmate.identity.actors import Anonymous, GuestActor, StaffActor
from hotelmate.identity.permissions import require_staff
from hotelmate.models import Hotel
from hotelmate.resolvers.streams import EventSource
from hotelmate.schema.context import Context
from hotelmate.schema.scalars import SCALARS
from hotelmate.schema.uploads import Upload

Info = strawberry.Info[Context, None]

SECRET_DETAIL = "the database's password is hunter2"


class Gate:
    """Lets a test hold up the query `gated` inside its resolver, and know that it has got there."""

    def __init__(self) -> None:
        self._entered = threading.Event()
        self._opened = threading.Event()

    def pass_through(self) -> None:
        self._entered.set()
        assert self._opened.wait(10)

    @contextmanager
    def closed(self) -> Iterator[None]:
        self._entered.clear()
        self._opened.clear()
        try:
            yield
        finally:
            self._opened.set()

    async def entered(self) -> None:
        assert await asyncio.to_thread(self._entered.wait, 5)


class Bells:
    """What the schema's resolvers share with a test."""

    def __init__(self) -> None:
        self.executions: Counter[str] = Counter()
        self.gate = Gate()
        self.files: list[Upload] = []
        self.schema = _schema(self)

    def as_graphql(self, event: Event) -> object:
        assert isinstance(event.data, OfferDeleted)
        if event.data.offer_title == "unspeakable":
            raise RuntimeError(SECRET_DETAIL)
        return Ring(event=event, bells=self)


@strawberry.type
class Ring:
    event: strawberry.Private[Event]
    bells: strawberry.Private[Bells]

    @strawberry.field
    def seq(self) -> int:
        return self.event.seq

    @strawberry.field
    def cursor(self) -> str:
        return self.event.cursor

    @strawberry.field
    def text(self) -> str:
        assert isinstance(self.event.data, OfferDeleted)
        self.bells.executions[self.event.data.offer_title] += 1
        if self.event.data.offer_title == "broken":
            raise RuntimeError(SECRET_DETAIL)
        return self.event.data.offer_title

    @strawberry.field
    def said(self, word: str | None) -> str | None:
        return word


@strawberry.type
class Node:
    name: str = "node"

    @strawberry.field
    def node(self) -> "Node":
        return Node()


@strawberry.type
class Recording:
    size: int
    digest: str

    @classmethod
    def of(cls, upload: Upload) -> "Recording":
        upload.file.seek(0)
        content = upload.file.read()
        return cls(size=len(content), digest=sha256(content).hexdigest())


def ring(transaction: Transaction, text: str, slug: str = "killarney") -> Event:
    """Record a ring in the hotel's log."""
    hotel_id = find_hotel(transaction, slug).id
    said = OfferDeleted(offer_id=1, offer_title=text, was_active=True)
    return log.record(transaction, take_turn(transaction, hotel_id), said, at=datetime.now(UTC))


def find_hotel(reading: Reading, slug: str) -> Hotel:
    hotel = reading.exec(select(Hotel).where(Hotel.slug == slug)).first()
    if hotel is None:
        raise NotFound("There is no such hotel.")
    return hotel


def _source(context: Context, slug: str, after: str | None, *, for_staff: bool) -> EventSource:
    hotel = find_hotel(context.reading, slug)

    def select_rings(event: Event) -> Event | None:
        assert isinstance(event.data, OfferDeleted)
        return event if for_staff or event.data.offer_title != "hidden" else None

    position = log.position(context.reading, hotel, after)
    return EventSource(hotel.id, position, hotel.seq, ("rings", hotel.id, for_staff), select_rings)


def _schema(bells: Bells) -> GraphQLSchema:
    @strawberry.type
    class Query:
        @strawberry.field
        def caller(self, info: Info) -> str:
            match info.context.actor:
                case Anonymous():
                    return "anonymous"
                case StaffActor(staff_id=staff_id):
                    return f"staff {staff_id}"
                case GuestActor(reference=reference):
                    return f"guest of {reference}"

        @strawberry.field
        def echo(self, text: str) -> str:
            return text

        @strawberry.field
        def rung(self, info: Info) -> int:
            return find_hotel(info.context.reading, "killarney").seq

        @strawberry.field
        def secret(self, info: Info) -> str:
            require_staff(info.context.actor)
            return "42"

        @strawberry.field
        def perhaps(self, info: Info) -> str | None:
            require_staff(info.context.actor)
            return "42"

        @strawberry.field
        def broken(self) -> str:
            raise RuntimeError(SECRET_DETAIL)

        @strawberry.field
        def gated(self) -> str:
            bells.gate.pass_through()
            return "passed"

        @strawberry.field
        def node(self) -> Node:
            return Node()

    @strawberry.type
    class Mutation:
        @strawberry.mutation
        def ring(self, info: Info, text: str, hotel_slug: str = "killarney") -> int:
            if not text:
                raise BadUserInput("text", "Ring something.")
            with info.context.transaction() as transaction:
                return ring(transaction, text, hotel_slug).seq

        @strawberry.mutation
        def listen(self, sound: Upload) -> str:
            bells.files.append(sound)
            bells.gate.pass_through()
            return "heard"

        @strawberry.mutation
        def record(self, sound: Upload, echo: Upload | None = None) -> list[Recording]:
            bells.files += [file for file in (sound, echo) if file]
            return [Recording.of(file) for file in (sound, echo) if file]

    @strawberry.type
    class Subscription:
        @strawberry.subscription(graphql_type=Ring)
        def rings(self, info: Info, hotel_slug: str = "killarney", after: str | None = None) -> EventSource:
            for_staff = isinstance(info.context.actor, StaffActor)
            return _source(info.context, hotel_slug, after, for_staff=for_staff)

        @strawberry.subscription(graphql_type=Ring)
        def staff_rings(self, info: Info, after: str | None = None) -> EventSource:
            require_staff(info.context.actor)
            return _source(info.context, "killarney", after, for_staff=True)

        @strawberry.subscription(graphql_type=Ring)
        def faulty(self) -> EventSource:
            raise RuntimeError(SECRET_DETAIL)

    config = StrawberryConfig(scalar_map=SCALARS)
    return strawberry.Schema(query=Query, mutation=Mutation, subscription=Subscription, config=config)._schema
