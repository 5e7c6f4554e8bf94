"""How requests that the `pusher` library has made and signed travel: over HTTP, or within the process.

Both are backends on the library's own hook (`Pusher(..., backend=...)`): made for a client of the library,
with options of ours, and then handed each request. Neither blocks the event loop, and both answer alike.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Protocol

import aiohttp
from pusher.http import Request, process_response
from yarl import URL

from hotelmate.bridge.sending import Refused, Unreachable

_CONNECTIONS = 32
_LONGEST_REASON = 500
# Pusher takes what was signed up to ten minutes before or after its own time.
_CLOCK_SECONDS = 600
_ACCEPTED = {HTTPStatus.OK, HTTPStatus.ACCEPTED}
_REFUSED = {HTTPStatus.BAD_REQUEST, HTTPStatus.REQUEST_ENTITY_TOO_LARGE}


class Answer(Protocol):
    """What a request is answered with; the names of headers are in lower case."""

    @property
    def status(self) -> int: ...

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def body(self) -> bytes: ...


Door = Callable[[str, str, str, Mapping[str, str], bytes], Awaitable[Answer]]
"""Answers a request within the process: method, path, query string, headers (lower case), body."""


class Pool:
    """The connections to a Pusher service; opened on first use, on the event loop that sends."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    @property
    def session(self) -> aiohttp.ClientSession:
        """The session that keeps them. TLS is checked against the system's certificates."""
        if self._session is None:
            # How long a request may take is for whoever makes it to say.
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS), timeout=aiohttp.ClientTimeout(total=None)
            )
        return self._session

    async def close(self) -> None:
        """Close them."""
        if self._session is not None:
            await self._session.close()


class PooledBackend:
    """Sends to a Pusher service over connections that are kept open."""

    def __init__(self, client: object, *, pool: Pool) -> None:  # noqa: ARG002 - the library's hook
        self._pool = pool

    async def send_request(self, request: Request) -> Any:
        """Send what the library has signed, and return the JSON that it is answered with.

        Raises:
            Refused: 400 or 413.
            Unreachable: everything else, with the `Retry-After` that came with it.
        """
        return result_of(*await self.exchange(request))

    async def exchange(self, request: Request) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request, and return the answer's status, headers and body.

        Raises:
            Unreachable: there was no answer.
        """
        # As it stands, because the signature covers it so.
        url = URL(request.url, encoded=True)
        try:
            async with self._pool.session.request(
                request.method, url, data=request.body, headers=request.headers, allow_redirects=False
            ) as response:
                return response.status, response.headers, await response.read()
        except (aiohttp.ClientError, OSError) as error:
            raise Unreachable(str(error) or type(error).__name__) from error


class InProcessBackend:
    """Hands requests to a server in this process: an HTTP call to itself could wait for itself."""

    def __init__(self, client: object, *, door: Door) -> None:  # noqa: ARG002 - the library's hook
        self._door = door

    async def send_request(self, request: Request) -> Any:
        """Do as `PooledBackend.send_request` does."""
        headers = {name.lower(): value for name, value in request.headers.items()}
        answer = await self._door(request.method, request.path, request.query_string, headers, request.body)
        return result_of(answer.status, answer.headers, answer.body)


def result_of(status: int, headers: Mapping[str, str], body: bytes) -> Any:
    """Return the JSON of a Pusher service's answer.

    Raises:
        Refused: 400 or 413.
        Unreachable: everything else, with the `Retry-After` that came with it.
    """
    # PostgreSQL keeps no NUL, and this can become an error that is kept.
    text = body.decode(errors="replace").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if status in _REFUSED:
        raise Refused(_reason(status, text))
    if status not in _ACCEPTED:
        # Wrong credentials and a wrong clock are ours to mend; the events are as good as before.
        reason = _reason(status, text) + _clock_difference(status, headers.get("date"))
        raise Unreachable(reason, retry_after_seconds=_seconds(headers.get("retry-after")))
    try:
        return process_response(status, text)
    except ValueError as error:
        raise Unreachable(f"not a Pusher service's answer: {text[:_LONGEST_REASON]}") from error


def _reason(status: int, text: str) -> str:
    return f"{status} {text.strip()}"[:_LONGEST_REASON]


def _clock_difference(status: int, date: str | None) -> str:
    """Say how far this machine's clock is off where that is why Pusher refuses what it signs."""
    if status != HTTPStatus.UNAUTHORIZED or date is None:
        return ""
    ahead = -seconds_until(date)
    if abs(ahead) < _CLOCK_SECONDS:
        return ""
    return f"; this machine's clock is {abs(ahead):.0f} s {'ahead of' if ahead > 0 else 'behind'} Pusher's"


def _seconds(retry_after: str | None) -> float:
    """Read `Retry-After`: seconds, or the date until when."""
    if retry_after is None:
        return 0
    return float(retry_after) if retry_after.isdecimal() else max(0.0, seconds_until(retry_after))


def seconds_until(date: str) -> float:
    """Return how far ahead a header's date is by this machine's clock; 0 when it is no date."""
    try:
        return parsedate_to_datetime(date).timestamp() - time.time()
    except ValueError:
        return 0
