"""What an application's own server is told, and how it can trust that."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from hotelmate.channels import App, ChannelsServer, tokens, webhooks
from tests.channels.running import APP, Client, Message, Running, auth, eventually, running
from tests.channels.signed import publish
from tests.clients.node import NodeClient

LOBBY = "presence-hotel-killarney"


@dataclass
class Receiver:
    """An application's server: it notes each request, and answers with these statuses, then with 200."""

    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    @property
    def events(self) -> list[Message]:
        """Every event received, in order."""
        return [event for _, body in self.requests for event in json.loads(body)["events"]]

    async def wait_for(self, *events: Message) -> None:
        """Wait until exactly these events have been received, in any order."""

        def sort(found: list[Message]) -> list[str]:
            return sorted(json.dumps(event, sort_keys=True) for event in found)

        await eventually(lambda: len(self.events) >= len(events))
        assert sort(self.events) == sort(list(events))

    async def take(self, request: web.Request) -> web.Response:
        """Receive a request."""
        self.requests.append((dict(request.headers), await request.read()))
        return web.Response(status=self.statuses.pop(0) if self.statuses else 200)


@pytest.fixture(autouse=True)
def _haste(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take hundredths of a second for seconds."""
    monkeypatch.setattr(webhooks, "GRACE_SECONDS", 0.03)
    monkeypatch.setattr(webhooks, "GATHER_SECONDS", 0.01)
    monkeypatch.setattr(webhooks, "FIRST_PAUSE_SECONDS", 0.01)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    received = Receiver()
    application = web.Application()
    application.router.add_post("/webhooks", received.take)
    async with TestServer(application) as server:
        received.url = str(server.make_url("/webhooks"))
        yield received


@pytest.fixture
async def telling(receiver: Receiver) -> AsyncIterator[Running]:
    """A server whose app tells the receiver of everything."""
    async with running(ChannelsServer([telling_app(receiver)])) as channels:
        yield channels


def telling_app(receiver: Receiver) -> App:
    return replace(APP, webhook_url=receiver.url)


async def join_lobby(client: Client, user_id: str) -> None:
    await client.join(LOBBY, **auth(client, LOBBY, {"user_id": user_id}))


async def test_a_channel_is_told_to_be_occupied_and_vacated(telling: Running, receiver: Receiver) -> None:
    async with telling.client() as one, telling.client() as two:
        await one.join("a")
        await two.join("a")
        await receiver.wait_for({"name": "channel_occupied", "channel": "a"})
    await receiver.wait_for(
        {"name": "channel_occupied", "channel": "a"}, {"name": "channel_vacated", "channel": "a"}
    )


async def test_members_are_told_to_have_come_and_gone_once_per_user(
    telling: Running, receiver: Receiver
) -> None:
    async with telling.client() as desk, telling.client() as phone:
        await join_lobby(desk, "anna")
        await join_lobby(phone, "anna")
        await phone.unsubscribe(LOBBY)
    await receiver.wait_for(
        {"name": "channel_occupied", "channel": LOBBY},
        {"name": "member_added", "channel": LOBBY, "user_id": "anna"},
        {"name": "member_removed", "channel": LOBBY, "user_id": "anna"},
        {"name": "channel_vacated", "channel": LOBBY},
    )


async def test_who_comes_back_in_time_has_not_left(telling: Running, receiver: Receiver) -> None:
    async with telling.client() as client:
        for _ in range(3):
            await join_lobby(client, "anna")
            await client.unsubscribe(LOBBY)
        await join_lobby(client, "anna")
    await receiver.wait_for(
        {"name": "channel_occupied", "channel": LOBBY},
        {"name": "member_added", "channel": LOBBY, "user_id": "anna"},
        {"name": "member_removed", "channel": LOBBY, "user_id": "anna"},
        {"name": "channel_vacated", "channel": LOBBY},
    )


async def test_client_events_are_told_with_their_sender(telling: Running, receiver: Receiver) -> None:
    async with telling.client() as client:
        await join_lobby(client, "anna")
        await client.say("client-typing", channel=LOBBY, data={"in": 12})
        await client.join("private-a", **auth(client, "private-a"))
        await client.say("client-typing", channel="private-a", data="x")
        await eventually(lambda: len(receiver.events) == 5)
        told = [event for event in receiver.events if event["name"] == "client_event"]
        common = {"name": "client_event", "event": "client-typing", "socket_id": client.socket_id}
        assert told == [
            common | {"channel": LOBBY, "data": {"in": 12}, "user_id": "anna"},
            common | {"channel": "private-a", "data": "x"},
        ]


async def test_a_cache_miss_is_told_once_for_all_who_missed(telling: Running, receiver: Receiver) -> None:
    async with telling.client() as one, telling.client() as two:
        await one.join("cache-a")
        await two.join("cache-a")
        await receiver.wait_for(
            {"name": "channel_occupied", "channel": "cache-a"}, {"name": "cache_miss", "channel": "cache-a"}
        )
        assert await one.hear_all() == [{"event": "pusher:cache_miss", "channel": "cache-a"}]
        await publish(telling.server, "cache-b")
        await one.join("cache-b")
        await eventually(lambda: {"name": "channel_occupied", "channel": "cache-b"} in receiver.events)
        assert {"name": "cache_miss", "channel": "cache-b"} not in receiver.events


async def test_subscription_counts_are_told(receiver: Receiver) -> None:
    app = replace(
        telling_app(receiver), subscription_counts=True, webhook_events=frozenset({"subscription_count"})
    )
    async with running(ChannelsServer([app])) as channels, channels.client() as client:
        await client.join("a")
        await client.hear()
        await client.unsubscribe("a")
        await receiver.wait_for(
            {"name": "subscription_count", "channel": "a", "subscription_count": 1},
            {"name": "subscription_count", "channel": "a", "subscription_count": 0},
        )


async def test_only_the_events_asked_for_are_told(receiver: Receiver) -> None:
    app = replace(telling_app(receiver), webhook_events=frozenset({"channel_vacated"}))
    async with running(ChannelsServer([app])) as channels:
        async with channels.client() as client:
            await client.join("a")
        await receiver.wait_for({"name": "channel_vacated", "channel": "a"})


async def test_who_comes_back_has_not_left_also_where_arrivals_are_not_told(receiver: Receiver) -> None:
    app = replace(telling_app(receiver), webhook_events=frozenset({"channel_vacated"}))
    async with running(ChannelsServer([app])) as channels:
        async with channels.client() as client:
            for _ in range(3):
                await client.join("a")
                await client.unsubscribe("a")
        await receiver.wait_for({"name": "channel_vacated", "channel": "a"})


async def test_a_request_tells_of_one_event(telling: Running, receiver: Receiver) -> None:
    async with telling.client() as client:
        await join_lobby(client, "anna")
        await eventually(lambda: len(receiver.requests) == 2)
    assert receiver.events == [
        {"name": "channel_occupied", "channel": LOBBY},
        {"name": "member_added", "channel": LOBBY, "user_id": "anna"},
    ]


async def test_what_happens_at_the_same_time_is_told_in_one_request_where_that_is_asked_for(
    receiver: Receiver,
) -> None:
    app = replace(telling_app(receiver), webhook_batches=True)
    async with running(ChannelsServer([app])) as channels, channels.client() as client:
        await client.join("a")
        await join_lobby(client, "anna")
        await eventually(lambda: len(receiver.events) == 3)
        assert len(receiver.requests) < 3


async def test_an_event_is_dated_when_it_happened_however_long_it_waited_for_another(
    receiver: Receiver,
) -> None:
    now = 1_327_078_148.132
    receiver.statuses = [500] * 5
    server = ChannelsServer([telling_app(receiver)], clock=lambda: now)
    async with running(server) as channels, channels.client() as client:
        await client.join("a")
        await client.join("b")
        now += 60
        await eventually(lambda: len(receiver.requests) == 7)
    assert [json.loads(body)["time_ms"] for _, body in receiver.requests] == [1_327_078_148_132] * 7


async def test_an_event_that_has_waited_too_long_is_given_up_untried(
    telling: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "GIVE_UP_SECONDS", 0)
    async with telling.client() as client:
        await client.join("a")
        monkeypatch.setattr(webhooks, "GIVE_UP_SECONDS", 300)
        await client.join("b")
        await receiver.wait_for({"name": "channel_occupied", "channel": "b"})


async def test_requests_are_signed_so_that_both_libraries_trust_them(
    telling: Running,
    receiver: Receiver,
    start_pusher_library: Callable[[], Awaitable[NodeClient]],
) -> None:
    async with telling.client() as client:
        await client.join("a")
        await eventually(lambda: len(receiver.requests) == 1)
    headers, body = receiver.requests[0]
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Pusher-Key"] == APP.key
    expected = [{"name": "channel_occupied", "channel": "a"}]
    checked = telling.library().validate_webhook(
        headers["X-Pusher-Key"], headers["X-Pusher-Signature"], body.decode()
    )
    assert checked["events"] == expected
    library = await start_pusher_library()
    await library.command("configure", appId=APP.id, key=APP.key, secret=APP.secret)
    lower_case = {name.lower(): value for name, value in headers.items()}
    await library.command("webhook", headers=lower_case, rawBody=body.decode())
    assert await library.wait_for("webhook") == {"report": "webhook", "valid": True, "events": expected}


def test_a_webhooks_signature_is_the_documented_one() -> None:
    body = b'{"time_ms":1327078148132,"events":[{"name":"channel_occupied","channel":"demo"}]}'
    assert tokens.sign(APP.secret, body) == "4b40fd7b08994730c033a808c2efe689faf56f982ec403efb41661bebbb0015c"


async def test_a_request_that_fails_is_sent_again_unchanged_until_it_is_taken(
    telling: Running, receiver: Receiver
) -> None:
    receiver.statuses = [500, 404, 302]
    async with telling.client() as client:
        await client.join("a")
        await eventually(lambda: len(receiver.requests) == 4)
        assert len({body for _, body in receiver.requests}) == 1
        await client.join("b")
        await eventually(lambda: len(receiver.requests) == 5)
        assert receiver.events[-1] == {"name": "channel_occupied", "channel": "b"}


async def test_a_request_that_keeps_failing_is_given_up_and_the_next_goes_out(
    telling: Running, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "GIVE_UP_SECONDS", 0.2)
    receiver.statuses = [500] * 100
    async with telling.client() as client:
        await client.join("a")
        await eventually(lambda: len(receiver.requests) > 2)
        await client.join("b")
        await eventually(lambda: receiver.events[-1]["channel"] == "b")


async def test_events_that_come_as_the_last_have_just_been_sent_are_not_forgotten(
    telling: Running, receiver: Receiver
) -> None:
    async with telling.client() as client:
        for number in range(1, 51):
            await client.join(f"channel-{number}")
            await eventually(partial(lambda count: len(receiver.events) == count, number))


async def test_a_receiver_that_cannot_be_reached_is_tried_again(receiver: Receiver) -> None:
    async with TestServer(web.Application()) as down:
        address = down.make_url("/webhooks")
    server = ChannelsServer([replace(APP, webhook_url=str(address))])
    async with running(server) as channels, channels.client() as client:
        await client.join("a")
        application = web.Application()
        application.router.add_post("/webhooks", receiver.take)
        async with TestServer(application, port=address.port):
            await receiver.wait_for({"name": "channel_occupied", "channel": "a"})


async def test_closing_the_server_sends_what_is_on_its_way_and_nothing_after(
    telling: Running, receiver: Receiver
) -> None:
    async with telling.client() as client:
        await client.join("a")
        await telling.server.close()
    await eventually(lambda: telling.open_sockets == 0)
    # As long as the departure of the last subscriber would have taken, had it not been too late for it.
    await asyncio.sleep(2 * webhooks.GRACE_SECONDS)
    assert receiver.events == [{"name": "channel_occupied", "channel": "a"}]


async def test_events_beyond_the_longest_queue_are_left_out(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "LONGEST_QUEUE", 2)
    async with running(ChannelsServer([telling_app(receiver)])) as channels, channels.client() as client:
        monkeypatch.setattr(webhooks, "GATHER_SECONDS", 0.1)
        for channel in "abcd":
            await client.join(channel)
        await receiver.wait_for(
            {"name": "channel_occupied", "channel": "a"}, {"name": "channel_occupied", "channel": "b"}
        )
