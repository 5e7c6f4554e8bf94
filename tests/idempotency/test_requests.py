"""Keys as clients send them: in a header or in the request itself, over HTTP, sockets, forms and REST."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from tests.idempotency.test_outcomes import BOOK, KEY, TOGGLE
from tests.media.uploads import encoded, quarters
from tests.processes.cluster import socket_to
from tests.server import Server

KILLARNEY = "/api/staff/hotel/killarney"
ANNA, BEN, CARLA = ({"Authorization": f"Token demo-{name}"} for name in ("anna", "ben", "carla"))
REPLAYED = "Idempotent-Replayed"
SPA = {"title": "Spa", "short_description": "Warm"}

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server where nobody may book twice in an hour, nor upload more than two pictures."""
    async with Server.run(
        tmp_path_factory.mktemp("keys") / "data",
        HOTELMATE_BOOKING_RATE="1/hour",
        HOTELMATE_UPLOAD_RATE="2/hour",
        HOTELMATE_CHANGE_RATE="30/hour",
        HOTELMATE_TRUSTED_PROXIES="127.0.0.1",
    ) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="module")
async def client(server: Server, request: pytest.FixtureRequest) -> AsyncIterator[aiohttp.ClientSession]:
    """A client at an address of its own."""
    place = sum(request.node.name.encode()) % 250
    async with aiohttp.ClientSession(server.url, headers={"X-Forwarded-For": f"192.0.2.{place}"}) as session:
        yield session


async def answered(
    client: aiohttp.ClientSession, query: str, *, name: str = "Ada", extensions: Any = None, **headers: str
) -> tuple[Any, bool]:
    """Return an answer, and whether it says that it is one from before."""
    body = {"query": query, "variables": {"name": name}, "extensions": extensions}
    async with client.post("/graphql", json=body, headers=headers) as response:
        return await response.json(), response.headers.get(REPLAYED) == "true"


async def events(server: Server) -> int:
    read = await server.data('{ hotel(slug: "killarney") { seq } }')
    seq: int = read["hotel"]["seq"]
    return seq


async def test_a_guest_who_books_twice_under_one_key_has_one_booking(
    server: Server, client: aiohttp.ClientSession
) -> None:
    before = await events(server)
    first, is_replay = await answered(client, BOOK, **{"Idempotency-Key": KEY})
    assert first["data"]["createBooking"]["booking"]["status"] == "PENDING_PAYMENT"
    assert not is_replay
    # Nobody may book twice in an hour from here.
    assert await answered(client, BOOK, **{"Idempotency-Key": KEY}) == (first, True)
    assert await answered(client, BOOK, **{"idempotency-key": f'"{KEY}"'}) == (first, True)
    assert await answered(client, BOOK, extensions={"idempotencyKey": KEY}) == (first, True)
    # What stands in the request counts.
    both = {"extensions": {"idempotencyKey": KEY}, "Idempotency-Key": "another key that is long"}
    assert await answered(client, BOOK, **both) == (first, True)
    conflict, is_replay = await answered(client, BOOK, name="Eve", **{"Idempotency-Key": KEY})
    assert [error["extensions"]["code"] for error in conflict["errors"]] == ["CONFLICT"]
    assert not is_replay
    refused, _ = await answered(client, BOOK, **{"Idempotency-Key": "another key that is long"})
    assert [error["extensions"]["code"] for error in refused["errors"]] == ["RATE_LIMITED"]
    assert await events(server) == before + 1


async def test_all_at_once_count_as_one_booking(server: Server, client: aiohttp.ClientSession) -> None:
    before = await events(server)
    key = {"Idempotency-Key": "all at once are the same"}
    answers = [
        answer for answer, _ in await asyncio.gather(*(answered(client, BOOK, **key) for _ in range(6)))
    ]
    assert "errors" not in answers[0]
    assert answers == answers[:1] * 6
    assert await events(server) == before + 1


async def test_a_socket_sends_it_in_the_operation(server: Server, client: aiohttp.ClientSession) -> None:
    extensions = {"idempotencyKey": "of a socket"}
    payload = {"query": TOGGLE, "variables": {"name": "Ada"}, "extensions": extensions}
    results = []
    for _ in range(2):
        async with socket_to(server, "demo-anna") as socket:
            await socket.say(type="subscribe", id="1", payload=payload)
            results.append((await socket.hear())["payload"])
            assert await socket.hear() == {"type": "complete", "id": "1"}
    assert results[0]["data"]["toggleClock"]["action"] in {"CLOCK_IN", "CLOCK_OUT"}
    assert results[1] == results[0]
    # It is the same request by whichever way it comes, and another caller's key is another key.
    assert await answered(client, TOGGLE, extensions=extensions, **ANNA) == (results[0], True)
    bens, is_replay = await answered(client, TOGGLE, extensions=extensions, **BEN)
    assert bens["data"]["toggleClock"] != results[0]["data"]["toggleClock"]
    assert not is_replay


@pytest.mark.parametrize("key", ["", "x" * 256, "caf\u00e9", 7, True, ["a"], {"a": 1}])
async def test_what_cannot_be_a_key_is_bad_user_input(client: aiohttp.ClientSession, key: object) -> None:
    answer, _ = await answered(client, TOGGLE, extensions={"idempotencyKey": key}, **ANNA)
    assert [error["extensions"] for error in answer["errors"]] == [
        {"code": "BAD_USER_INPUT", "field": "idempotencyKey"}
    ]
    assert "data" not in answer


async def test_a_query_takes_no_notice_of_it(client: aiohttp.ClientSession) -> None:
    query = '{ hotel(slug: "killarney") { seq } }'
    for key in (KEY, 7):
        answer, is_replay = await answered(client, query, extensions={"idempotencyKey": key})
        assert "errors" not in answer
        assert not is_replay


async def test_a_log_in_is_another_one_each_time(client: aiohttp.ClientSession) -> None:
    log_in = 'mutation { logIn(username: "anna", password: "demo") { token } }'
    answers = [
        (await answered(client, log_in, **{"Idempotency-Key": "of a log-in, anonymous"}))[0] for _ in range(2)
    ]
    assert [answer.get("errors") for answer in answers] == [None, None]
    assert len({answer["data"]["logIn"]["token"] for answer in answers}) == 2


async def test_a_form_is_the_same_if_its_file_is(server: Server, client: aiohttp.ClientSession) -> None:
    query = 'mutation ($f: Upload!) { uploadOfferImage(id: "1", photo: $f) { photoUrl } }'
    picture, other = encoded(quarters(), "PNG"), encoded(quarters((48, 48)), "PNG")
    headers = {**ANNA, "Idempotency-Key": "of a form", "GraphQL-Require-Preflight": "1"}

    async def upload(file: bytes) -> Any:
        # Each has a boundary of its own.
        form = aiohttp.FormData()
        form.add_field("operations", orjson.dumps({"query": query, "variables": {"f": None}}).decode())
        form.add_field("map", '{"0": ["variables.f"]}')
        form.add_field("0", file, filename="photo.png")
        async with client.post("/graphql", data=form, headers=headers) as response:
            return await response.json()

    before = await events(server)
    first = await upload(picture)
    # Two pictures an hour may be uploaded from here.
    for _ in range(3):
        assert await upload(picture) == first
    assert (await upload(other))["errors"][0]["extensions"] == {"code": "CONFLICT"}
    assert await events(server) == before + 1


async def test_rest_answers_as_the_first_time(server: Server, client: aiohttp.ClientSession) -> None:
    async def send(
        path: str = f"{KILLARNEY}/offers/", caller: dict[str, str] = ANNA, method: str = "POST", **body: Any
    ) -> tuple[int, Any, bool]:
        headers = {**caller, "Idempotency-Key": "of rest"}
        async with client.request(method, path, headers=headers, **body) as response:
            content = await response.json() if response.status != 204 else None
            return response.status, content, response.headers.get(REPLAYED) == "true"

    before = await events(server)
    status, offer, is_replay = await send(json=SPA)
    assert (status, is_replay) == (201, False)
    for path in (f"{KILLARNEY}/offers/", f"{KILLARNEY}/offers"):
        assert await send(path, json=SPA) == (201, offer, True)
    assert await send(json=SPA | {"short_description": "Cold"}) == (
        409,
        {"error": "This key was used for another request."},
        False,
    )
    assert (await send(f"{KILLARNEY}/offers/{offer['id']}/", method="PUT", json=SPA))[0] == 409
    assert (await send(f"{KILLARNEY}/offers/{offer['id']}/", method="DELETE"))[0] == 409
    bens = await send(caller=BEN, json=SPA)
    assert (bens[0], bens[2]) == (201, False)
    assert bens[1]["id"] != offer["id"]
    assert (await send(caller=CARLA, json=SPA))[0] == 403
    assert (await send(caller={}, json=SPA))[0] == 401
    assert await events(server) == before + 2


async def test_a_repeat_is_not_counted_as_a_change(client: aiohttp.ClientSession) -> None:
    for _ in range(31):
        answer, _ = await answered(client, TOGGLE, **CARLA, **{"Idempotency-Key": "of a clock"})
        assert "errors" not in answer
    headers = {**CARLA, "Idempotency-Key": "of an offer"}
    for _ in range(31):
        # Thirty changes an hour may be made by one member of the staff.
        async with client.post("/api/staff/hotel/dublin/offers/", json=SPA, headers=headers) as response:
            assert response.status == 201


async def test_rest_tells_a_key_that_cannot_be_one(client: aiohttp.ClientSession) -> None:
    headers = {**ANNA, "Idempotency-Key": "x" * 256}
    async with client.post(f"{KILLARNEY}/offers/", json=SPA, headers=headers) as response:
        assert response.status == 400
        sentence = "A key is 1 to 255 printable characters of ASCII."
        assert await response.json() == {"error": sentence, "idempotency_key": [sentence]}
