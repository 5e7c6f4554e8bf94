"""What Prometheus is told of a process is what has happened there."""

import asyncio
from collections.abc import Awaitable, Callable

import aiohttp

from tests.server import Server

ANNA = {"Authorization": "Token demo-anna"}
WAIT_SECONDS = 20


async def figures(client: aiohttp.ClientSession) -> dict[str, float]:
    """Every figure by its name and labels, as the text has them."""
    async with client.get("/metrics") as reply:
        lines = (await reply.text()).splitlines()
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines if line[:1] != "#"}


async def eventually_shown(shown: Callable[[], Awaitable[object]], expected: object) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while await shown() != expected:
            await asyncio.sleep(0.05)


def operations(kind: str, field: str, code: str = "OK") -> str:
    return f'hotelmate_graphql_operations_total{{code="{code}",field="{field}",type="{kind}"}}'


def requests(method: str, route: str, status: int) -> str:
    return f'hotelmate_http_requests_total{{method="{method}",route="{route}",status="{status}"}}'


async def test_operations_are_counted_by_what_they_ask_for(server: Server) -> None:
    documents = [
        "{ viewer { __typename } }",
        "query A { mine: viewer { __typename } }",
        """{ ...F } fragment F on Query { ... { viewer { __typename } } ...G }
        fragment G on Query { viewer { __typename } }""",
        "{ viewer { __typename } hotels { pageInfo { endCursor } } }",
        "{ __typename }",
        "mutation { clockIn { action } }",
        "{ staff { pageInfo { endCursor } } }",
        "{ nonsense }",
        "{",
        "query { viewer { __typename } } query B { viewer { __typename } }",
        "subscription { clockStatus { seq } }",
    ]
    async with aiohttp.ClientSession(server.url) as client:
        for document in documents:
            async with client.post("/graphql", json={"query": document}):
                pass
        told = await figures(client)
    counted = {
        name: count for name, count in told.items() if name.startswith("hotelmate_graphql_operations_total")
    }
    assert counted == {
        operations("query", "viewer"): 3,
        operations("query", "several"): 1,
        operations("query", "__typename"): 1,
        operations("mutation", "clockIn", "UNAUTHENTICATED"): 1,
        operations("query", "staff", "UNAUTHENTICATED"): 1,
        operations("unknown", "unknown", "GRAPHQL_VALIDATION_FAILED"): 2,
        operations("unknown", "unknown", "GRAPHQL_PARSE_FAILED"): 1,
        operations("subscription", "clockStatus", "BAD_REQUEST"): 1,
    }
    assert told['hotelmate_graphql_operation_seconds_count{field="viewer",type="query"}'] == 3


async def test_requests_are_counted_by_routes_and_never_by_what_a_client_makes_up(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as client:
        for method, path in (
            ("GET", "/api/staff/hotel/killarney/offers/"),
            ("GET", "/api/staff/hotel/killarney/offers"),
            ("GET", "/api/staff/hotel/dublin/offers"),
            ("GET", "/api/made-up"),
            ("PROPFIND", "/api/made-up"),
            ("GET", "/graphql?query={__typename}"),
            ("GET", "/apps/1000/channels"),
            ("GET", "/media/made-up"),
            ("GET", "/console"),
        ):
            async with client.request(method, path, headers=ANNA):
                pass
        told = await figures(client)
    expected = {
        requests("GET", "/api/staff/hotel/{slug}/offers", 200): 2,
        requests("GET", "/api/staff/hotel/{slug}/offers", 403): 1,
        requests("GET", "other", 404): 1,
        requests("other", "other", 404): 1,
        requests("GET", "/graphql", 200): 1,
        requests("GET", "/apps", 401): 1,
        requests("GET", "/media", 404): 1,
        requests("GET", "other", 200): 1,
    }
    assert {name: told.get(name) for name in expected} == expected
    assert told['hotelmate_http_request_seconds_count{method="GET",route="/graphql"}'] == 1
    assert not any(word in name for name in told for word in ("made-up", "PROPFIND"))


async def test_connections_and_what_they_follow_are_shown_while_they_last(server: Server) -> None:
    names = {
        "sockets": 'hotelmate_graphql_connections{transport="websocket"}',
        "streams": 'hotelmate_graphql_connections{transport="sse"}',
        "subscribers": "hotelmate_graphql_subscribers",
        "groups": "hotelmate_graphql_groups",
        "clients": "hotelmate_channels_connections",
        "subscriptions": "hotelmate_channels_subscriptions",
    }
    query = 'subscription { offers(hotelSlug: "killarney") { __typename } }'
    async with aiohttp.ClientSession(server.url) as client:

        async def shown() -> dict[str, float]:
            told = await figures(client)
            return {name: told[figure] for name, figure in names.items()}

        async with client.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
            await socket.send_json({"type": "connection_init"})
            for id_ in ("1", "2"):
                await socket.send_json({"type": "subscribe", "id": id_, "payload": {"query": query}})
            async with (
                client.get(
                    "/graphql", params={"query": query}, headers={"Accept": "text/event-stream"}
                ) as stream,
                client.ws_connect("/app/hotelmate-key?protocol=7") as channels,
            ):
                assert stream.status == 200
                subscribe = {"event": "pusher:subscribe", "data": {"channel": "hotel-killarney"}}
                await channels.send_json(subscribe)
                await eventually_shown(
                    shown,
                    {
                        "sockets": 1,
                        "streams": 1,
                        "subscribers": 3,
                        "groups": 1,
                        "clients": 1,
                        "subscriptions": 1,
                    },
                )
        await eventually_shown(shown, dict.fromkeys(names, 0))


async def test_events_and_the_database_are_shown(server: Server) -> None:
    async with aiohttp.ClientSession(server.url, headers=ANNA) as client:
        for _ in range(2):
            async with client.post(
                "/graphql", json={"query": "mutation { toggleClock { action } }"}
            ) as reply:
                assert "errors" not in await reply.json()
        told = await figures(client)
    assert told['hotelmate_events_recorded_total{type="ClockStatusUpdated"}'] == 2
    assert told['hotelmate_database_connections{state="in_use"}'] >= 0
    assert told['hotelmate_database_connections{state="idle"}'] >= 1
    assert told["hotelmate_database_waiting_operations"] == 0
    assert told["process_resident_memory_bytes"] > 0
