"""Rights that end take with them what their holder has open, in GraphQL and in pusher-js."""

import asyncio
import json
from datetime import date, timedelta
from typing import Any

import aiohttp
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.clients.fixtures import StartClient
from tests.clients.node import NodeClient
from tests.server import Server

ARRIVAL = date.today() + timedelta(days=100)  # noqa: DTZ011 - far enough ahead in every zone


@pytest.fixture
async def booking(server: Server) -> dict[str, Any]:
    """A booking that a guest has made, with the guest's token."""
    kinds = await server.data('{ hotel(slug: "killarney") { roomTypes { id } } }')
    made = await server.data(
        """
        mutation ($type: ID!, $arrival: Date!, $departure: Date!) {
          createBooking(hotelSlug: "killarney", input: {
            roomTypeId: $type, guestName: "Nora", guestEmail: "nora@example.com",
            arrival: $arrival, departure: $departure
          }) { guestToken booking { id } }
        }""",
        type=kinds["hotel"]["roomTypes"][0]["id"],
        arrival=ARRIVAL.isoformat(),
        departure=(ARRIVAL + timedelta(days=2)).isoformat(),
    )
    return {"id": made["createBooking"]["booking"]["id"], "token": made["createBooking"]["guestToken"]}


async def watch(client: NodeClient, server: Server, authorization: str, query: str, **variables: Any) -> None:
    await client.command(
        "connect",
        transport="ws",
        retryWaitMs=100,
        options={
            "url": f"ws://127.0.0.1:{server.port}/graphql",
            "connectionParams": {"Authorization": authorization},
            "retryAttempts": 3,
        },
    )
    await client.command("subscribe", id="watched", query=query, variables=variables)
    await client.wait_for("connected")


async def test_renewing_a_guest_token_closes_the_guests_socket_and_the_channel(
    server: Server,
    booking: dict[str, Any],
    start_graphql_client: StartClient,
    start_pusher_client: StartClient,
) -> None:
    graphql, pusher = await start_graphql_client(), await start_pusher_client()
    channel = f"private-guest-booking.{booking['id']}"
    await watch(
        graphql,
        server,
        f"GuestToken {booking['token']}",
        "subscription ($id: ID!) { booking(id: $id) { __typename } }",
        id=booking["id"],
    )
    await pusher.command(
        "connect",
        key="hotelmate-key",
        options={
            "cluster": "eu",
            "wsHost": "127.0.0.1",
            "wsPort": server.port,
            "forceTLS": False,
            "enabledTransports": ["ws"],
            "channelAuthorization": {
                "endpoint": f"{server.url}/pusher/auth",
                "headers": {"Authorization": f"Bearer {booking['token']}"},
            },
        },
    )
    await pusher.command("subscribe", channel=channel)
    await pusher.wait_for("event", channel=channel, name="pusher:subscription_succeeded")

    renewed = await server.data(
        "mutation ($id: ID!) { renewGuestToken(id: $id) }", token="demo-anna", id=booking["id"]
    )

    await graphql.wait_for("closed", code=4403)
    # It comes back, as anonymous: the old token opens nothing any more.
    refused = await graphql.wait_for("error", id="watched")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    refused = await pusher.wait_for("event", channel=channel, name="pusher:subscription_error")
    assert refused["data"]["status"] == 401
    again = await server.data(
        "query ($id: ID!) { booking(id: $id) { id } }", token=renewed["renewGuestToken"], id=booking["id"]
    )
    assert again["booking"]["id"] == booking["id"]
    old = await server.execute(
        "query ($id: ID!) { booking(id: $id) { id } }", token=booking["token"], id=booking["id"]
    )
    assert old["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_logging_out_closes_the_sockets_of_that_session_and_of_no_other(
    server: Server, start_graphql_client: StartClient
) -> None:
    log_in = 'mutation { logIn(username: "anna", password: "demo") { token } }'
    first = (await server.data(log_in))["logIn"]["token"]
    second = (await server.data(log_in))["logIn"]["token"]
    ended, stays = await start_graphql_client(), await start_graphql_client()
    for client, token in ((ended, first), (stays, second)):
        await watch(client, server, f"Token {token}", "subscription { clockStatus { action } }")

    assert await server.data("mutation { logOut }", token=first) == {"logOut": True}

    await ended.wait_for("closed", code=4403)
    refused = await ended.wait_for("error", id="watched")
    assert refused["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
    await server.data("mutation { toggleClock { action } }", token="demo-ben")
    await stays.wait_for("next", id="watched")
    assert stays.reported("closed") == []


async def test_a_session_that_expires_closes_its_sockets(
    tmp_path_factory: pytest.TempPathFactory, start_graphql_client: StartClient
) -> None:
    data = tmp_path_factory.mktemp("expiring") / "data"
    async with Server.run(data, HOTELMATE_SESSION_HOURS=str(3 / 3600)) as server:
        token = (await server.data('mutation { logIn(username: "anna", password: "demo") { token } }'))[
            "logIn"
        ]["token"]
        client = await start_graphql_client()
        await watch(client, server, f"Token {token}", "subscription { clockStatus { action } }")
        await client.wait_for("closed", code=4403)
        answer = await server.execute("{ bookings { edges { cursor } } }", token=token)
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_signature_from_before_opens_nothing_once_the_rights_have_ended(
    server: Server, booking: dict[str, Any]
) -> None:
    """A signature is bound to its socket, so the sockets that it was made for are closed."""
    guest_channel = f"private-guest-booking.{booking['id']}"
    session = (await server.data('mutation { logIn(username: "ben", password: "demo") { token } }'))["logIn"]
    async with connect(_app_url(server)) as guest, connect(_app_url(server)) as staff:
        await signature(server, guest, guest_channel, f"Bearer {booking['token']}")
        await signature(server, staff, "private-hotel-killarney", f"Token {session['token']}")
        await server.data(
            "mutation ($id: ID!) { renewGuestToken(id: $id) }", token="demo-anna", id=booking["id"]
        )
        await server.data("mutation { logOut }", token=session["token"])
        for socket in (guest, staff):
            with pytest.raises(ConnectionClosed) as closed:
                async with asyncio.timeout(20):
                    await socket.recv()
            assert closed.value.rcvd is not None
            assert closed.value.rcvd.code == 4200


def _app_url(server: Server) -> str:
    return f"ws://127.0.0.1:{server.port}/app/hotelmate-key?protocol=7&client=test&version=1"


async def signature(server: Server, socket: ClientConnection, channel: str, authorization: str) -> str:
    """Connect and be authorized, but do not subscribe."""
    socket_id = json.loads(json.loads(await socket.recv())["data"])["socket_id"]
    async with (
        aiohttp.ClientSession() as session,
        session.post(
            f"{server.url}/pusher/auth",
            data={"socket_id": socket_id, "channel_name": channel},
            headers={"Authorization": authorization},
        ) as response,
    ):
        assert response.status == 200
        signed: str = (await response.json())["auth"]
        return signed
