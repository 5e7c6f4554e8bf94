"""While the database is away clients are told so, in a way that has them come back; nothing of ours fails."""

from collections.abc import AsyncIterator, Iterator

import pytest
from structlog.testing import capture_logs

from hotelmate.database import Database
from hotelmate.schema.transports import Limits
from hotelmate.settings import Settings
from tests.bridge.outage import outage
from tests.clients.fixtures import StartClient
from tests.conftest import SeededPostgresql
from tests.transports.running import Served, serving

AWAY = "The database cannot be reached. Nothing was changed."
STAFF = {"Authorization": "Token demo-anna"}
RINGS = "subscription ($after: String) { rings(after: $after) { text } }"


@pytest.fixture
def postgresql(seeded_postgresql: SeededPostgresql) -> Iterator[Database]:
    seeded_postgresql.reset()
    opened = Database(seeded_postgresql.url)
    yield opened
    opened.close()


@pytest.fixture
async def served(postgresql: Database, settings: Settings, limits: Limits) -> AsyncIterator[Served]:
    async with serving(postgresql, settings, limits=limits) as running:
        yield running


@pytest.mark.parametrize(
    ("document", "headers"),
    [
        pytest.param("{ caller }", STAFF, id="as whoever calls is looked up"),
        pytest.param("{ rung }", {}, id="in a query"),
        pytest.param('mutation { ring(text: "a") }', {}, id="in a mutation"),
        pytest.param(RINGS, {"Accept": "text/event-stream"}, id="before a stream begins"),
    ],
)
async def test_a_request_is_told_that_the_database_is_away(
    served: Served, document: str, headers: dict[str, str]
) -> None:
    with capture_logs() as logs, outage(served.services.database):
        async with served.request(json={"query": document}, headers=headers) as response:
            text = await response.text()
    assert AWAY in text
    assert '"INTERNAL"' in text
    assert {entry["log_level"] for entry in logs} == {"warning"}


async def test_a_socket_that_is_opened_then_is_closed_as_one_to_try_again(served: Served) -> None:
    with outage(served.services.database):
        async with served.socket() as socket:
            await socket.say(type="connection_init", payload={"authorization": "Token demo-anna"})
            assert await socket.hear_close() == (1013, AWAY)
    async with served.introduced("Token demo-anna") as socket:
        await socket.subscribe("1", "{ caller }")
        assert (await socket.hear())["payload"] == {"data": {"caller": "staff 1"}}


async def test_graphql_ws_comes_back_until_the_database_is_there(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    options = {"url": served.websocket_url, "connectionParams": STAFF, "retryAttempts": 100}
    await client.command("connect", transport="ws", options=options, retryWaitMs=100)
    after = served.beginning
    await served.ring("before")
    with outage(served.services.database):
        await client.command("subscribe", id="1", query=RINGS, variables={"after": after})
        for _ in range(2):
            await client.wait_for("closed", code=1013)
    heard = await client.wait_for("next", id="1")
    assert heard["payload"] == {"data": {"rings": {"text": "before"}}}
