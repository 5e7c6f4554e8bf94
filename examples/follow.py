"""Print who goes on and off duty, with gql (pip install "gql[aiohttp]"), for ever and without a gap."""

import asyncio
import os
import random
import sys

import aiohttp
from gql import Client, gql
from gql.transport.aiohttp_websockets import AIOHTTPWebsocketsTransport
from gql.transport.exceptions import TransportConnectionFailed

URL = os.environ.get("HOTELMATE_URL", "http://127.0.0.1:8000")
TOKEN = os.environ.get("HOTELMATE_TOKEN", "demo-ben")

NOW = "{ viewer { ... on Staff { hotel { cursor } } } }"
CLOCK = """
    subscription ($after: String) {
        clockStatus(after: $after) { seq cursor firstName isOnDuty }
    }
"""


async def follow() -> None:
    """Print what happens from now on, across lost connections."""
    cursor, pause = None, 0.25
    while True:
        transport = AIOHTTPWebsocketsTransport(
            url=URL.replace("http", "ws", 1) + "/graphql",
            init_payload={"authorization": f"Token {TOKEN}"},
            ping_interval=20,  # a connection that died without a word is noticed by what does not come back
            pong_timeout=10,
        )
        try:
            async with Client(transport=transport) as session:
                if cursor is None:
                    # Where the hotel's log stands now: what is followed from there leaves no gap behind it.
                    answer = await session.execute(gql(NOW))
                    cursor = answer["viewer"]["hotel"]["cursor"]
                    print("following", file=sys.stderr, flush=True)
                request = gql(CLOCK)
                request.variable_values = {"after": cursor}
                async for answer in session.subscribe(request):
                    event = answer["clockStatus"]
                    duty = "on" if event["isOnDuty"] else "off"
                    print(f"{event['seq']} {event['firstName']} is {duty} duty", flush=True)
                    cursor, pause = event["cursor"], 0.25
        except (aiohttp.ClientError, OSError, TransportConnectionFailed):
            # Longer each time, and not as long as everybody else who lost the same server.
            await asyncio.sleep(pause * random.uniform(0.5, 1))
            pause = min(2 * pause, 10)


asyncio.run(follow())
