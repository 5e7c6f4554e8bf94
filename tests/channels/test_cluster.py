"""Several servers are one to clients and to server libraries, whatever happens to Redis between them."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from hotelmate.channels import ChannelsServer, Limits, RedisStream
from hotelmate.processes.redis import connect
from tests.channels.running import APP, Client, Running, auth, eventually, running
from tests.channels.signed import ask, publish, signed
from tests.channels.test_presence import ANNA, BEN, LOBBY, arrival, departure, join
from tests.channels.test_users import sign_in, terminate, watchlist
from tests.redis_server import REDIS, RedisServer

PRIVATE = "private-a"


@asynccontextmanager
async def cluster(
    url: str,
    key: str,
    *,
    size: int = 2,
    limits: Limits | None = None,
    kept: int = 10_000,
    on_note: Callable[[str], None] | None = None,
) -> AsyncIterator[Sequence[Running]]:
    """Run servers of one app on a stream of their own."""
    async with AsyncExitStack() as stack:
        servers = []
        for _ in range(size):
            redis = await stack.enter_async_context(connect(url))
            backplane = RedisStream(redis, key=key, kept=kept)
            server = ChannelsServer([APP], limits=limits, backplane=backplane, on_note=on_note)
            await server.start()
            servers.append(await stack.enter_async_context(running(server)))
        yield servers


@pytest.fixture
async def pair(redis: Redis, namespace: str) -> AsyncIterator[Sequence[Running]]:
    async with cluster(REDIS, namespace) as servers:
        yield servers
    await redis.delete(namespace)


def moved(channel: str, data: str) -> dict[str, str]:
    return {"event": "moved", "channel": channel, "data": data}


async def tell(server: Running, path: str) -> Any:
    status, content = await ask(server.server, signed("GET", f"/apps/{APP.id}{path}"))
    assert status == 200
    return content


async def users(server: Running) -> set[str]:
    return {user["id"] for user in (await tell(server, f"/channels/{LOBBY}/users"))["users"]}


async def subscribers(server: Running, channel: str) -> int:
    path = f"/channels/{channel}"
    request = signed("GET", f"/apps/{APP.id}{path}", query={"info": "subscription_count"})
    _, content = await ask(server.server, request)
    count: int = content["subscription_count"]
    return count


async def settled(client: Client, *messages: Any) -> None:
    """Wait until exactly these have come, in whatever pieces."""
    heard = [await client.hear() for _ in messages]
    assert heard == list(messages)


async def eventually_subscribers(server: Running, channel: str, expected: int) -> None:
    async with asyncio.timeout(10):
        while await subscribers(server, channel) != expected:
            await asyncio.sleep(0.01)


async def test_what_is_published_at_one_reaches_the_subscribers_of_all_in_order(
    pair: Sequence[Running],
) -> None:
    one, other = pair
    async with one.client() as here, other.client() as there:
        await here.join("a")
        await there.join("a")
        for number in range(100):
            await publish((one, other)[number % 2].server, "a", str(number))
        expected = [moved("a", str(number)) for number in range(100)]
        assert await here.hear_next(100) == expected
        assert await there.hear_next(100) == expected


async def test_the_connection_that_caused_an_event_is_left_out_at_whichever_server_it_is(
    pair: Sequence[Running],
) -> None:
    one, other = pair
    async with other.client() as causing, other.client() as beside:
        await causing.join("a")
        await beside.join("a")
        await publish(one.server, "a", "1", socket_id=causing.socket_id)
        await settled(beside, moved("a", "1"))
        assert await causing.hear_all() == []


async def test_members_of_all_servers_are_in_the_roster_and_told_of_each_other(
    pair: Sequence[Running],
) -> None:
    one, other = pair
    async with one.client() as anna:
        await join(anna, ANNA)
        await eventually_users(other, {"anna"})
        async with other.client() as ben:
            assert (await join(ben, BEN))["presence"]["ids"] == ["anna", "ben"]
            await settled(anna, arrival(BEN))
            assert await users(one) == await users(other) == {"anna", "ben"}
        await settled(anna, departure("ben"))
        assert await users(one) == {"anna"}


async def eventually_users(server: Running, expected: set[str]) -> None:
    async with asyncio.timeout(10):
        while await users(server) != expected:
            await asyncio.sleep(0.01)


async def test_a_user_on_two_servers_comes_once_and_goes_with_the_last_connection(
    pair: Sequence[Running],
) -> None:
    one, other = pair
    async with one.client() as watching, one.client() as first:
        await join(watching, BEN)
        await join(first, ANNA)
        await settled(watching, arrival(ANNA))
        await eventually_users(other, {"anna", "ben"})
        async with other.client() as second, other.client() as third:
            await join(second, ANNA)
            await join(third, ANNA)
            await eventually_subscribers(one, LOBBY, 4)
            first.cut()
            await eventually_subscribers(one, LOBBY, 3)
            assert await watching.hear_all() == []
            second.cut()
            await eventually_subscribers(one, LOBBY, 2)
            assert await watching.hear_all() == []
        await settled(watching, departure("anna"))


async def test_the_limit_of_members_counts_those_of_all_servers(redis: Redis, namespace: str) -> None:
    async with (
        cluster(REDIS, namespace, limits=Limits(members_per_channel=1)) as (one, other),
        one.client() as anna,
        other.client() as ben,
    ):
        await join(anna, ANNA)
        await eventually_users(other, {"anna"})
        answer = await ben.subscribe(LOBBY, **auth(ben, LOBBY, BEN))
        assert answer["event"] == "pusher:subscription_error"


async def test_client_events_reach_the_others_everywhere_with_the_sender_named(
    pair: Sequence[Running],
) -> None:
    one, other = pair
    async with one.client() as sender, one.client() as here, other.client() as there:
        await join(sender, ANNA)
        await join(here, BEN)
        await join(there, BEN)
        await eventually_users(other, {"anna", "ben"})
        for client in (sender, here, there):
            await client.hear_all()
        await sender.say("client-typing", channel=LOBBY, data={"x": [1, "é"]})
        expected = {"event": "client-typing", "channel": LOBBY, "data": {"x": [1, "é"]}, "user_id": "anna"}
        await settled(here, expected)
        await settled(there, expected)
        assert await sender.hear_all() == []


async def test_the_api_counts_and_lists_what_is_on_all_servers(pair: Sequence[Running]) -> None:
    one, other = pair
    async with one.client() as first, other.client() as second, other.client() as third:
        for client in (first, second, third):
            await client.join("a")
        await third.join("b")
        for server in pair:
            await eventually_subscribers(server, "a", 3)
            await eventually_subscribers(server, "b", 1)
            assert set((await tell(server, "/channels"))["channels"]) == {"a", "b"}
        await third.unsubscribe("b")
        await third.unsubscribe("a")
        await eventually_subscribers(one, "a", 2)
        assert set((await tell(one, "/channels"))["channels"]) == {"a"}
    async with asyncio.timeout(20):
        while (await tell(one, "/channels"))["channels"] or (await tell(other, "/channels"))["channels"]:
            await asyncio.sleep(0.01)


async def test_users_are_reached_watched_and_sent_away_across_servers(pair: Sequence[Running]) -> None:
    one, other = pair
    async with one.client() as watching:
        await sign_in(watching, {"id": "ben", "watchlist": ["anna"]})
        async with other.client() as anna:
            await sign_in(anna, {"id": "anna"})
            await settled(watching, watchlist("online", "anna"))
            await publish(one.server, "#server-to-user-anna", "1")
            await settled(anna, moved("#server-to-user-anna", "1"))
            async with one.client() as late:
                await sign_in(late, {"id": "carla", "watchlist": ["anna"]})
                await settled(late, watchlist("online", "anna"))
            await terminate(one, "anna")
            assert (await anna.hear_close())[0] == 4009
        await settled(watching, watchlist("offline", "anna"))


async def test_what_an_application_notes_the_others_hear(redis: Redis, namespace: str) -> None:
    heard: list[str] = []
    async with cluster(REDIS, namespace, on_note=heard.append) as (one, _):
        one.server.note("a")
        one.server.note("b")
        await eventually(lambda: heard == ["a", "b"])
    await redis.delete(namespace)


async def test_while_redis_is_away_nothing_is_published_and_it_can_be_sent_again(
    redis_server: RedisServer, namespace: str
) -> None:
    async with (
        cluster(redis_server.url, namespace) as (one, other),
        one.client() as here,
        other.client() as there,
    ):
        await here.join("a")
        await there.join("a")
        await redis_server.kill()
        event = {"name": "moved", "channels": ["a"], "data": "1"}
        status, content = await ask(one.server, signed("POST", f"/apps/{APP.id}/events", event))
        assert status == 503
        assert content["code"] == 503
        assert await here.hear_all() == await there.hear_all() == []
        await redis_server.start()
        await publish(one.server, "a", "1")
        await settled(here, moved("a", "1"))
        await settled(there, moved("a", "1"))


async def test_what_changed_while_redis_was_away_is_known_when_it_is_back(
    redis_server: RedisServer, namespace: str
) -> None:
    carla = {"user_id": "carla", "user_info": None}
    heard: list[str] = []
    async with (
        cluster(redis_server.url, namespace, on_note=heard.append) as (one, other),
        one.client() as here,
        other.client() as leaving,
        other.client() as coming,
    ):
        await join(here, ANNA)
        await eventually_users(other, {"anna"})
        await join(leaving, BEN)
        await settled(here, arrival(BEN))
        await redis_server.kill()
        await leaving.unsubscribe(LOBBY)
        await join(coming, carla)
        one.server.note("a")
        assert await here.hear_all() == []
        await redis_server.start()
        # Which of the two is told first depends on when Redis is back: nothing is promised of two users.
        told = [await here.hear(), await here.hear()]
        assert sorted(told, key=str) == sorted([departure("ben"), arrival(carla)], key=str)
        await eventually_users(other, {"anna", "carla"})
        await eventually(lambda: heard == ["a"])


async def test_nobody_counts_as_gone_because_redis_was_away(
    redis_server: RedisServer, namespace: str
) -> None:
    async with (
        cluster(redis_server.url, namespace, limits=Limits(silent_server_seconds=1.5)) as (one, other),
        one.client() as anna,
        other.client() as ben,
    ):
        await join(anna, ANNA)
        await eventually_users(other, {"anna"})
        await join(ben, BEN)
        await settled(anna, arrival(BEN))
        await redis_server.kill()
        await asyncio.sleep(2)
        await redis_server.start()
        await eventually_publishes(one)
        await asyncio.sleep(1)
        assert await anna.hear_all() == []
        await ben.unsubscribe(LOBBY)
        await settled(anna, departure("ben"))


async def eventually_publishes(server: Running) -> None:
    event = {"name": "moved", "channels": ["c"], "data": ""}
    async with asyncio.timeout(20):
        while (await ask(server.server, signed("POST", f"/apps/{APP.id}/events", event)))[0] != 200:
            await asyncio.sleep(0.01)


async def test_a_server_that_is_cut_off_for_a_moment_catches_up_without_loss_or_repeat(
    pair: Sequence[Running], redis: Redis
) -> None:
    one, other = pair
    async with other.client() as client:
        await client.join("a")
        for number in range(200):
            if number % 50 == 25:
                await cut_readers(redis)
            await publish(one.server, "a", str(number))
        assert await client.hear_next(200) == [moved("a", str(number)) for number in range(200)]
        assert await client.hear_all() == []


async def cut_readers(redis: Redis) -> None:
    """Cut the connections of all who read a stream."""
    for connection in await redis.client_list():
        if connection["cmd"] == "xread":
            await redis.client_kill_filter(_id=connection["id"])


async def test_whose_server_missed_something_for_good_is_made_to_come_back(
    redis_server: RedisServer, namespace: str
) -> None:
    async with (
        cluster(redis_server.url, namespace, kept=100) as (one, other),
        connect(redis_server.url) as redis,
        one.client() as here,
        other.client() as there,
    ):
        await here.join("a")
        await there.join("a")
        await publish(one.server, "a", "0")
        await settled(here, moved("a", "0"))
        await settled(there, moved("a", "0"))
        # More than is kept comes along between two looks of those who are cut off.
        async with redis.pipeline() as pipeline:
            for connection in await redis.client_list():
                if connection["cmd"] == "xread":
                    pipeline.client_kill_filter(_id=connection["id"])
            for _ in range(1000):
                pipeline.xadd(namespace, {"s": "x", "m": '["Alive",{}]'}, maxlen=100)
            await pipeline.execute()
        assert (await here.hear_close())[0] == 4200
        assert (await there.hear_close())[0] == 4200


async def test_a_server_that_falls_silent_is_counted_out_and_back_in(
    redis_server: RedisServer, namespace: str
) -> None:
    """A third that says what a server would, and then nothing for a while."""
    async with (
        cluster(redis_server.url, namespace, size=1, limits=Limits(silent_server_seconds=0.5)) as (one,),
        connect(redis_server.url) as redis,
    ):
        share = {"subscribers": {LOBBY: 1}, "members": {LOBBY: {"ben": '{"name":"Ben"}'}}, "online": []}
        state = orjson.dumps(["State", {"shares": {APP.id: share}}])
        async with one.client() as anna:
            await join(anna, ANNA)
            await redis.xadd(namespace, {"s": "third", "m": state})
            await settled(anna, arrival(BEN))
            await settled(anna, departure("ben"))
            await redis.xadd(namespace, {"s": "third", "m": '["Alive",{}]'})
            await redis.xadd(namespace, {"s": "third", "m": state})
            await settled(anna, arrival(BEN))
            await redis.xadd(namespace, {"s": "third", "m": '["State",{"shares":{},"is_last":true}]'})
            await settled(anna, departure("ben"))


async def test_whoever_joins_the_others_knows_from_the_start_who_is_there(
    pair: Sequence[Running], namespace: str
) -> None:
    one, other = pair
    async with one.client() as anna, other.client() as ben, other.client() as carla:
        await join(anna, ANNA)
        await join(ben, BEN)
        await sign_in(carla, {"id": "carla"})
        await eventually_users(one, {"anna", "ben"})
        async with connect(REDIS) as redis:
            server = ChannelsServer([APP], backplane=RedisStream(redis, key=namespace))
            await server.start()
            async with running(server) as third, third.client() as dora:
                assert set((await join(dora, {"user_id": "dora"}))["presence"]["ids"]) == {
                    *("anna", "ben", "dora")
                }
                await sign_in(dora, {"id": "dora", "watchlist": ["carla"]})
                await settled(dora, watchlist("online", "carla"))


async def test_whoever_joins_the_others_does_not_bring_back_the_dead(
    redis_server: RedisServer, namespace: str
) -> None:
    limits = Limits(silent_server_seconds=0.5)
    async with (
        cluster(redis_server.url, namespace, size=1, limits=limits) as (one,),
        one.client() as anna,
        connect(redis_server.url) as redis,
    ):
        await join(anna, ANNA)
        share = {"subscribers": {LOBBY: 1}, "members": {LOBBY: {"ben": '{"name":"Ben"}'}}, "online": []}
        state = orjson.dumps(["State", {"shares": {APP.id: share}}])
        await redis.xadd(namespace, {"s": "third", "m": state})
        await settled(anna, arrival(BEN), departure("ben"))
        async with (
            cluster(redis_server.url, namespace, size=1, limits=limits) as (newcomer,),
            newcomer.client() as dora,
        ):
            assert (await join(dora, {"user_id": "dora"}))["presence"]["ids"] == ["anna", "dora"]


async def test_a_message_of_another_version_is_passed_over(
    pair: Sequence[Running], redis: Redis, namespace: str
) -> None:
    one, other = pair
    async with other.client() as client:
        await client.join("a")
        for message in ("", "[]", '["Unknown",{}]', '["Alive",{"x":1}]', "{}", "7"):
            await redis.xadd(namespace, {"s": "third", "m": message})
        await publish(one.server, "a", "1")
        await settled(client, moved("a", "1"))


async def test_rosters_and_counts_agree_after_any_coming_and_going(
    redis_server: RedisServer, namespace: str
) -> None:
    """Seeded: clients of three servers come and go, and Redis is killed while they do."""
    chances = random.Random(5)
    async with cluster(redis_server.url, namespace, size=3) as servers, AsyncExitStack() as stack:
        present: dict[Client, str] = {}
        idle = [await stack.enter_async_context(server.client()) for server in servers for _ in range(6)]
        for step in range(300):
            if step in {100, 200}:
                await redis_server.kill()
            if step in {130, 201}:
                await redis_server.start()
            if present and chances.random() < 0.5:
                client = chances.choice(list(present))
                del present[client]
                idle.append(client)
                await client.say("pusher:unsubscribe", data={"channel": LOBBY})
            elif idle:
                client = idle.pop(chances.randrange(len(idle)))
                present[client] = f"user-{chances.randrange(5)}"
                credentials = auth(client, LOBBY, {"user_id": present[client]})
                await client.say("pusher:subscribe", data={"channel": LOBBY, **credentials})
        for server in servers:
            await eventually_users(server, set(present.values()))
            await eventually_subscribers(server, LOBBY, len(present))
        for client in (*present, *idle):
            # They have not read what they were told, which would hold up a farewell.
            client.cut()
