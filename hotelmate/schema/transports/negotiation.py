"""Media types: which one a request comes in, and which one its client wants the response in.

Source: the GraphQL over HTTP specification, "Media Types" and "Accept".
"""

from hotelmate.http import media_types

GRAPHQL_RESPONSE = "application/graphql-response+json"
JSON = "application/json"
EVENT_STREAM = "text/event-stream"
MULTIPART = "multipart/form-data"

# What an equal preference is decided by, first to last.
_OFFERED = (GRAPHQL_RESPONSE, JSON, EVENT_STREAM)


class Accepted:
    """What a client takes. A wildcard, like no header at all, stands for `application/json`.

    That is what clients older than the specification expect. An event stream has to be asked for by name: a
    client that takes anything need not be able to read an answer that never ends.
    """

    def __init__(self, header: str | None) -> None:
        self._qualities = media_types.qualities(header or "*/*")

    @property
    def preferred(self) -> str | None:
        """The media type to respond in; None when the client takes none of ours."""
        best = max(_OFFERED, key=self._quality)
        return best if self._quality(best) > 0 else None

    @property
    def streams(self) -> bool:
        """Whether the client takes an event stream."""
        return self._quality(EVENT_STREAM) > 0

    def _quality(self, media_type: str) -> float:
        names = (JSON, "application/*", "*/*") if media_type == JSON else (media_type,)
        return next((self._qualities[name] for name in names if name in self._qualities), 0.0)


def is_multipart(content_type: str | None) -> bool:
    """Whether a body is sent as a form with files."""
    media_type, _ = media_types.parse(content_type or "")
    return media_type == MULTIPART


def is_json(content_type: str | None) -> bool:
    """Whether a body is sent as JSON in UTF-8, which is what JSON is in when nothing is said."""
    media_type, parameters = media_types.parse(content_type or "")
    return media_type == JSON and parameters.get("charset", "utf-8").lower() in {"utf-8", "utf8"}
