"""The request that code is running for: its id and its client's address, within reach everywhere.

Kept in a context variable, which follows a request into its tasks, and into the worker threads that
`Database.run` and `Pictures.run` use.
"""

import secrets
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class Origin:
    """One request, or one operation on a socket; `address` is None over a socket without addresses."""

    request_id: str
    address: str | None


_current: ContextVar[Origin | None] = ContextVar("hotelmate_origin", default=None)


def current() -> Origin | None:
    """Return the request that this runs for; None for what the process does by itself."""
    return _current.get()


@contextmanager
def coming_from(origin: Origin) -> Iterator[None]:
    """Run the block on behalf of a request."""
    token = _current.set(origin)
    try:
        yield
    finally:
        _current.reset(token)


def context_of_operation(number: int) -> Context:
    """Return the context for a task that carries out one of a socket's operations.

    Its id is the socket's with a number, so that who looks for the socket's finds all of them.
    """
    context = copy_context()
    origin = _current.get()
    if origin is not None:
        context.run(_current.set, replace(origin, request_id=f"{origin.request_id}.{number}"))
    return context


def error_id() -> str:
    """Return the id under which to log an error: the request's, or a new one outside of any request."""
    origin = _current.get()
    return new_id() if origin is None else origin.request_id


def new_id() -> str:
    """Return an id that nothing else has."""
    return secrets.token_hex(8)


def add_request_id(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the request's id to a line of the log; a structlog processor."""
    origin = _current.get()
    if origin is not None:
        line.setdefault("request_id", origin.request_id)
    return line
