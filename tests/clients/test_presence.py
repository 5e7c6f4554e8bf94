"""Who has the page of a hotel open: staff see each other come and go, in Node and in a browser elsewhere."""

import json
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from pusher import Pusher
from websockets.asyncio.client import connect

from tests.clients.chromium import ChromiumClient
from tests.clients.client import Client
from tests.clients.fixtures import StartClient, StartPage
from tests.server import Server

CHANNEL = "presence-hotel-killarney"


async def open_page(client: Client, server: Server, authorization: str) -> None:
    """Do as a page does that somebody opens who is logged in."""
    options: dict[str, Any] = {
        "cluster": "eu",
        "wsHost": "127.0.0.1",
        "wsPort": server.port,
        "forceTLS": False,
        "enabledTransports": ["ws"],
        "channelAuthorization": {
            "endpoint": f"{server.url}/pusher/auth",
            "headers": {"Authorization": authorization},
        },
    }
    await client.command("connect", key="hotelmate-key", options=options)
    await client.command("subscribe", channel=CHANNEL)


async def members(client: Client) -> dict[str, Any]:
    await client.command("members", channel=CHANNEL)
    return await client.wait_for("members")


async def joined(client: Client) -> None:
    await client.wait_for("event", channel=CHANNEL, name="pusher:subscription_succeeded")


async def staff_user_id(server: Server, token: str) -> str:
    data = await server.data("{ viewer { ... on Staff { userId } } }", token=token)
    user_id: str = data["viewer"]["userId"]
    return user_id


async def test_staff_see_who_of_them_has_the_page_open(
    tmp_path: Path, start_pusher_page: StartPage, start_pusher_client: StartClient
) -> None:
    screen: ChromiumClient = await start_pusher_page()
    async with Server.run(tmp_path, HOTELMATE_CORS_ORIGINS=screen.origin) as server:
        anna, ben = [await staff_user_id(server, f"demo-{name}") for name in ("anna", "ben")]
        await open_page(screen, server, "Token demo-anna")
        await joined(screen)
        present = await members(screen)
        assert (present["ids"], present["me"]) == (
            [anna],
            {"id": anna, "info": {"first_name": "Anna", "last_name": "Kelly"}},
        )
        other = await start_pusher_client()
        await open_page(other, server, "Token demo-ben")
        await joined(other)
        come = await screen.wait_for("event", channel=CHANNEL, name="pusher:member_added")
        assert come["data"] == {"id": ben, "info": {"first_name": "Ben", "last_name": "Murphy"}}
        assert (await members(other))["ids"] == sorted([anna, ben])
        await other.command("disconnect")
        gone = await screen.wait_for("event", channel=CHANNEL, name="pusher:member_removed")
        assert gone["data"]["id"] == ben


async def test_nobody_else_sees_them(server: Server, start_pusher_client: StartClient) -> None:
    token = await guest_token(server)
    for authorization in ("Token demo-carla", f"GuestToken {token}", "Token nobody's"):
        client = await start_pusher_client()
        await open_page(client, server, authorization)
        refusal = await client.wait_for("event", channel=CHANNEL, name="pusher:subscription_error")
        assert refusal["data"]["status"] == (401 if "nobody" in authorization else 403)


async def test_a_large_hotels_staff_can_all_be_present(server: Server) -> None:
    url = f"ws://127.0.0.1:{server.port}/app/hotelmate-key?protocol=7"
    signer = Pusher("1000", "hotelmate-key", "hotelmate-secret")
    async with AsyncExitStack() as pages:
        for number in range(101):
            page = await pages.enter_async_context(connect(url, compression=None, proxy=None, max_queue=None))
            socket_id = json.loads(json.loads(await page.recv())["data"])["socket_id"]
            signed = signer.authenticate(CHANNEL, socket_id, {"user_id": str(number)})
            await page.send(json.dumps({"event": "pusher:subscribe", "data": {"channel": CHANNEL, **signed}}))
            answer = json.loads(await page.recv())
        assert answer["event"] == "pusher_internal:subscription_succeeded"
        assert json.loads(answer["data"])["presence"]["count"] == 101


async def guest_token(server: Server) -> str:
    """The token of a guest of killarney, as the booking's own page has it."""
    data = await server.data(
        """mutation ($type: ID!) {
          createBooking(hotelSlug: "killarney", input: {
            roomTypeId: $type, guestName: "Róisín", guestEmail: "r@example.com",
            arrival: "2099-03-01", departure: "2099-03-02"
          }) { guestToken }
        }""",
        type=await room_type(server),
    )
    token: str = data["createBooking"]["guestToken"]
    return token


async def room_type(server: Server) -> str:
    data = await server.data('{ hotel(slug: "killarney") { roomTypes { id } } }')
    found: str = data["hotel"]["roomTypes"][0]["id"]
    return found
