"""`docs/asyncapi.json`: the events for machines.

Source:
    AsyncAPI Specification 3.1.0.
"""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)
from pydantic import BaseModel

from hotelmate.events.catalogue import EventData, OfferSnapshot, SettingsSnapshot
from hotelmate.settings import EMBEDDED_KEY
from tools.reference.shapes import (
    BOOKING,
    HOTEL,
    Audience,
    Json,
    LegacyShape,
    Shape,
    audience,
    schema,
    shapes,
    subscription_fields,
)

_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}
_COUNT = {"type": "integer", "minimum": 1}
_SCALARS: dict[str, Json] = {
    "ID": _TEXT,
    "String": _TEXT,
    "Int": {"type": "integer"},
    "Boolean": {"type": "boolean"},
    "Date": {"type": "string", "format": "date"},
    "DateTime": _TIME,
}
# What the payloads for Pusher hold beside what the catalogue has under the same name.
_BESIDES: dict[str, Json] = {
    "meta": {"$ref": "#/components/schemas/Meta"},
    "offer": {"$ref": "#/components/schemas/LegacyOffer"},
    "timestamp": _TIME,
    "assigned_at": _TIME,
    "changed_at": _TIME,
    "guest_token": _TEXT,
}
# A truncated payload goes without these.
_LONG_TEXTS = {"details_html", "details_text", "short_description"}


def document() -> Json:
    """Return the whole document."""
    kinds = shapes()
    channels = {**_pusher_channels(kinds), **_graphql_channels()}
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "HotelMate",
            "version": version("hotelmate"),
            "description": (
                "What happens in a hotel, as the frontends of today get it through Pusher's protocol and as"
                " GraphQL clients get it by subscribing. The channels of the server `graphql` are the fields"
                " of its type Subscription; their messages are shown with every field selected."
            ),
        },
        "defaultContentType": "application/json",
        "servers": _servers(),
        "channels": channels,
        "operations": {
            f"send_{id_}": {"action": "send", "channel": {"$ref": f"#/channels/{id_}"}} for id_ in channels
        },
        "components": {
            "messages": dict(_messages(kinds)),
            "schemas": {
                "Meta": {
                    "type": "object",
                    "properties": {"event_id": _COUNT, "seq": _COUNT, "cursor": _TEXT},
                    "required": ["event_id", "seq", "cursor"],
                    "additionalProperties": False,
                },
                "LegacyOffer": _legacy_offer(),
                **_object_schemas(kinds),
            },
        },
    }


def _servers() -> Json:
    host = "127.0.0.1:8000"
    return {
        "pusher": {
            "host": host,
            "protocol": "ws",
            "pathname": "/app/{key}",
            "description": "The embedded Channels server, or hosted Pusher; the protocol's version is 7.",
            "variables": {"key": {"default": EMBEDDED_KEY}},
        },
        "graphql": {
            "host": host,
            "protocol": "ws",
            "pathname": "/graphql",
            "description": "The subprotocol is graphql-transport-ws; server-sent events bring the same.",
        },
    }


def _pusher_channels(kinds: tuple[Shape, ...]) -> Json:
    return {id_: channel for to in (HOTEL, BOOKING) for id_, channel in _twins(to, kinds)}


def _twins(to: Audience, kinds: tuple[Shape, ...]) -> Iterator[tuple[str, Json]]:
    names = dict.fromkeys(kind.legacy.name for kind in kinds if kind.legacy and audience(kind.data) is to)
    for id_, address, who in (
        (to.id, to.public, "Open to whoever knows its name."),
        (
            f"private_{to.id}",
            to.private,
            "For those who may know; joined with a signature of `/pusher/auth`.",
        ),
    ):
        yield (
            id_,
            {
                "address": address,
                "description": who,
                "parameters": {to.parameter: {"description": f"The {to.id}'s."}},
                "servers": [{"$ref": "#/servers/pusher"}],
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in names},
            },
        )


def _graphql_channels() -> Json:
    graphql = schema()
    root = graphql.subscription_type
    assert root is not None
    return {
        f"subscription_{field}": {
            "address": field,
            "description": root.fields[field].description or "",
            "servers": [{"$ref": "#/servers/graphql"}],
            "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
        }
        for field, kinds in subscription_fields(graphql).items()
    }


def _messages(kinds: tuple[Shape, ...]) -> Iterator[tuple[str, Json]]:
    for kind in kinds:
        yield (
            kind.kind,
            {
                "name": kind.kind,
                "summary": kind.sentence,
                "payload": {"$ref": f"#/components/schemas/{kind.kind}"},
                "examples": [{"payload": kind.graphql}],
            },
        )
    # Two kinds can go by one legacy name; what they say is the same.
    for kind in reversed(kinds):
        if kind.legacy is not None:
            yield kind.legacy.name, _legacy_message(kind, kind.legacy)


def _legacy_message(kind: Shape, legacy: LegacyShape) -> Json:
    return {
        "name": legacy.name,
        "summary": kind.sentence,
        "payload": {
            "type": "object",
            "properties": {
                **{name: _legacy_property(kind.data, name, value) for name, value in legacy.private.items()},
                "truncated": {"const": True},
            },
            "required": list(legacy.public),
            "additionalProperties": False,
        },
        "examples": [{"payload": legacy.private}],
    }


def _legacy_property(data: EventData, name: str, value: object) -> Json:
    if name in _BESIDES:
        return _BESIDES[name]
    for model in (type(data), SettingsSnapshot):
        if name in model.model_fields:
            return _of_the_catalogue(model, name)
    return {"const": value}


def _legacy_offer() -> Json:
    names = list(OfferSnapshot.model_fields)
    properties = {name: _of_the_catalogue(OfferSnapshot, name) for name in names}
    properties["photo"] = properties["photo_url"]
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in _LONG_TEXTS],
        "additionalProperties": False,
    }


def _of_the_catalogue(model: type[BaseModel], name: str) -> Json:
    """Return the schema of a field, with what it refers to in its place."""
    whole = model.model_json_schema(mode="serialization")
    found = whole["properties"][name]
    if "$ref" in found:
        found = whole["$defs"][found["$ref"].rpartition("/")[2]]
    return {key: value for key, value in found.items() if key not in {"title", "description"}}


def _object_schemas(kinds: tuple[Shape, ...]) -> Json:
    """Return the GraphQL types of the events, and those that they hold."""
    waiting = [kind.type for kind in kinds]
    found: Json = {}
    while waiting:
        type_ = waiting.pop(0)
        if type_.name in found:
            continue
        found[type_.name] = _object_schema(type_)
        held = (get_named_type(field.type) for field in type_.fields.values())
        waiting += [named for named in held if isinstance(named, GraphQLObjectType)]
    events = {kind.kind for kind in kinds}
    for name in events:
        found[name]["properties"] = {"__typename": {"const": name}, **found[name]["properties"]}
    return found


def _object_schema(type_: GraphQLObjectType) -> Json:
    return {
        "type": "object",
        "properties": {name: _output_schema(field.type) for name, field in type_.fields.items()},
    }


def _output_schema(type_: GraphQLOutputType) -> Json:
    if isinstance(type_, GraphQLNonNull):
        return _non_null(type_.of_type)
    return {"oneOf": [_non_null(type_), {"type": "null"}]}


def _non_null(type_: Any) -> Json:
    if isinstance(type_, GraphQLList):
        return {"type": "array", "items": _output_schema(type_.of_type)}
    if isinstance(type_, GraphQLEnumType):
        return {"type": "string", "enum": list(type_.values)}
    if isinstance(type_, GraphQLObjectType):
        return {"$ref": f"#/components/schemas/{type_.name}"}
    return _SCALARS[type_.name]
