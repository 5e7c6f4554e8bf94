"""Connections that come and go leave nothing behind."""

import asyncio
import gc
import random
from dataclasses import replace

from hotelmate.channels import ChannelsServer
from hotelmate.channels.channel import Channel
from hotelmate.channels.connection import Connection
from hotelmate.channels.session import Session
from hotelmate.channels.sockets import Socket
from hotelmate.sockets import TransportWebSockets
from tests.channels.running import APP, Running, auth, eventually, running
from tests.channels.signed import publish

OURS = (Channel, Connection, Session, Socket, TransportWebSockets)


def alive() -> int:
    """Count the objects that live as long as a connection or a channel."""
    gc.collect()
    return sum(isinstance(thing, OURS) for thing in gc.get_objects())


async def visit(channels: Running, chance: random.Random) -> None:
    """Do a few things in any order, and go in one of the ways in which clients go."""
    async with channels.client() as client:
        user = {"user_id": chance.choice("abc")}
        for channel in chance.sample(["a", "private-a", "presence-a", "cache-a", "presence-cache-a"], 3):
            token = {} if channel in {"a", "cache-a"} else auth(client, channel, user)
            await client.say("pusher:subscribe", data={"channel": channel, **token})
            if chance.random() < 0.3:
                await client.say("pusher:unsubscribe", data={"channel": channel})
        signed_in = channels.library().authenticate_user(client.socket_id, {"id": "a", "watchlist": ["a"]})
        await client.say("pusher:signin", data=signed_in)
        if chance.random() < 0.5:
            await client.hear_all()
        if chance.random() < 0.3:
            client.cut()


async def test_nothing_is_left_of_clients_that_have_gone() -> None:
    chance = random.Random(7)
    alive_before = alive()
    server = ChannelsServer([replace(APP, subscription_counts=True)])
    async with running(server) as channels:
        for _ in range(20):
            async with asyncio.TaskGroup() as visits:
                for _ in range(10):
                    visits.create_task(visit(channels, chance))
                await publish(server, "a")
        await eventually(lambda: channels.open_sockets == 0)
        await eventually(lambda: alive() <= alive_before)
