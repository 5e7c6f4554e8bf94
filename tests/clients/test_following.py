"""A pusher-js frontend that does as docs/pusher-js.md says shows what is so, however often it was away."""

import asyncio
import re
from pathlib import Path
from typing import Any

from tests.clients.fixtures import StartClient
from tests.clients.node import NodeClient
from tests.server import Server

PAGE = Path(__file__).parents[2] / "docs" / "pusher-js.md"
TOGGLE = "mutation { toggleClock { action } }"


def code_of_the_page(folder: Path) -> Path:
    """Write the page's first block of JavaScript to a file."""
    [follow, *_] = re.findall(r"```js\n(.*?)```", PAGE.read_text(), re.DOTALL)
    path = folder / "follow.mjs"
    path.write_text(follow)
    return path


async def truth(server: Server) -> dict[str, Any]:
    data = await server.data(
        '{ hotel(slug: "killarney") { seq } staff { edges { node { id isOnDuty } } } }', token="demo-anna"
    )
    on_duty = {edge["node"]["id"]: edge["node"]["isOnDuty"] for edge in data["staff"]["edges"]}
    return {"seq": data["hotel"]["seq"], "onDuty": on_duty}


async def shows(client: NodeClient, expected: dict[str, Any]) -> None:
    shown = await client.wait_for("shown", where=lambda report: report["seq"] >= expected["seq"])
    assert {"seq": shown["seq"], "onDuty": shown["onDuty"]} == expected


async def test_a_frontend_that_was_away_shows_what_is_so(
    server: Server, tmp_path: Path, start_following_client: StartClient
) -> None:
    client = await start_following_client()
    follow = {"code": str(code_of_the_page(tmp_path)), "url": server.url, "wsPort": server.port}
    await client.command("follow", **follow, token="demo-anna")
    await shows(client, await truth(server))
    await server.data(TOGGLE, token="demo-anna")
    await shows(client, await truth(server))
    for _ in range(5):
        await client.command("disconnect")
        # Some while it is away, the others while it is coming back and reading.
        for _ in range(3):
            await server.data(TOGGLE, token="demo-ben")
        await client.command("reconnect")
        await asyncio.gather(*(server.data(TOGGLE, token="demo-anna") for _ in range(4)))
        await server.data(TOGGLE, token="demo-ben")
        await shows(client, await truth(server))
    seqs = [report["seq"] for report in client.reported("shown")]
    assert seqs == sorted(seqs), "it never went back"
