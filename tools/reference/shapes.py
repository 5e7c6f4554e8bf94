"""What the pages say of each kind of event, asked of the very code that sends it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import cleandoc
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    graphql_sync,
    is_abstract_type,
    is_leaf_type,
)

from hotelmate.bridge.legacy import Legacy
from hotelmate.bridge.names import ChannelKind, ChannelName
from hotelmate.events.catalogue import BookingEventData, EventData
from hotelmate.schema import build_schema
from hotelmate.schema.events import as_graphql
from hotelmate.settings import ChannelVisibility
from tools.reference.examples import EXAMPLES, event

Json = dict[str, Any]

# Everything that can go out, whatever the settings say.
_LEGACY = Legacy(
    hotel_channels=ChannelVisibility.BOTH,
    booking_channels=ChannelVisibility.BOTH,
    is_guest_token_public=False,
    issue_guest_token=lambda reference, _nonce: f"{reference}.…",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LegacyShape:
    """An event as Pusher has it."""

    name: str
    public: Json
    private: Json
    """The payload on the private twin, which may hold more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """One kind of event, as everybody gets it."""

    data: EventData
    kind: str
    sentence: str
    channels: tuple[str, str]
    """The public channel and its private twin."""
    legacy: LegacyShape | None
    type: GraphQLObjectType
    subscriptions: tuple[str, ...]
    graphql: Json


@dataclass(frozen=True, slots=True)
class Audience:
    """A channel, and the template of its name."""

    id: str
    public: str
    private: str
    parameter: str


HOTEL = Audience(
    "hotel",
    str(ChannelName(ChannelKind.HOTEL, "{slug}")),
    str(ChannelName(ChannelKind.PRIVATE_HOTEL, "{slug}")),
    "slug",
)
BOOKING = Audience(
    "booking",
    str(ChannelName(ChannelKind.BOOKING, "{id}")),
    str(ChannelName(ChannelKind.PRIVATE_BOOKING, "{id}")),
    "id",
)


def audience(data: EventData) -> Audience:
    """Return whose channels an event goes to."""
    return BOOKING if isinstance(data, BookingEventData) else HOTEL


def schema() -> GraphQLSchema:
    """Return the schema that the server executes."""
    return build_schema()._schema


def subscription_fields(schema: GraphQLSchema) -> dict[str, tuple[str, ...]]:
    """Return which kinds of event each subscription can bring, by its field."""
    root = schema.subscription_type
    assert root is not None
    return {
        name: tuple(kind.name for kind in _possible(schema, get_named_type(field.type)))
        for name, field in root.fields.items()
    }


def shapes() -> tuple[Shape, ...]:
    """Return every kind of event, in the catalogue's order."""
    graphql = schema()
    fields = subscription_fields(graphql)
    return tuple(_shape(data, graphql, fields) for data in EXAMPLES)


def _shape(data: EventData, graphql: GraphQLSchema, fields: dict[str, tuple[str, ...]]) -> Shape:
    kind = type(data).__name__
    type_ = graphql.type_map[kind]
    assert isinstance(type_, GraphQLObjectType)
    to = audience(data)
    return Shape(
        data=data,
        kind=kind,
        sentence=cleandoc(type_.description or ""),
        channels=(to.public, to.private),
        legacy=_legacy(data),
        type=type_,
        subscriptions=tuple(name for name, kinds in fields.items() if kind in kinds),
        graphql=_answer(data, type_),
    )


def _legacy(data: EventData) -> LegacyShape | None:
    messages = _LEGACY.messages_of(event(data))
    if not messages:
        return None
    public, private = (json.loads(message.data) for message in messages)
    return LegacyShape(name=messages[0].event_name, public=public, private=private)


def _answer(data: EventData, type_: GraphQLObjectType) -> Json:
    """Return the event as a subscription that selects all of it has it."""
    field = GraphQLField(type_, resolve=lambda *_: as_graphql(event(data)))
    answered = graphql_sync(
        GraphQLSchema(query=GraphQLObjectType("Query", {"event": field})),
        f"{{ event {{ __typename {' '.join(_selection(type_))} }} }}",
    )
    assert answered.data is not None, answered.errors
    shown: Json = answered.data["event"]
    return shown


def _selection(type_: GraphQLObjectType) -> Iterator[str]:
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            yield name
        else:
            assert isinstance(named, GraphQLObjectType)
            yield f"{name} {{ {' '.join(_selection(named))} }}"


def _possible(schema: GraphQLSchema, type_: GraphQLNamedType) -> list[GraphQLObjectType]:
    if is_abstract_type(type_):
        return list(schema.get_possible_types(type_))
    assert isinstance(type_, GraphQLObjectType)
    return [type_]
