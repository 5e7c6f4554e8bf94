"""pusher-js is let into the channels that are its user's, and nothing else is ever signed."""

import json
from typing import Any

import aiohttp
import pytest

from hotelmate.database import Database
from hotelmate.identity.guest_tokens import new_nonce
from hotelmate.models import Booking, BookingStatus, Hotel
from tests.rest.conftest import KEY, booking_of, guest_token, signature

SOCKET = "1234.1234"
PATHS = [
    "/pusher/auth",
    "/pusher/auth/",
    "/api/pusher/auth",
    "/api/pusher/auth/",
    "/api/staff/hotel/killarney/notifications/pusher/auth",
    "/api/staff/hotel/killarney/notifications/pusher/auth/",
]
ANNA, CARLA = {"Authorization": "Token demo-anna"}, {"Authorization": "Bearer demo-carla"}

JOINS = [
    ("anna", "private-hotel-killarney", 200),
    ("anna", "presence-hotel-killarney", 200),
    ("anna", "private-guest-booking.{own}", 200),
    ("anna", "private-hotel-dublin", 403),
    ("anna", "presence-hotel-dublin", 403),
    ("anna", "private-guest-booking.{foreign}", 403),
    ("anna", "private-guest-booking.BK-2025-9999", 403),
    ("anna", "private-hotel-nowhere", 403),
    ("carla", "private-hotel-killarney", 403),
    ("carla", "private-guest-booking.{own}", 403),
    ("carla", "private-guest-booking.{foreign}", 200),
    ("guest", "private-guest-booking.{own}", 200),
    ("guest", "private-guest-booking.{neighbour}", 403),
    ("guest", "private-guest-booking.{foreign}", 403),
    ("guest", "private-guest-booking.BK-2025-9999", 403),
    ("guest", "private-hotel-killarney", 403),
    ("guest", "presence-hotel-killarney", 403),
    ("nobody", "private-hotel-killarney", 401),
    ("nobody", "private-guest-booking.{own}", 401),
    ("nobody", "hotel-killarney", 401),
    ("stranger", "private-hotel-killarney", 401),
    ("impostor", "private-guest-booking.{own}", 401),
    # Channels that need no leave, or are none of ours: not even for those who may do everything else.
    ("anna", "hotel-killarney", 403),
    ("anna", "booking.{own}", 403),
    ("guest", "booking.{own}", 403),
    ("anna", "private-foobar", 403),
    ("anna", "private-booking.{own}", 403),
    ("anna", "private-hotel-killarney,private-hotel-dublin", 403),
    ("anna", "private-hotel-killarney.", 403),
    ("anna", "private-encrypted-hotel-killarney", 403),
    ("anna", "private-cache-hotel-killarney", 403),
    ("anna", "presence-cache-hotel-killarney", 403),
    ("anna", "presence-guest-booking.{own}", 403),
    ("anna", "client-hotel-killarney", 403),
]


async def post(
    rest: aiohttp.ClientSession, path: str, *, headers: dict[str, str] | None = None, **body: Any
) -> tuple[int, dict[str, Any]]:
    async with rest.post(path, headers=headers, **body) as response:
        return response.status, await response.json()


async def join(
    rest: aiohttp.ClientSession,
    channel: str,
    headers: dict[str, str] | None = None,
    *,
    path: str = "/pusher/auth",
    **more: str,
) -> tuple[int, dict[str, Any]]:
    """Ask as pusher-js does."""
    fields = {"socket_id": SOCKET, "channel_name": channel, **more}
    return await post(rest, path, headers=headers, data=fields)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "1234.1234:private-foobar",
            "58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4",
        ),
        (
            '1234.1234::user::{"id":"12345"}',
            "4708d583dada6a56435fb8bc611c77c359a31eebde13337c16ab43aa6de336ba",
        ),
        (
            '1234.1234:presence-foobar:{"user_id":10,"user_info":{"name":"Mr. Channels"}}',
            "31935e7d86dba64c2a90aed31fdc61869f9b22ba9d8863bba239c03ca481bc80",
        ),
    ],
)
def test_these_tests_sign_as_pusher_does(text: str, expected: str) -> None:
    assert signature(text) == expected


async def test_staff_may_join_their_hotels_channel_at_every_door(rest: aiohttp.ClientSession) -> None:
    expected = {"auth": f"{KEY}:{signature(f'{SOCKET}:private-hotel-killarney')}"}
    for path in PATHS:
        assert await join(rest, "private-hotel-killarney", ANNA, path=path) == (200, expected), path


async def test_who_may_join_what(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel, dublin: Hotel
) -> None:
    own = booking_of(database, killarney)
    callers = {
        "anna": ANNA,
        "carla": CARLA,
        "guest": {"Authorization": f"GuestToken {guest_token(own)}"},
        "nobody": {},
        "stranger": {"Authorization": "Token no-such-session"},
        "impostor": {"Authorization": f"GuestToken {own.reference}.{'A' * 43}"},
    }
    references = {
        "own": own.reference,
        "neighbour": booking_of(database, killarney, BookingStatus.CONFIRMED).reference,
        "foreign": booking_of(database, dublin).reference,
    }
    answers = []
    for caller, channel, _ in JOINS:
        status, content = await join(rest, channel.format(**references), callers[caller])
        assert set(content) <= ({"auth", "channel_data"} if status == 200 else {"error"}), content
        answers.append((caller, channel, status))
    assert answers == JOINS


async def test_several_channels_are_asked_for_at_once(
    rest: aiohttp.ClientSession, database: Database
) -> None:
    names = ["private-hotel-killarney", "private-hotel-dublin", "presence-hotel-killarney"]
    of_one = {name: await join(rest, name, ANNA) for name in names}
    expected = {
        name: {"status": 200, "data": content} if status == 200 else {"status": 403}
        for name, (status, content) in of_one.items()
    }
    assert [verdict["status"] for verdict in expected.values()] == [200, 403, 200]
    form = {"socket_id": SOCKET, **{f"channel_name[{place}]": name for place, name in enumerate(names)}}
    for path in PATHS:
        assert await post(rest, path, headers=ANNA, data=form) == (200, expected)
    assert (await post(rest, "/pusher/auth", data=form))[0] == 401
    in_dublin = "/api/staff/hotel/dublin/notifications/pusher/auth/"
    assert (await post(rest, in_dublin, headers=ANNA, data=form))[0] == 403


@pytest.mark.parametrize("names", [["private-hotel-killarney", "a b"], [""], ["private-a"] * 101])
async def test_several_channels_of_which_one_is_none_are_refused(
    rest: aiohttp.ClientSession, names: list[str]
) -> None:
    form = {"socket_id": SOCKET, **{f"channel_name[{place}]": name for place, name in enumerate(names)}}
    status, content = await post(rest, "/pusher/auth", headers=ANNA, data=form)
    assert (status, set(content)) == (400, {"error", "channel_name"})


async def test_a_presence_channel_tells_who_has_joined(rest: aiohttp.ClientSession) -> None:
    status, content = await join(rest, "presence-hotel-killarney", ANNA)
    assert status == 200
    assert json.loads(content["channel_data"]) == {
        "user_id": "1",
        "user_info": {"first_name": "Anna", "last_name": "Kelly"},
    }
    signed = f"{SOCKET}:presence-hotel-killarney:{content['channel_data']}"
    assert content["auth"] == f"{KEY}:{signature(signed)}"


async def test_data_that_a_client_brings_is_not_signed(rest: aiohttp.ClientSession) -> None:
    forged = json.dumps({"user_id": "2", "user_info": {"first_name": "Ben"}})
    _, content = await join(rest, "presence-hotel-killarney", ANNA, channel_data=forged)
    assert json.loads(content["channel_data"])["user_id"] == "1"


async def test_a_form_and_json_are_understood_whatever_they_are_called(rest: aiohttp.ClientSession) -> None:
    bodies = (
        b"socket_id=1234.1234&channel_name=private-hotel-killarney",
        b'{"socket_id": "1234.1234", "channel_name": "private-hotel-killarney"}',
    )
    for claimed in ("application/x-www-form-urlencoded", "application/json", "text/plain"):
        for body in bodies:
            headers = {**ANNA, "Content-Type": claimed}
            status, content = await post(rest, "/pusher/auth", headers=headers, data=body)
            assert (status, list(content)) == (200, ["auth"]), (claimed, body)


async def test_a_guest_token_may_come_in_the_body(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    booking = booking_of(database, killarney)
    fields = {"socket_id": SOCKET, "channel_name": f"private-guest-booking.{booking.reference}"}
    for form in ("data", "json"):
        for token, expected in ((guest_token(booking), 200), ("no token", 401)):
            body = {form: {**fields, "guest_token": token}}
            assert (await post(rest, "/pusher/auth", **body))[0] == expected


async def test_a_guest_token_may_come_under_every_scheme(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    booking = booking_of(database, killarney)
    for scheme in ("Token", "Bearer", "GuestToken"):
        headers = {"Authorization": f"{scheme} {guest_token(booking)}"}
        assert (await join(rest, f"private-guest-booking.{booking.reference}", headers))[0] == 200


async def test_a_renewed_guest_token_opens_nothing_any_more(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    old = booking_of(database, killarney)
    with database.transaction() as transaction:
        transaction.get_one(Booking, old.id).guest_token_nonce = new_nonce()
    headers = {"Authorization": f"GuestToken {guest_token(old)}"}
    status, content = await join(rest, f"private-guest-booking.{old.reference}", headers)
    assert (status, content) == (401, {"error": "This guest token does not work, or no longer."})


async def test_the_door_of_another_hotel_is_closed(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    path = "/api/staff/hotel/dublin/notifications/pusher/auth/"
    assert await join(rest, "private-hotel-killarney", ANNA, path=path) == (
        403,
        {"error": "This is not your hotel."},
    )
    booking = booking_of(database, killarney)
    guest = {"Authorization": f"GuestToken {guest_token(booking)}"}
    channel = f"private-guest-booking.{booking.reference}"
    assert (await join(rest, channel, guest, path=path))[0] == 403
    assert (await join(rest, channel, guest, path=path.replace("dublin", "killarney")))[0] == 200
    assert (await join(rest, channel, path=path))[0] == 401


MALFORMED_SOCKETS = [
    "",
    "1234",
    "1234.",
    ".1234",
    "1234.1234.1",
    "1234.1234:private-hotel-dublin",
    "1234.1234\n",
    " 1234.1234",
    "-1.5",
    "1e3.1",
    "١٢٣.١٢٣",
    "1" * 21 + ".1",
]


async def test_a_malformed_socket_id_is_400(rest: aiohttp.ClientSession) -> None:
    message = "socket_id is missing or malformed."
    for path in ("/pusher/auth", "/pusher/user-auth"):
        for socket_id in MALFORMED_SOCKETS:
            fields = {"socket_id": socket_id, "channel_name": "private-hotel-killarney"}
            answer = await post(rest, path, headers=ANNA, data=fields)
            assert answer == (400, {"error": message, "socket_id": [message]}), socket_id


async def test_a_malformed_channel_name_is_400(rest: aiohttp.ClientSession) -> None:
    message = "channel_name is missing or malformed."
    for channel in ("", "private hotel", "hotel-kíllarney", "#server-to-user-1", "a" * 201, "a\0b", "a:b"):
        answer = await join(rest, channel, ANNA)
        assert answer == (400, {"error": message, "channel_name": [message]}), channel


SENSELESS_BODIES = [
    b"",
    b"{",
    b'{"socket_id": 1234.1234, "channel_name": "private-hotel-killarney"}',
    b'{"socket_id": "1234.1234", "channel_name": ["private-hotel-killarney"]}',
    b'{"socket_id": "1234.1234", "channel_name": null}',
    b'{"socket_id": "1234.1234", "channel_name": "private-hotel-killarney", "guest_token": {}}',
    b'{"socket_id": "1234.1234", "channel_name": "a", "guest_token": "\\ud800"}',
    b'["1234.1234"]',
    b"[" * 10_000,
    b'{"a":' * 2_000,
    b"&" * 5_000 + b"a=b",
    b"\xff\xfe=\x00",
    b"socket_id=%ff%fe&channel_name=%00",
]


async def test_a_body_that_makes_no_sense_is_400(rest: aiohttp.ClientSession) -> None:
    for body in SENSELESS_BODIES:
        status, content = await post(rest, "/pusher/auth", headers=ANNA, data=body)
        assert (status, type(content["error"])) == (400, str), body


async def test_a_body_that_is_too_large_is_413(rest: aiohttp.ClientSession) -> None:
    status, content = await post(rest, "/pusher/auth", headers=ANNA, data=b"a=" + b"b" * 100_000)
    assert (status, content) == (413, {"error": "The body is too large."})


async def test_credentials_that_make_no_sense_are_401(rest: aiohttp.ClientSession) -> None:
    for header in (
        "demo-anna",
        "Basic ZGVtbzpkZW1v",
        "Token",
        "Token é",
        "Token a b",
        "GuestToken demo-anna",
    ):
        status, content = await join(rest, "private-hotel-killarney", {"Authorization": header})
        assert (status, list(content)) == (401, ["error"]), header


async def test_staff_sign_in_as_themselves(rest: aiohttp.ClientSession) -> None:
    for path in ("/pusher/user-auth", "/pusher/user-auth/"):
        status, content = await post(rest, path, headers=ANNA, data={"socket_id": SOCKET})
        assert status == 200
        assert json.loads(content["user_data"]) == {
            "id": "1",
            "user_info": {"first_name": "Anna", "last_name": "Kelly"},
        }
        assert content["auth"] == f"{KEY}:{signature(f'{SOCKET}::user::' + content['user_data'])}"


async def test_guests_sign_in_as_their_bookings_guest(
    rest: aiohttp.ClientSession, database: Database, killarney: Hotel
) -> None:
    booking = booking_of(database, killarney)
    fields = {"socket_id": SOCKET, "guest_token": guest_token(booking)}
    status, content = await post(rest, "/pusher/user-auth", data=fields)
    assert status == 200
    assert json.loads(content["user_data"]) == {"id": f"guest-{booking.reference}", "user_info": {}}


async def test_nobody_else_signs_in(rest: aiohttp.ClientSession) -> None:
    status, content = await post(rest, "/pusher/user-auth", data={"socket_id": SOCKET})
    assert (status, content) == (401, {"error": "Log in first."})
