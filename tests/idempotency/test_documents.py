"""The samples of `docs/retries.md` do what the page says."""

import asyncio
import json
import re
import shutil
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.clients.node import node_executable
from tests.left_out import leave_out
from tests.server import Server

PAGE = Path(__file__).parents[2] / "docs" / "retries.md"
TOGGLE = "mutation { toggleClock { clockTime } }"


def sample(language: str) -> str:
    [text] = re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), flags=re.DOTALL)
    return str(text)


async def output_of(*command: str) -> str:
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    async with asyncio.timeout(30):
        printed, _ = await process.communicate()
    assert process.returncode == 0
    return printed.decode()


async def test_the_commands_book_once(server: Server) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        leave_out("curl and bash, which the documents' commands are pasted into")
    printed = await output_of("bash", "-c", sample("bash").replace("8000", str(server.port)))
    first, replayed, again = [line.strip() for line in printed.splitlines() if line.strip()]
    assert json.loads(first)["data"]["createBooking"]["guestToken"]
    assert replayed.lower() == "idempotent-replayed: true"
    assert again == first


async def test_the_client_makes_its_change_once_though_answers_are_lost(
    server: Server, tmp_path: Path
) -> None:
    """Of three attempts one is refused, one carried out and not answered, and one answered."""
    answers: list[Any] = []

    async def lose(request: web.Request) -> web.StreamResponse:
        if request.headers["idempotency-key"] not in keys:
            keys.append(request.headers["idempotency-key"])
            return web.json_response({"errors": [{"extensions": {"code": "INTERNAL"}}]}, status=503)
        async with (
            aiohttp.ClientSession() as session,
            session.post(
                f"{server.url}/graphql",
                data=await request.read(),
                headers={
                    name: request.headers[name]
                    for name in ("content-type", "idempotency-key", "authorization")
                },
            ) as response,
        ):
            answers.append(await response.json())
        if len(answers) == 1:
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(answers[-1])

    keys: list[str] = []
    proxy = web.Application()
    proxy.router.add_post("/graphql", lose)
    async with TestServer(proxy) as lossy:
        script = tmp_path / "change.mjs"
        call = f"change({json.dumps(str(lossy.make_url('/graphql')))}, {json.dumps(TOGGLE)}, {{}}, headers)"
        script.write_text(
            f"{sample('js')}\nconst headers = {{ authorization: 'Token demo-anna' }};\n"
            f"console.log(JSON.stringify(await {call}));\n"
        )
        shown = json.loads(await output_of(node_executable(), str(script)))
    assert len(keys) == 1
    assert [shown, shown] == answers
    events = (await server.data('{ hotel(slug: "killarney") { seq } }'))["hotel"]["seq"]
    assert events == 1
