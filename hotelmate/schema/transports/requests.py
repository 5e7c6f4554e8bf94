"""What a client asks to have executed, as every transport carries it.

Source: the GraphQL over HTTP specification, "Request Parameters"; the `subscribe` message of
graphql-transport-ws has the same four.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import orjson

from hotelmate.idempotency import keys
from hotelmate.schema.uploads import Upload

BAD_REQUEST = "BAD_REQUEST"
"""The code for what is no request, or none for its transport."""

_MOST_URL_PARAMETERS = 32
# No input has more than a handful, and what reads JSON takes more than what writes it.
_MOST_LEVELS = 64


class MalformedRequest(Exception):
    """What was sent is no GraphQL request; the message says why, for the client to read."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A document, which of its operations is meant, and values and files for that one's variables.

    `idempotency_key` is what was sent as one, whatever it is; it matters to mutations only.
    """

    query: str
    operation_name: str | None
    variables: dict[str, Any]
    files: Mapping[str, Upload] = field(default_factory=dict)
    idempotency_key: object = None


def from_json(body: bytes) -> GraphQLRequest:
    """Read the request in a JSON body.

    Raises:
        MalformedRequest: it is not JSON, or not the JSON of one request.
    """
    return from_parameters(read_json(body, "The body"))


def from_query_string(query_string: bytes) -> GraphQLRequest:
    """Read the request in a URL.

    Raises:
        MalformedRequest: it is not encoded as the specification says, or is no request.
    """
    try:
        pairs = parse_qsl(
            query_string.decode("ascii"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=_MOST_URL_PARAMETERS,
        )
    except ValueError:
        raise MalformedRequest("The URL's parameters are not encoded as they should be.") from None
    # Of a name that comes twice the first counts, as in the browsers' URLSearchParams.get.
    parameters: dict[str, object] = dict(reversed(pairs))
    for name in ("variables", "extensions"):
        if name in parameters:
            parameters[name] = read_json(str(parameters[name]), f"The parameter {name!r}")
    # In a URL the empty name means none: there is no way to write null.
    parameters["operationName"] = parameters.get("operationName") or None
    return from_parameters(parameters)


def from_parameters(parameters: object) -> GraphQLRequest:
    """Check the parameters of a request; of its `extensions` only `idempotencyKey` is used.

    Raises:
        MalformedRequest: one is missing or of the wrong kind, or they are not a map.
    """
    if not isinstance(parameters, dict):
        raise MalformedRequest("A request is one JSON object; batches are not accepted.")
    query = parameters.get("query")
    if not isinstance(query, str):
        raise MalformedRequest("'query' must be a string.")
    operation_name = parameters.get("operationName")
    if not isinstance(operation_name, str | None):
        raise MalformedRequest("'operationName' must be a string.")
    for name in ("variables", "extensions"):
        if not isinstance(parameters.get(name), dict | None):
            raise MalformedRequest(f"'{name}' must be an object.")
    if _is_nested(parameters.get("variables"), beyond=_MOST_LEVELS):
        raise MalformedRequest("'variables' is nested too deeply.")
    extensions = parameters.get("extensions") or {}
    return GraphQLRequest(
        query, operation_name, parameters.get("variables") or {}, idempotency_key=extensions.get(keys.FIELD)
    )


def read_json(text: bytes | str, what: str) -> object:
    """Read JSON.

    Raises:
        MalformedRequest: it is none; the message begins with `what` should have been some.
    """
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        raise MalformedRequest(f"{what} is not valid JSON.") from None


def _is_nested(value: object, *, beyond: int) -> bool:
    level = [value]
    for _ in range(beyond + 1):
        level = [
            part
            for whole in level
            if isinstance(whole, dict | list)
            for part in (whole.values() if isinstance(whole, dict) else whole)
        ]
        if not level:
            return False
    return True
