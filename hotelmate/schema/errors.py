"""What clients are told of an error: the one place where a refusal becomes a GraphQL error.

A refusal is answered with its code, and so is what graphql-core finds wrong with the request. Everything else
is a fault on our side: the client is told an id, under which the log has the rest. When something is only
unavailable for the moment, the client is told that as well.
"""

import re
from collections.abc import Sequence
from typing import Any

import structlog
from graphql import (
    GraphQLError,
    GraphQLSyntaxError,
    Location,
    Token,
    TokenKind,
    ValueNode,
    VariableNode,
)
from sqlalchemy.exc import OperationalError

from hotelmate.database import refusal_of
from hotelmate.errors import BadUserInput, RateLimited, Refused, TimedOut, Unavailable
from hotelmate.telemetry import origins

# graphql-core names the place of a value that it cannot coerce in the message only.
_INVALID_VALUE = re.compile(
    r"(?:Variable '\$|Argument ')(?P<name>\w+)'"
    r" (?:has invalid value(?: at (?:\.(?P<path>[^:\[]+))?[^:]*)?:|of required type)"
    r"(?:.* to include required field '(?P<missing>\w+)')?"
)

# Of a value that is written in the document it does so for what is missing.
_MISSING = re.compile(
    r"Expected value of type '\w+' to include required field '(?P<field>\w+)'"
    r"|Argument '\w+\.\w+\((?P<argument>\w+):\)' of type .* is required"
)
_OPENING = frozenset((TokenKind.BRACKET_L, TokenKind.BRACE_L, TokenKind.PAREN_L))
_CLOSING = frozenset((TokenKind.BRACKET_R, TokenKind.BRACE_R, TokenKind.PAREN_R))

logger = structlog.get_logger(__name__)


def formatted_errors(errors: Sequence[GraphQLError]) -> list[dict[str, Any]]:
    """Return errors as the `errors` of a response; what is INTERNAL is logged here.

    An error that already has `extensions` (a transport's own) keeps them.
    """
    return [_formatted(error) for error in errors]


def code_of(error: Exception) -> str:
    """Return the code that clients are told for an error."""
    if not isinstance(error, GraphQLError):
        return error.code if isinstance(error, Refused) else Refused.code
    extensions = error.extensions or _refusal(error.original_error) or _clients_mistake(error) or {}
    return str(extensions.get("code", Refused.code))


def timed_out(errors: Sequence[GraphQLError]) -> TimedOut | None:
    """Return the first of the errors that says that the operation took too long; None when none does."""
    refusals = (_unavailable(error.original_error or error)[0] for error in errors)
    return next((refusal for refusal in refusals if isinstance(refusal, TimedOut)), None)


def _formatted(error: GraphQLError) -> dict[str, Any]:
    extensions = error.extensions or _refusal(error.original_error) or _clients_mistake(error)
    if extensions is None:
        return _masked(error)
    return {**error.formatted, "extensions": extensions}


def _refusal(error: Exception | None) -> dict[str, Any] | None:
    match error:
        case Unavailable():
            return None
        case BadUserInput():
            return {"code": error.code, "field": error.field}
        case RateLimited():
            return {"code": error.code, "retryAfter": error.retry_after}
        case Refused():
            return {"code": error.code}
        case _:
            return None


def _clients_mistake(error: GraphQLError) -> dict[str, Any] | None:
    """What graphql-core itself found wrong with the request; None when the error comes from our side."""
    if isinstance(error, GraphQLSyntaxError):
        return {"code": "GRAPHQL_PARSE_FAILED"}
    is_found_by_graphql = error.original_error is None or isinstance(error.original_error, GraphQLError)
    if is_found_by_graphql and (invalid := _INVALID_VALUE.match(error.message)):
        field = invalid["missing"] or invalid["path"] or _argument_given_by(invalid["name"], error)
        return {"code": BadUserInput.code, "field": field}
    # With a path a field was already being executed. Without one, a scalar's reason to refuse a value that is
    # written in the document comes with the place of that value.
    if error.path is not None or not (is_found_by_graphql or error.nodes):
        return None
    if written := _field_written_wrong(error):
        return {"code": BadUserInput.code, "field": written}
    return {"code": "GRAPHQL_VALIDATION_FAILED"}


def _field_written_wrong(error: GraphQLError) -> str | None:
    """Return what has a value that it cannot have in the document, or lacks one; None for any other error."""
    if missing := _MISSING.match(error.message):
        return missing["field"] or missing["argument"]
    match error.nodes:
        case [VariableNode(), *_]:
            return None
        case [ValueNode(loc=Location(start_token=first)), *_]:
            return _place(first)
        case _:
            return None


def _place(first: Token) -> str | None:
    """Return which argument, or which field in it, has the value that begins with a token, as `theme.mode`.

    What leads to a value is not told with it, but stands before it in the document.
    """
    names: list[str] = []
    depth, is_named, token = 0, False, first.prev
    while token is not None and not (depth == 0 and token.kind is TokenKind.PAREN_L):
        if depth == 0 and token.kind is TokenKind.EQUALS:
            return None  # a variable's default
        if depth == 0 and token.kind is TokenKind.COLON and token.prev is not None and not is_named:
            names.insert(0, str(token.prev.value))
            is_named = True
        if token.kind in _CLOSING:
            depth += 1
        elif token.kind in _OPENING and depth > 0:
            depth -= 1
        elif token.kind is TokenKind.BRACE_L:
            is_named = False  # what the object is the value of is still to come
        token = token.prev
    return ".".join(names[1:] or names)


def _argument_given_by(variable: str, error: GraphQLError) -> str:
    """Return the argument that the client's document gives by a variable; else the name as it stands."""
    location = error.nodes[0].loc if error.nodes else None
    given = re.search(rf"(\w+)\s*:\s*\${variable}\b", location.source.body) if location else None
    return given[1] if given else variable


def _masked(error: GraphQLError) -> dict[str, Any]:
    error_id = origins.error_id()
    cause = error.original_error or error
    refusal, reason = _unavailable(cause)
    if refusal is not None:
        message = refusal.message
        logger.warning("unavailable", error_id=error_id, path=error.path, reason=str(reason or message))
    else:
        message = "Something went wrong on our side."
        logger.error("graphql_error", error_id=error_id, path=error.path, exc_info=cause)
    masked = GraphQLError(
        message,
        nodes=error.nodes,
        path=error.path,
        extensions={"code": Refused.code, "id": error_id},
    )
    return dict(masked.formatted)


def _unavailable(cause: Exception) -> tuple[Unavailable | None, BaseException | None]:
    """Return the refusal that an error amounts to, and what is behind it."""
    match cause:
        case Unavailable():
            return cause, cause.__cause__
        # A field reads while the session stays open for others, which therefore has not been told.
        case OperationalError():
            return refusal_of(cause), cause
        case _:
            return None, None
