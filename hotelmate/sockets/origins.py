"""Which pages may open a WebSocket or send a form: browsers ask nobody before they do."""

from collections.abc import Collection
from urllib.parse import urlsplit


def is_trusted(origin: str | None, host: str | None, allowed: Collection[str]) -> bool:
    """Whether a page of this origin may do so.

    Without an origin it is no browser, so no page is behind it. The server's own pages are trusted, by the
    host under which the client reached it; behind a proxy that changes the host, its origin has to be among
    the allowed.

    Args:
        origin: the `Origin` header, as `https://example.com`.
        host: the `Host` header.
        allowed: the origins that are trusted beside; `*` stands for all.
    """
    if origin is None or "*" in allowed or origin.lower() in {other.lower() for other in allowed}:
        return True
    return host is not None and urlsplit(origin).netloc.lower() == host.lower()
