"""May this client connect? It is answered on the open socket, because a refusal in HTTP hides its code.

Two codes of the protocol are never given. 4000 sends a client to TLS, of which this server, behind a proxy
that ends it, knows nothing. 4004 says that an account's quota is used up, and clients then never come back;
being full passes, so the code is 4100.

Source:
    Pusher docs, "Connection" and "Error codes" of the protocol page. 4009 for an origin is Laravel Reverb's.
"""

import re
from collections.abc import Iterable, Mapping

from hotelmate.channels.config import Limits
from hotelmate.channels.errors import HandshakeRefusedError
from hotelmate.channels.hub import Hub
from hotelmate.channels.requests import query_parameters
from hotelmate.sockets.origins import is_trusted

APP_UNKNOWN = 4001
APP_DISABLED = 4003
PATH_UNKNOWN = 4005
VERSION_MALFORMED = 4006
VERSION_UNSUPPORTED = 4007
VERSION_MISSING = 4008
ORIGIN_REFUSED = 4009
OVER_CAPACITY = 4100

_CLIENT_PATH = re.compile(r"/app/(?P<key>[^/]+)/?")
# 5 and 6 differ from 7 in nothing that a client notices.
_VERSIONS = frozenset({"5", "6", "7"})


def admit(
    hubs: Iterable[Hub], *, path: str, query_string: str, headers: Mapping[str, str], limits: Limits
) -> Hub:
    """Find the hub of the app that a client asks for; `headers` have lower-case names.

    Raises:
        HandshakeRefusedError: The path, the key, the origin or the protocol version will not do, or there are
            too many.
    """
    found = _CLIENT_PATH.fullmatch(path)
    if found is None:
        raise HandshakeRefusedError(PATH_UNKNOWN, "Path not found")
    hub = next((hub for hub in hubs if hub.app.key == found["key"]), None)
    if hub is None:
        raise HandshakeRefusedError(APP_UNKNOWN, f"There is no app with the key {found['key']}")
    if not hub.app.enabled:
        raise HandshakeRefusedError(APP_DISABLED, "The app is disabled")
    if not is_trusted(headers.get("origin"), headers.get("host"), hub.app.allowed_origins):
        raise HandshakeRefusedError(ORIGIN_REFUSED, "Origin not allowed")
    _check_version(dict(query_parameters(query_string)).get("protocol", ""))
    if hub.connection_count >= limits.connections:
        raise HandshakeRefusedError(OVER_CAPACITY, "Over capacity")
    return hub


def _check_version(version: str) -> None:
    if not version:
        raise HandshakeRefusedError(VERSION_MISSING, "No protocol version supplied")
    if not (version.isascii() and version.isdigit()):
        raise HandshakeRefusedError(VERSION_MALFORMED, "Invalid version string format")
    if version not in _VERSIONS:
        raise HandshakeRefusedError(VERSION_UNSUPPORTED, f"Unsupported protocol version {version}; use 7")
