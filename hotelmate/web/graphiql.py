"""GraphiQL, for those who open the GraphQL endpoint in a browser."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hotelmate.web import policies
from hotelmate.web.built import page

_HTML = "text/html"
# What a GraphQL client asks for by name; a wildcard beside `text/html`, as browsers send it, does not count.
_FOR_CLIENTS = ("application/graphql-response+json", "application/json", "text/event-stream")


class GraphiQL:
    """Stands before the GraphQL endpoint: browsers get the page, everything else goes through."""

    def __init__(self, endpoint: ASGIApp) -> None:
        self._endpoint = endpoint

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or socket."""
        if scope["type"] != "http" or scope["method"] not in {"GET", "HEAD"} or not prefers_html(scope):
            await self._endpoint(scope, receive, send)
            return
        response = page("graphiql", policies.GRAPHIQL)
        response.headers.add_vary_header("Accept")
        await response(scope, receive, send)


def prefers_html(scope: Scope) -> bool:
    """Whether a request wants a page rather than what GraphQL clients take."""
    qualities = _qualities(", ".join(Headers(scope=scope).getlist("accept")))
    html = qualities.get(_HTML, 0.0)
    return html > max(qualities.get(media_type, 0.0) for media_type in _FOR_CLIENTS)


def _qualities(accept: str) -> dict[str, float]:
    qualities = {}
    for entry in accept.split(","):
        media_type, _, parameters = entry.partition(";")
        _, is_given, quality = parameters.partition("q=")
        try:
            qualities[media_type.strip().lower()] = float(quality) if is_given else 1.0
        except ValueError:
            qualities[media_type.strip().lower()] = 0.0
    return qualities
