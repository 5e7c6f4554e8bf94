"""GraphQL over HTTP: one request, one response; or a stream of events for those who accept one.

Source: the GraphQL over HTTP specification, and the audits of the npm package graphql-http where they are
narrower: a document that is not valid is 400 (200 as `application/json`), and no `Accept` means
`application/json`. A POST must be `application/json`, which a form on another site cannot send, or have a
header that it cannot send (`multipart`), and a GET can change nothing. So none can be forged through a
browser.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial

import orjson
from graphql import OperationType
from starlette.types import Receive, Scope, Send

from hotelmate.errors import Unavailable
from hotelmate.http.pace import TooSlow
from hotelmate.idempotency import keys
from hotelmate.schema.transports.asgi import (
    BodyTooLarge,
    ClientGone,
    Header,
    header,
    read_body,
    respond,
)
from hotelmate.schema.transports.callers import identify
from hotelmate.schema.transports.execution import Answer, Engine, KindNotAllowed
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.multipart import MultipartReader
from hotelmate.schema.transports.negotiation import (
    EVENT_STREAM,
    GRAPHQL_RESPONSE,
    JSON,
    MULTIPART,
    Accepted,
    is_json,
    is_multipart,
)
from hotelmate.schema.transports.operations import RequestError, encode_errors
from hotelmate.schema.transports.requests import (
    BAD_REQUEST,
    GraphQLRequest,
    MalformedRequest,
    from_json,
    from_query_string,
)
from hotelmate.schema.transports.sse import EventStreams, send_only_result
from hotelmate.schema.transports.subscriptions import Subscription
from hotelmate.sockets.addresses import client_address

_ALLOWED = {
    "GET": frozenset({OperationType.QUERY}),
    "POST": frozenset({OperationType.QUERY, OperationType.MUTATION}),
}

_REPLAYED = [(keys.REPLAYED_HEADER.encode(), b"true")]


class HttpRefusal(Exception):
    """The HTTP request is answered with this status, whatever operation it may hold."""

    def __init__(self, status: int, message: str, *, headers: Sequence[Header] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = headers


class HttpTransport:
    """The ASGI application for the `http` scope."""

    def __init__(
        self, engine: Engine, multipart: MultipartReader, event_streams: EventStreams, limits: Limits
    ) -> None:
        self._engine = engine
        self._multipart = multipart
        self._event_streams = event_streams
        self._limits = limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        accepted = Accepted(header(scope, b"accept"))
        media_type = accepted.preferred or JSON
        try:
            outcome = await self._outcome(scope, receive, accepted)
        except ClientGone:
            return
        except HttpRefusal as refusal:
            await _refuse(scope, send, refusal, media_type)
        except RequestError as error:
            await _answer(scope, send, media_type, encode_errors(error), is_executed=False)
        except Exception as error:  # noqa: BLE001 - logged where it becomes an error of the response
            status = 503 if isinstance(error, Unavailable) else 500
            await respond(scope, send, status, encode_errors(RequestError.of(error)), _readable(media_type))
        else:
            if isinstance(outcome, Subscription):
                await self._event_streams.serve(outcome, scope, receive, send)
            else:
                headers = _REPLAYED if outcome.is_replay else ()
                await _answer(scope, send, media_type, outcome.payload, is_executed=True, headers=headers)

    async def _outcome(self, scope: Scope, receive: Receive, accepted: Accepted) -> Answer | Subscription:
        if scope["method"] not in _ALLOWED:
            raise HttpRefusal(405, "Use GET or POST.", headers=[(b"allow", b"GET, POST")])
        if accepted.preferred is None:
            raise HttpRefusal(406, f"Accept {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}.")
        with ExitStack() as open_files:
            request = _with_key(await self._read(scope, receive, open_files), scope)
            return await self._perform(scope, request, streams=accepted.streams)

    async def _read(self, scope: Scope, receive: Receive, open_files: ExitStack) -> GraphQLRequest:
        """Return what is asked for, in the URL or in the body."""
        try:
            if scope["method"] == "GET":
                return from_query_string(scope["query_string"])
            content_type = header(scope, b"content-type")
            if is_multipart(content_type):
                return await self._multipart.read(scope, receive, open_files)
            if not is_json(content_type):
                raise HttpRefusal(415, f"Send {JSON} in UTF-8, or {MULTIPART}.")
            return from_json(await read_body(scope, receive, most_bytes=self._limits.body_bytes))
        except MalformedRequest as malformed:
            raise HttpRefusal(400, str(malformed)) from None
        except BodyTooLarge as too_large:
            raise HttpRefusal(413, f"Send at most {too_large.most_bytes} bytes.") from None
        except TooSlow as too_slow:
            raise HttpRefusal(408, str(too_slow), headers=[(b"connection", b"close")]) from None

    async def _perform(
        self, scope: Scope, request: GraphQLRequest, *, streams: bool
    ) -> Answer | Subscription:
        allowed = _ALLOWED[scope["method"]]
        try:
            return await self._engine.perform(
                request,
                partial(identify, credentials=header(scope, b"authorization")),
                address=client_address(scope),
                allowed=allowed | {OperationType.SUBSCRIPTION} if streams else allowed,
                last_event_id=header(scope, b"last-event-id"),
            )
        except MalformedRequest as malformed:
            raise HttpRefusal(400, str(malformed)) from None
        except KindNotAllowed as refused:
            if refused.kind is OperationType.SUBSCRIPTION:
                raise HttpRefusal(406, f"A subscription is sent as {EVENT_STREAM} only.") from None
            raise HttpRefusal(405, "Send a mutation by POST.", headers=[(b"allow", b"POST")]) from None


def _with_key(request: GraphQLRequest, scope: Scope) -> GraphQLRequest:
    """Add the key that stands in the header, unless the request has brought one itself."""
    if request.idempotency_key is not None:
        return request
    return replace(request, idempotency_key=header(scope, keys.HEADER.encode()))


async def _answer(
    scope: Scope,
    send: Send,
    media_type: str,
    payload: bytes,
    *,
    is_executed: bool,
    headers: Sequence[Header] = (),
) -> None:
    if media_type == EVENT_STREAM:
        await send_only_result(send, payload)
        return
    # As application/json the status says only that there is a GraphQL response; the rest is in the body.
    status = 200 if is_executed or media_type == JSON else 400
    await respond(scope, send, status, payload, media_type, headers=headers)


async def _refuse(scope: Scope, send: Send, refusal: HttpRefusal, media_type: str) -> None:
    error = {"message": refusal.message, "extensions": {"code": BAD_REQUEST}}
    payload = orjson.dumps({"errors": [error]})
    await respond(scope, send, refusal.status, payload, _readable(media_type), headers=refusal.headers)


def _readable(media_type: str) -> str:
    """Return the media type of a response that is not a GraphQL response, and so cannot be a stream."""
    return JSON if media_type == EVENT_STREAM else media_type
