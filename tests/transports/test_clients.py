"""The real clients: graphql-ws and graphql-sse, as applications have them."""

import asyncio
import random
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from hotelmate.database import Database
from hotelmate.identity import sessions
from hotelmate.schema.transports import Limits
from hotelmate.settings import Settings
from tests.clients.fixtures import StartClient
from tests.clients.node import NodeClient
from tests.transports.running import Served, serving

RINGS = "subscription ($after: String) { rings(after: $after) { text } }"


async def connect(client: NodeClient, served: Served, *, transport: str = "ws", **options: Any) -> None:
    url = served.websocket_url if transport == "ws" else served.url
    await client.command(
        "connect",
        transport=transport,
        options={"url": url, "retryAttempts": 200, **options},
        retryWaitMs=50,
    )


async def subscribe(client: NodeClient, query: str, *, id: str = "1", **variables: Any) -> None:
    await client.command("subscribe", id=id, query=query, variables=variables)


async def hear(client: NodeClient, *texts: str, field: str = "rings") -> None:
    """Wait for these results of operation 1, in this order."""
    for text in texts:
        report = await client.wait_for("next")
        assert (report["id"], report["payload"]) == ("1", {"data": {field: {"text": text}}})


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_a_client_hears_what_it_follows(
    served: Served, start_graphql_client: StartClient, transport: str
) -> None:
    client = await start_graphql_client()
    await connect(client, served, transport=transport)
    await subscribe(client, RINGS, after=served.beginning)
    await served.ring("ding", "Dún 🏃\n\r\u2028")
    await hear(client, "ding", "Dún 🏃\n\r\u2028")


@pytest.mark.parametrize("transport", ["ws", "sse"])
async def test_queries_and_mutations_work_as_well(
    served: Served, start_graphql_client: StartClient, transport: str
) -> None:
    client = await start_graphql_client()
    await connect(client, served, transport=transport)
    await subscribe(client, 'mutation { ring(text: "ding") }', id="m")
    assert (await client.wait_for("next", id="m"))["payload"] == {"data": {"ring": 1}}
    await client.wait_for("complete", id="m")
    await subscribe(client, "{ perhaps }", id="q")
    payload = (await client.wait_for("next", id="q"))["payload"]
    assert payload["data"] == {"perhaps": None}
    assert payload["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
    await client.wait_for("complete", id="q")


@pytest.mark.parametrize(
    "query", ["subscription {", "subscription { nothing }", "subscription { staffRings { text } }"]
)
async def test_an_operation_that_is_refused_ends_alone(
    served: Served, start_graphql_client: StartClient, query: str
) -> None:
    client = await start_graphql_client()
    await connect(client, served)
    await subscribe(client, RINGS, after=served.beginning)
    await subscribe(client, query, id="refused")
    assert (await client.wait_for("error", id="refused"))["errors"]
    await served.ring("ding")
    await hear(client, "ding")
    assert client.reported("closed") == []


async def test_an_event_stream_client_is_told_of_errors_and_does_not_try_again(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    await connect(client, served, transport="sse")
    await subscribe(client, "subscription { nothing }")
    (error,) = (await client.wait_for("next", id="1"))["payload"]["errors"]
    assert error["extensions"] == {"code": "GRAPHQL_VALIDATION_FAILED"}
    await client.wait_for("complete", id="1")


class TestComingBack:
    """To a server that is started anew with the same data.

    Meanwhile the kernel lets clients wait: by itself graphql-ws gives up when a connection is refused.
    """

    @pytest.fixture
    def listener(self) -> Iterator[socket.socket]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            yield listening

    @pytest.fixture
    async def old(
        self, sqlite_database: Database, settings: Settings, listener: socket.socket
    ) -> AsyncIterator[Served]:
        async with serving(sqlite_database, settings, limits=Limits(), listener=listener) as running:
            yield running

    @pytest.mark.parametrize(
        ("stop", "code"), [("as we do", 1001), ("as uvicorn does", 1012), ("by pulling the plug", 1006)]
    )
    async def test_a_socket_comes_back_after_the_server_has_stopped(
        self,
        old: Served,
        listener: socket.socket,
        start_graphql_client: StartClient,
        stop: str,
        code: int,
    ) -> None:
        client = await start_graphql_client()
        await connect(client, old)
        await subscribe(client, RINGS, after=old.beginning)
        await old.ring("ding")
        await hear(client, "ding")
        await stop_server(old, stop)
        assert (await client.wait_for("closed"))["code"] == code
        async with started_again(old, listener) as new:
            await hear(client, "ding")
            await new.ring("dong")
            await hear(client, "dong")
        assert client.reported("gave_up") == []

    @pytest.mark.parametrize("stop", ["as we do", "by pulling the plug"])
    async def test_an_event_stream_comes_back_after_the_server_has_stopped(
        self, old: Served, listener: socket.socket, start_graphql_client: StartClient, stop: str
    ) -> None:
        client = await start_graphql_client()
        await connect(client, old, transport="sse")
        await subscribe(client, RINGS, after=old.beginning)
        await old.ring("ding")
        await hear(client, "ding")
        await stop_server(old, stop)
        async with started_again(old, listener) as new:
            await hear(client, "ding")
            await new.ring("dong")
            await hear(client, "dong")
        assert client.reported("gave_up") == []


def started_again(old: Served, listener: socket.socket) -> AbstractAsyncContextManager[Served]:
    services = old.services
    return serving(services.database, services.settings, limits=Limits(), listener=listener)


async def stop_server(served: Served, how: str) -> None:
    if how == "as we do":
        await served.endpoint.close()
    elif how == "by pulling the plug":
        for connection in list(served.uvicorn_server.server_state.connections):
            connection.transport.abort()  # type: ignore[union-attr]
    await served.uvicorn_server.shutdown()


async def test_a_socket_comes_back_after_its_application_has_cut_it(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    await connect(client, served)
    await subscribe(client, RINGS, after=served.beginning)
    await served.ring("ding")
    await hear(client, "ding")
    await client.command("terminate")
    await hear(client, "ding")
    await served.ring("dong")
    await hear(client, "dong")


async def test_an_application_that_goes_on_from_the_last_cursor_misses_nothing(
    served: Served, start_graphql_client: StartClient
) -> None:
    """It is cut off after a random number of events while somebody rings, and subscribes anew."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    chance = random.Random(seed)
    client = await start_graphql_client()
    await connect(client, served)
    query = "subscription ($after: String) { rings(after: $after) { seq cursor } }"
    cursor, heard = served.beginning, []
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(served.ring(*(f"ring {number}" for number in range(150))))
        while len(heard) < 150:
            id = f"from {len(heard)}, {chance.random()}"
            await subscribe(client, query, id=id, after=cursor)
            for _ in range(min(chance.randint(1, 20), 150 - len(heard))):
                ring = (await client.wait_for("next", id=id))["payload"]["data"]["rings"]
                heard.append(ring["seq"])
                cursor = ring["cursor"]
            await client.command("terminate")
            await client.command("complete", id=id)
    assert heard == list(range(1, 151))


async def test_a_client_whose_rights_have_ended_comes_back_as_anybody(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    await connect(client, served, connectionParams={"Authorization": "Token demo-anna"})
    await subscribe(client, RINGS, after=served.beginning)
    await served.ring("hidden", "ding")
    await hear(client, "hidden", "ding")
    end_session(served)
    assert (await client.wait_for("closed"))["code"] == 4403
    # It asks from the same cursor as before, and is now shown what everybody is.
    await hear(client, "ding")
    await subscribe(client, "subscription { staffRings { text } }", id="2")
    (error,) = (await client.wait_for("error", id="2"))["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_an_event_stream_whose_rights_have_ended_is_over(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    await connect(client, served, transport="sse", headers={"authorization": "Token demo-anna"})
    await subscribe(
        client, "subscription ($after: String) { staffRings(after: $after) { text } }", after=served.beginning
    )
    await served.ring("hidden")
    await hear(client, "hidden", field="staffRings")
    end_session(served)
    (error,) = (await client.wait_for("next"))["payload"]["errors"]
    assert error["extensions"] == {"code": "UNAUTHENTICATED"}
    await client.wait_for("complete", id="1")
    assert client.reported("gave_up") == []


def end_session(served: Served) -> None:
    with served.services.database.transaction() as transaction:
        actor = sessions.find(transaction, "demo-anna", at=served.now)
        assert actor is not None
        sessions.end(transaction, actor.session_id)


@pytest.mark.parametrize("code", [4400, 4401, 4406, 4409, 4429])
async def test_a_client_does_not_come_back_from_its_mistakes(
    served: Served, start_graphql_client: StartClient, code: int
) -> None:
    client = await start_graphql_client()
    await connect(client, served)
    await subscribe(client, RINGS, after=served.beginning)
    await served.ring("ding")
    await hear(client, "ding")
    await served.endpoint.close(code)
    assert (await client.wait_for("gave_up", id="1"))["code"] == code
    assert len(client.reported("connecting")) == 1


async def test_a_client_with_credentials_of_the_wrong_kind_gives_up(
    served: Served, start_graphql_client: StartClient
) -> None:
    client = await start_graphql_client()
    await connect(client, served, connectionParams={"authorization": {"token": "demo-anna"}})
    await subscribe(client, RINGS)
    report = await client.wait_for("gave_up", id="1")
    assert (report["code"], report["reason"]) == (4400, "'authorization' must be a string")


class TestPings:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(ping_seconds=0.5)

    async def test_a_client_answers_our_pings_and_stays(
        self, served: Served, start_graphql_client: StartClient
    ) -> None:
        client = await start_graphql_client()
        await connect(client, served)
        await subscribe(client, RINGS, after=served.beginning)
        for _ in range(3):
            await client.wait_for("ping", received=True)
        await served.ring("ding")
        await hear(client, "ding")
        assert client.reported("closed") == []
