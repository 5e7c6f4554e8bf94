"""Leave to join Pusher channels, and to sign in, as pusher-js asks for it.

Nothing is signed but what the operations let through: the library would sign any name.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NotRequired, Protocol, TypeVar

from fastapi import APIRouter
from pydantic import TypeAdapter
from starlette.requests import Request
from typing_extensions import TypedDict  # pydantic asks for it before Python 3.12

from hotelmate.database import Database, Reading
from hotelmate.errors import BadUserInput
from hotelmate.identity.actors import Actor
from hotelmate.resolvers import channels
from hotelmate.resolvers.channels import Member, NotYourChannel
from hotelmate.resolvers.checks import camel_case
from hotelmate.rest.bodies import Fields, optional_text, read_fields
from hotelmate.rest.callers import Callers
from hotelmate.rest.doors import OWN_HOTEL, Doors, Slug
from hotelmate.rest.openapi import as_form, as_json, request_body

Answer = TypeVar("Answer")

# The forms of the protocol. The library lets digits of any script pass, which no server gives out.
_SOCKET_ID = re.compile(r"[0-9]{1,20}\.[0-9]{1,20}")
_CHANNEL_NAME = re.compile(r"[A-Za-z0-9_\-=@,.;]{1,200}")


_INDEXED = re.compile(r"channel_name\[[0-9]*\]")
_MOST_CHANNELS = 100

_EXAMPLE = {"socket_id": "1234.1234", "channel_name": "private-hotel-killarney"}


class SocketOwner(TypedDict):
    """A socket, and perhaps whose it is; a guest token may come here too."""

    socket_id: str
    guest_token: NotRequired[str | None]


class ChannelRequest(SocketOwner):
    """The channel that a socket asks to join; several are called `channel_name[0]` and so on."""

    channel_name: str


class Signature(TypedDict):
    """Leave to join a channel; `channel_data` says as whom, on a presence channel."""

    auth: str
    channel_data: NotRequired[str]


class Verdict(TypedDict):
    """What came of one of several channels: 200 and the signature, or 403."""

    status: int
    data: NotRequired[Signature]


class UserSignature(TypedDict):
    """Proof of who is signed in."""

    auth: str
    user_data: str


class Signer(Protocol):
    """The part of the `pusher` library's client that signs."""

    def authenticate(
        self, channel: str, socket_id: str, custom_data: Mapping[str, object] | None = None
    ) -> Signature:
        """Sign that a socket may join a channel, with these data on a presence channel."""

    def authenticate_user(self, socket_id: str, user_data: Mapping[str, object]) -> UserSignature:
        """Sign that a socket belongs to a user."""


OnSigned = Callable[[Actor, str], None]
"""Is told whose rights a signature was given by, and the id of the socket that it is for."""


class ChannelDoors:
    """Answers pusher-js's requests for signatures."""

    def __init__(self, database: Database, callers: Callers, signer: Signer, on_signed: OnSigned) -> None:
        self._database = database
        self._on_signed = on_signed
        self._callers = callers
        self._signer = signer

    def open(self, router: APIRouter) -> None:
        """Add the doors to a router, each with and without the trailing slash."""
        doors = Doors(router, "channels")
        body = _body(TypeAdapter(ChannelRequest), _EXAMPLE)
        places: dict[str, Callable[..., Any]] = {
            "/pusher/auth": self.authorize,
            "/api/pusher/auth/": self.authorize,
            f"{OWN_HOTEL}/notifications/pusher/auth/": self.authorize_in_hotel,
        }
        for path, endpoint in places.items():
            doors.door("POST", path, endpoint, takes=body, refuses=(400, 401, 403, 413))
        body = _body(TypeAdapter(SocketOwner), {"socket_id": "1234.1234"})
        doors.door("POST", "/pusher/user-auth", self.sign_in, takes=body, refuses=(400, 401, 413))

    async def authorize(self, request: Request) -> Signature | dict[str, Verdict]:
        """Let the caller's socket join a private or presence channel; of several, say which it may join."""
        return await self._authorize(request, slug=None)

    async def authorize_in_hotel(self, request: Request, slug: Slug) -> Signature | dict[str, Verdict]:
        """Do the same for the staff and guests of one hotel."""
        return await self._authorize(request, slug=slug)

    async def sign_in(self, request: Request) -> UserSignature:
        """Tell pusher-js's `signin` who the caller is."""
        fields = await read_fields(request)
        socket_id = _well_formed(fields, "socket_id", _SOCKET_ID)
        member = await self._ask(request, fields, socket_id, channels.member)
        user = {"id": member.user_id, "user_info": member.user_info}
        return self._signer.authenticate_user(socket_id, user)

    async def _authorize(self, request: Request, *, slug: str | None) -> Signature | dict[str, Verdict]:
        fields = await read_fields(request)
        socket_id = _well_formed(fields, "socket_id", _SOCKET_ID)
        several = _several(fields)
        if several is not None:
            admit_each = partial(_admit_each, slug=slug, channels_asked_for=several)
            admitted = await self._ask(request, fields, socket_id, admit_each)
            return {channel: self._verdict(channel, socket_id, admitted) for channel in several}
        channel = _well_formed(fields, "channel_name", _CHANNEL_NAME)
        member = await self._ask(request, fields, socket_id, partial(_admit, slug=slug, channel=channel))
        return self._sign(channel, socket_id, member)

    def _verdict(self, channel: str, socket_id: str, admitted: Mapping[str, Member | None]) -> Verdict:
        if channel not in admitted:
            return {"status": 403}
        return {"status": 200, "data": self._sign(channel, socket_id, admitted[channel])}

    def _sign(self, channel: str, socket_id: str, member: Member | None) -> Signature:
        data = {"user_id": member.user_id, "user_info": member.user_info} if member else None
        return self._signer.authenticate(channel, socket_id, data)

    async def _ask(
        self, request: Request, fields: Fields, socket_id: str, operation: Callable[[Reading, Actor], Answer]
    ) -> Answer:
        header = request.headers.get("authorization")
        guest_token = optional_text(fields, "guest_token")

        def ask(reading: Reading) -> tuple[Actor, Answer]:
            actor = self._callers.identify(reading, header=header, guest_token=guest_token)
            return actor, operation(reading, actor)

        actor, answer = await self._database.read(ask)
        self._on_signed(actor, socket_id)
        return answer


def _admit(reading: Reading, actor: Actor, *, slug: str | None, channel: str) -> Member | None:
    if slug is not None:
        channels.require_hotel_of(reading, actor, slug)
    return channels.admit(reading, actor, channel)


def _admit_each(
    reading: Reading, actor: Actor, *, slug: str | None, channels_asked_for: Sequence[str]
) -> dict[str, Member | None]:
    """Return those of the channels that the caller may join."""
    admitted: dict[str, Member | None] = {}
    for channel in channels_asked_for:
        with suppress(NotYourChannel):
            admitted[channel] = _admit(reading, actor, slug=slug, channel=channel)
    return admitted


def _several(fields: Fields) -> list[str] | None:
    """Return the channels of a request for several; None when it is for one.

    Source: the form of pusher-js-auth, a plugin for pusher-js that gathers what is asked for at once.
    """
    named = [value for name, value in fields.items() if _INDEXED.fullmatch(name)]
    if not named:
        return None
    if len(named) > _MOST_CHANNELS:
        raise BadUserInput("channelName", f"This has more than {_MOST_CHANNELS} entries.")
    return [_well_formed({"channel_name": name}, "channel_name", _CHANNEL_NAME) for name in named]


def _body(adapter: TypeAdapter[Any], example: Mapping[str, object]) -> Mapping[str, object]:
    return request_body(as_form(adapter, example), as_json(adapter, example))


def _well_formed(fields: Fields, name: str, form: re.Pattern[str]) -> str:
    value = optional_text(fields, name)
    if value is None or not form.fullmatch(value):
        raise BadUserInput(camel_case(name), f"{name} is missing or malformed.")
    return value
