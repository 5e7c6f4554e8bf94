"""Requests to the HTTP API, and the proof that they come from who holds the secret.

Source:
    Pusher docs, "HTTP API: authentication" and "HTTP status codes".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

import orjson

from hotelmate.channels import tokens
from hotelmate.channels.config import App
from hotelmate.channels.errors import RequestRefusedError

JSON_HEADERS = {"content-type": "application/json"}

# Longer numbers are no time, and too long for some kinds of numbers.
_TIMESTAMP = re.compile(r"[0-9]{1,15}")


@dataclass(frozen=True, slots=True)
class Request:
    """One request, however it came.

    `path` is percent-decoded, `query_string` is as in the URL without the question mark, and the names of
    `headers` are in lower case.
    """

    method: str
    path: str
    query_string: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Response:
    """What a request is answered with; the body is always JSON."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def answer(
    content: dict[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Answer with a JSON object."""
    return Response(status=status, headers={**JSON_HEADERS, **(headers or {})}, body=orjson.dumps(content))


def query_parameters(query_string: str) -> list[tuple[str, str]]:
    """Read a query in its order. A plus sign is one: libraries sign what they put in the URL as it stands."""
    pairs = (part.partition("=") for part in query_string.split("&") if part)
    return [(unquote(name), unquote(value)) for name, _, value in pairs]


def authenticate(
    request: Request, parameters: Sequence[tuple[str, str]], app: App, *, now: float, age_seconds: float
) -> None:
    """Let pass only a request that the app's secret has signed, body included, within the allowed time.

    `parameters` are those of its query.

    Raises:
        RequestRefusedError: 401; the message says what did not fit, and never what would have.
    """
    given = dict(parameters)
    if given.get("auth_key") != app.key:
        raise RequestRefusedError(401, "auth_key does not belong to this app.")
    if given.get("auth_version") != "1.0":
        raise RequestRefusedError(401, "auth_version must be 1.0.")
    _check_timestamp(given.get("auth_timestamp", ""), now=now, age_seconds=age_seconds)
    _check_body(given.get("body_md5"), request.body)
    signed_parameters = [(name, value) for name, value in parameters if name != "auth_signature"]
    expected = [
        tokens.request_signature(
            secret, method=request.method, path=request.path, parameters=signed_parameters
        )
        for secret in app.secrets
    ]
    if not tokens.is_one_of(given.get("auth_signature", ""), expected):
        signed = f"{request.method.upper()} {request.path}"
        raise RequestRefusedError(401, f"Invalid signature: auth_signature is not that of {signed}.")


def _check_timestamp(timestamp: str, *, now: float, age_seconds: float) -> None:
    """Compare clocks both ways: a replayed request is as unwelcome as one signed for later."""
    if _TIMESTAMP.fullmatch(timestamp) is None:
        raise RequestRefusedError(401, "auth_timestamp must be a number of seconds.")
    if abs(now - int(timestamp)) > age_seconds:
        raise RequestRefusedError(401, f"auth_timestamp is not within {age_seconds:.0f} seconds of now.")


def _check_body(digest: str | None, body: bytes) -> None:
    # Without the digest the signature would not cover the body. Python's library sends that of the empty
    # body along with each GET, npm's sends none.
    if digest is None and not body:
        return
    if digest is None or not tokens.equal(digest, tokens.body_digest(body)):
        raise RequestRefusedError(401, "body_md5 is not the MD5 digest of the body.")
