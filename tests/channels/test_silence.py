"""Clients that say nothing."""

import asyncio
import time

from hotelmate.channels import ChannelsServer, Limits
from tests.channels.running import APP, running

PATIENT = Limits(activity_timeout_seconds=1, pong_timeout_seconds=10)
QUICK = Limits(activity_timeout_seconds=1, pong_timeout_seconds=0.4)


async def test_a_silent_client_is_pinged_and_stays_when_it_answers() -> None:
    async with running(ChannelsServer([APP], limits=PATIENT)) as channels, channels.client() as client:
        for _ in range(2):
            assert await client.hear() == {"event": "pusher:ping", "data": "{}"}
            await client.say("pusher:pong", data={})
        assert await client.hear_all() == []


async def test_a_client_that_does_not_answer_is_closed_with_4201() -> None:
    async with running(ChannelsServer([APP], limits=QUICK)) as channels, channels.client() as client:
        assert await client.hear() == {"event": "pusher:ping", "data": "{}"}
        assert await client.hear_close() == (4201, "Pong reply not received in time")


async def test_anything_received_is_a_sign_of_life() -> None:
    async with running(ChannelsServer([APP], limits=QUICK)) as channels, channels.client() as client:
        until = time.monotonic() + 2
        while time.monotonic() < until:
            # Where the machine is busy a ping may come in between; it is not answered.
            assert all(message["event"] == "pusher:ping" for message in await client.hear_all())
            await asyncio.sleep(0.1)
