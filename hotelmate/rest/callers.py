"""From a request to whoever sends it."""

from datetime import UTC, datetime

from starlette.requests import Request

from hotelmate.database import Reading
from hotelmate.identity.actors import Actor
from hotelmate.identity.credentials import authenticate_guest
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.sockets.addresses import client_address


class Callers:
    """Tells who calls."""

    def __init__(self, guest_tokens: GuestTokens, sessions: KnownSessions) -> None:
        self._guest_tokens = guest_tokens
        self._sessions = sessions

    def identify(self, reading: Reading, *, header: str | None, guest_token: str | None = None) -> Actor:
        """Return whom the `Authorization` header names; without one, whom a guest token sent elsewhere does.

        Raises:
            Unauthenticated: what was sent opens nothing.
        """
        if guest_token is not None and not header:
            return authenticate_guest(reading, guest_token, guest_tokens=self._guest_tokens)
        return self._sessions.authenticate(
            lambda: reading, header, guest_tokens=self._guest_tokens, at=datetime.now(UTC)
        )


def address(request: Request) -> str | None:
    """Return where a request comes from, as trusted proxies say it; None over a socket without addresses."""
    return client_address(request.scope)
