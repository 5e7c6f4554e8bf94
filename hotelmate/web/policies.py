"""What each page may load and connect to: nothing from elsewhere but what it is for.

Source:
    Content Security Policy Level 3. Its 'self' covers WebSockets to the same host.
"""

from hotelmate.settings import PusherSettings

_EVERYWHERE = (
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
)

STRICT = f"{_EVERYWHERE}; img-src 'self' data:"

# Monaco, GraphiQL's editor, writes style elements and attributes (microsoft/monaco-editor#271), and its style
# sheet holds fonts.
GRAPHIQL = f"{STRICT}; style-src 'self' 'unsafe-inline'; font-src 'self' data:"

# A hotel's pictures stand wherever the hotel has put them.
WITH_PICTURES = f"{_EVERYWHERE}; img-src 'self' data: https: http:"


def with_pusher(pusher: PusherSettings) -> str:
    """Return the policy of a page with pictures on which pusher-js connects to where the events go."""
    if not pusher.is_configured:
        return WITH_PICTURES
    if pusher.host is None:
        service = f"wss://ws-{pusher.cluster}.pusher.com"
    else:
        scheme, port = ("wss", pusher.port or 443) if pusher.ssl else ("ws", pusher.port or 80)
        service = f"{scheme}://{pusher.host}:{port}"
    return f"{WITH_PICTURES}; connect-src 'self' {service}"
