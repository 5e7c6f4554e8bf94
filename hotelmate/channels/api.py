"""The HTTP API: what a server may ask of an app, and what it is answered.

Source:
    Pusher docs, "HTTP API reference".
"""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import structlog

from hotelmate.channels import bodies
from hotelmate.channels.backplane import BackplaneDownError
from hotelmate.channels.config import Limits
from hotelmate.channels.errors import RequestRefusedError
from hotelmate.channels.hub import Hub
from hotelmate.channels.messages import Published
from hotelmate.channels.names import is_channel_name
from hotelmate.channels.reports import (
    Attributes,
    describe,
    list_channels,
    list_users,
    one_channel,
    parse_attributes,
)
from hotelmate.channels.requests import Request, Response, answer, authenticate, query_parameters

logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Call:
    """An authenticated request: the hub that it is for, the parts named in its path, and its parameters."""

    hub: Hub
    limits: Limits
    path: Mapping[str, str]
    parameters: Mapping[str, str]
    body: bytes


class Api:
    """Answers requests for the apps of these hubs."""

    def __init__(self, hubs: Mapping[str, Hub], limits: Limits, *, clock: Callable[[], float]) -> None:
        self._hubs = hubs
        self._limits = limits
        self._clock = clock

    async def answer(self, request: Request) -> Response:
        """Do what is asked and say so, or say why not."""
        try:
            return await self._obey(request)
        except RequestRefusedError as refused:
            logger.info(
                "request_refused",
                status=refused.status,
                reason=refused.message,
                path=request.path,
                library=request.headers.get("x-pusher-library"),
            )
            content = {"error": refused.message, "code": refused.status}
            return answer(content, status=refused.status, headers=refused.headers)

    async def _obey(self, request: Request) -> Response:
        if len(request.body) > self._limits.request_bytes:
            raise RequestRefusedError(413, f"A body has at most {self._limits.request_bytes} bytes.")
        operation, status, path = _find_operation(request)
        parameters = query_parameters(request.query_string)
        given = dict(parameters)
        hub = self._hub(path["app_id"]) if "app_id" in path else self._hub_of_key(given.get("auth_key"))
        if not hub.app.enabled:
            raise RequestRefusedError(403, "The app is disabled.")
        age_seconds = self._limits.request_age_seconds
        authenticate(request, parameters, hub.app, now=self._clock(), age_seconds=age_seconds)
        try:
            content = await operation(Call(hub, self._limits, path, given, request.body))
        except BackplaneDownError as error:
            raise RequestRefusedError(503, "The other servers cannot be reached at present.") from error
        return answer(content, status=status)

    def _hub(self, app_id: str) -> Hub:
        if app_id not in self._hubs:
            raise RequestRefusedError(404, f"There is no app with the id {app_id:.220}.")
        return self._hubs[app_id]

    def _hub_of_key(self, key: str | None) -> Hub:
        for hub in self._hubs.values():
            if hub.app.key == key:
                return hub
        raise RequestRefusedError(401, "There is no app with this auth_key.")


async def _publish_event(call: Call) -> dict[str, Any]:
    publication = bodies.parse_event(call.body, call.limits)
    await _publish(call.hub, [publication])
    if not publication.info:
        return {}
    return {"channels": {name: describe(call.hub, name, publication.info) for name in publication.channels}}


async def _publish_body(call: Call) -> dict[str, Any]:
    """Publish the body as it stands; what else there is to say is in the query, as it was before 2013."""
    channel, query = call.path["channel"], call.parameters
    publication = bodies.parse_data(call.body, channel=channel, query=query, limits=call.limits)
    await _publish(call.hub, [publication])
    return {}


async def _publish_batch(call: Call) -> dict[str, Any]:
    publications = bodies.parse_batch(call.body, call.limits)
    await _publish(call.hub, publications)
    if not any(publication.info for publication in publications):
        return {}
    return {"batch": [describe(call.hub, item.channels[0], item.info) for item in publications]}


async def _publish(hub: Hub, publications: Sequence[bodies.Publication]) -> None:
    await hub.publish(
        [
            Published(
                app_id=hub.app.id,
                channel=channel,
                event=publication.name,
                data=publication.data,
                except_for=publication.except_for,
            )
            for publication in publications
            for channel in publication.channels
        ]
    )


async def _list_channels(call: Call) -> dict[str, Any]:
    prefix = call.parameters.get("filter_by_prefix", "")
    return list_channels(call.hub, prefix=prefix, attributes=_attributes(call))


async def _one_channel(call: Call) -> dict[str, Any]:
    return one_channel(call.hub, _channel(call), _attributes(call))


async def _list_users(call: Call) -> dict[str, Any]:
    return list_users(call.hub, _channel(call))


def _attributes(call: Call) -> Attributes:
    return parse_attributes(call.parameters.get("info", ""))


def _channel(call: Call) -> str:
    """Take the channel's name from the path.

    Raises:
        RequestRefusedError: 400; it is not a name.
    """
    name = call.path["channel"]
    if len(name) > call.limits.channel_name_characters or not is_channel_name(name):
        raise RequestRefusedError(400, f"Invalid channel name {name!r:.220}.")
    return name


async def _terminate(call: Call) -> dict[str, Any]:
    await call.hub.terminate(call.path["user_id"])
    return {}


_Operation = Callable[[Call], Awaitable[dict[str, Any]]]

_APP = "/apps/(?P<app_id>[^/]+)"
_USER = "/users/(?P<user_id>[^/]+)"
_CHANNEL = f"{_APP}/channels/(?P<channel>[^/]+)"

_OPERATIONS: tuple[tuple[str, re.Pattern[str], _Operation, int], ...] = (
    ("POST", re.compile(f"{_APP}/events"), _publish_event, 200),
    ("POST", re.compile(f"{_APP}/batch_events"), _publish_batch, 200),
    ("POST", re.compile(f"{_CHANNEL}/events"), _publish_body, 202),
    ("GET", re.compile(f"{_APP}/channels"), _list_channels, 200),
    ("GET", re.compile(_CHANNEL), _one_channel, 200),
    ("GET", re.compile(f"{_CHANNEL}/users"), _list_users, 200),
    ("POST", re.compile(f"{_APP}{_USER}/terminate_connections"), _terminate, 200),
    # Python's library leaves the app out of this path.
    ("POST", re.compile(f"{_USER}/terminate_connections"), _terminate, 200),
)


def _find_operation(request: Request) -> tuple[_Operation, int, dict[str, str]]:
    """Return what the path stands for, the status of its success, and the parts named in it."""
    for method, pattern, operation, status in _OPERATIONS:
        found = pattern.fullmatch(request.path)
        if found and method == request.method.upper():
            return operation, status, found.groupdict()
        if found:
            raise RequestRefusedError(405, f"Only {method} is possible here.", headers={"allow": method})
    raise RequestRefusedError(404, f"There is nothing at {request.path:.220}.")
