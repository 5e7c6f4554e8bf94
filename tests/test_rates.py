"""Too often, as it is told at each kind of door, and by whom it is believed where a request comes from."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.processes.cluster import socket_to
from tests.server import Server

LOG_IN = 'mutation ($name: String!) { logIn(username: $name, password: "wrong") { token } }'
BOOK = """mutation { createBooking(hotelSlug: "killarney", input: {
    roomTypeId: "1", guestName: "Ada", guestEmail: "ada@guests.example",
    arrival: "2040-06-15", departure: "2040-06-17"
}) { guestToken } }"""

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def strict(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Server]:
    """A server that lets nobody do anything twice in an hour, but log in."""
    async with Server.run(
        tmp_path_factory.mktemp("rates") / "data",
        HOTELMATE_LOG_IN_RATE="2/hour",
        HOTELMATE_BOOKING_RATE="1/hour",
        HOTELMATE_UPLOAD_RATE="1/hour",
        HOTELMATE_CHANGE_RATE="4/hour",
        HOTELMATE_TRUSTED_PROXIES="127.0.0.1",
        HOTELMATE_SOCKETS_PER_ADDRESS="1",
        HOTELMATE_SOCKETS_PER_ACTOR="1",
    ) as server:
        yield server


async def refusal(server: Server, query: str, *, at: str, **variables: Any) -> dict[str, Any]:
    """Return the `extensions` of the error that a request from an address is answered with."""
    async with (
        aiohttp.ClientSession(headers={"X-Forwarded-For": at}) as client,
        client.post(f"{server.url}/graphql", json={"query": query, "variables": variables}) as response,
    ):
        (error,) = (await response.json())["errors"]
        extensions: dict[str, Any] = error["extensions"]
        return extensions


async def test_passwords_cannot_be_guessed_for_long(strict: Server) -> None:
    for _ in range(2):
        assert await refusal(strict, LOG_IN, at="192.0.2.1", name="anna") == {"code": "UNAUTHENTICATED"}
    told = await refusal(strict, LOG_IN, at="192.0.2.1", name="anna")
    assert told["code"] == "RATE_LIMITED"
    assert 1 <= told["retryAfter"] <= 3600
    # Whether there is such a name is not told by the counting either.
    for _ in range(2):
        assert await refusal(strict, LOG_IN, at="192.0.2.2", name="nobody") == {"code": "UNAUTHENTICATED"}
    assert (await refusal(strict, LOG_IN, at="192.0.2.2", name="nobody"))["code"] == "RATE_LIMITED"


async def test_over_rest_it_is_429_with_when_to_come_back(strict: Server) -> None:
    credentials = {"username": "ben", "password": "wrong"}
    async with aiohttp.ClientSession(headers={"X-Forwarded-For": "192.0.2.3"}) as client:
        answers = []
        for _ in range(3):
            async with client.post(f"{strict.url}/api/staff/login/", json=credentials) as response:
                answers.append((response.status, await response.json()))
    assert [status for status, _ in answers] == [401, 401, 429]
    assert answers[2][1] == {"error": "That was too often; try again later."}
    assert 1 <= int(response.headers["Retry-After"]) <= 3600


async def test_guests_book_so_often_from_one_address(strict: Server) -> None:
    async with (
        aiohttp.ClientSession(headers={"X-Forwarded-For": "192.0.2.4"}) as client,
        client.post(f"{strict.url}/graphql", json={"query": BOOK}) as response,
    ):
        assert "errors" not in await response.json()
    assert (await refusal(strict, BOOK, at="192.0.2.4"))["code"] == "RATE_LIMITED"


async def test_each_field_of_a_mutation_counts(strict: Server) -> None:
    before = await strict.data('{ hotel(slug: "dublin") { seq } }')
    many = "mutation { " + " ".join(f"m{number}: toggleClock {{ action }}" for number in range(5)) + " }"
    (error,) = (await strict.execute(many, token="demo-carla"))["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["m4"], "RATE_LIMITED")
    after = await strict.data('{ hotel(slug: "dublin") { seq } }')
    assert after["hotel"]["seq"] == before["hotel"]["seq"] + 4
    headers = {"Authorization": "Token demo-carla"}
    async with (
        aiohttp.ClientSession(headers=headers) as client,
        client.post(f"{strict.url}/api/staff/dublin/clock/") as response,
    ):
        assert response.status == 429


async def test_only_trusted_proxies_are_believed(tmp_path: Path) -> None:
    async with Server.run(
        tmp_path / "data", HOTELMATE_LOG_IN_RATE="2/hour", HOTELMATE_TRUSTED_PROXIES="192.0.2.0/24"
    ) as server:
        codes = [
            (await refusal(server, LOG_IN, at=f"198.51.100.{number}", name="anna"))["code"]
            for number in range(3)
        ]
        assert codes == ["UNAUTHENTICATED", "UNAUTHENTICATED", "RATE_LIMITED"]


async def test_sockets_are_counted_for_each_server_by_itself(strict: Server) -> None:
    pusher = f"ws://127.0.0.1:{strict.port}/app/hotelmate-key?protocol=7"
    async with socket_to(strict, "demo-anna"), connect(pusher, proxy=None) as first:
        assert "connection_established" in str(await first.recv())
        with pytest.raises(InvalidStatus) as refused:
            async with socket_to(strict, "demo-ben"):
                pass
        assert refused.value.response.status_code == 429
        async with connect(pusher, proxy=None) as second:
            assert '"code":4100' in str(await second.recv())
        async with connect(pusher, proxy=None, additional_headers={"X-Forwarded-For": "192.0.2.9"}) as third:
            assert "connection_established" in str(await third.recv())
