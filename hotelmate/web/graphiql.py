"""GraphiQL, for those who open the GraphQL endpoint in a browser."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from hotelmate.http import media_types
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
    wanted = media_types.qualities(", ".join(Headers(scope=scope).getlist("accept")))
    html = wanted.get(_HTML, 0.0)
    return html > max(wanted.get(media_type, 0.0) for media_type in _FOR_CLIENTS)
