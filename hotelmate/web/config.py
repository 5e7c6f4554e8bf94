"""What the pages have to know of the server that they come from."""

from datetime import UTC, datetime
from importlib.metadata import version

from hotelmate.settings import EMBEDDED_KEY, Settings

Facts = dict[str, object]

# Who one can be in the demo: a name, a hotel, and the token that `hotelmate.demo` has published for them.
DEMO_IDENTITIES = (
    ("Anna Kelly", "killarney", "demo-anna"),
    ("Ben Murphy", "killarney", "demo-ben"),
    ("Carla Byrne", "dublin", "demo-carla"),
)


def facts(settings: Settings) -> Facts:
    """Return what `web/src/shared/config.ts` calls Config; nothing in it is secret, as anyone may ask."""
    return {
        "version": version("hotelmate"),
        "serverTime": datetime.now(UTC).isoformat(),
        "graphiql": settings.graphiql,
        "identities": _identities() if settings.demo else [],
        "pusher": _pusher(settings),
        "channels": {"hotel": settings.pusher_hotel_channels, "booking": settings.pusher_booking_channels},
    }


def _identities() -> list[Facts]:
    return [
        {"name": name, "hotel": hotel, "authorization": f"Token {token}"}
        for name, hotel, token in DEMO_IDENTITIES
    ]


def _pusher(settings: Settings) -> Facts:
    service = settings.pusher
    if not service.is_configured:
        return {"key": EMBEDDED_KEY, "cluster": None, "host": None, "port": None, "tls": False}
    return {
        "key": service.key,
        "cluster": service.cluster,
        "host": service.host,
        "port": service.port,
        "tls": service.ssl,
    }
