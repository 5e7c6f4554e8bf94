"""Tracebacks say where and why, and never what a variable held: that may be somebody's password."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import aiohttp
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.server import Server

ANNA = {"Authorization": "Token demo-anna"}

FAILING = """
import structlog
from hotelmate import logs

def fail():
    password = "correct " + "horse"
    raise RuntimeError("the fact")

logs.configure()
try:
    fail()
except RuntimeError:
    structlog.get_logger("a").exception("work_failed", hotel="killarney")
"""


def test_a_machine_is_told_of_a_failure_without_local_variables() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING], capture_output=True, text=True, check=True)
    [line] = done.stderr.splitlines()
    said = json.loads(line)
    assert (said["event"], said["hotel"], said["level"]) == ("work_failed", "killarney", "error")
    assert "RuntimeError: the fact" in said["exception"]
    assert "correct horse" not in line


def test_a_person_at_a_terminal_is_told_of_a_failure_without_local_variables() -> None:
    terminal, end = os.openpty()
    with subprocess.Popen([sys.executable, "-c", FAILING], stderr=end) as process:
        os.close(end)
        said = read_all(terminal)
    assert process.returncode == 0
    assert "RuntimeError: the fact" in said
    assert "correct horse" not in said


async def test_a_server_whose_guest_tokens_everybody_hears_says_so_at_its_start(tmp_path: Path) -> None:
    async with Server.run(tmp_path, HOTELMATE_PUSHER_PUBLIC_GUEST_TOKEN="true") as server:
        lines = [json.loads(line) for line in server.output.read_text().splitlines() if line.startswith("{")]
    [warned] = [line for line in lines if line["level"] == "warning"]
    assert warned["event"] == "guest_tokens_are_public"
    assert warned["setting"] == "HOTELMATE_PUSHER_PUBLIC_GUEST_TOKEN"


async def test_a_server_that_links_cannot_lead_to_says_so_at_its_start(tmp_path: Path) -> None:
    everywhere = {"HOTELMATE_DEMO": "0", "HOTELMATE_HOST": "0.0.0.0"}  # noqa: S104 - refused, or only told of
    for name, more, count in (("a", {}, 1), ("b", {"HOTELMATE_PUBLIC_URL": "https://hotels.example"}, 0)):
        async with Server.run(tmp_path / name, **everywhere, **more) as server:
            lines = [line for line in server.output.read_text().splitlines() if line.startswith("{")]
        warned = [said for said in map(json.loads, lines) if said["event"] == "links_lead_nowhere"]
        assert [said["setting"] for said in warned] == ["HOTELMATE_PUBLIC_URL"] * count


async def test_what_clients_send_is_no_reason_to_warn(server: Server) -> None:
    headers = {"Content-Type": "multipart/form-data; boundary=XX", "GraphQL-Require-Preflight": "1"}
    async with aiohttp.ClientSession(server.url, headers=headers) as client:
        for path in ("/graphql", "/api/staff/login/"):
            async with client.post(path, data=b"--XX\nno form", headers=ANNA) as reply:
                assert reply.status == 400
    for path in ("/graphql", "/app/hotelmate-key?protocol=7"):
        address = f"ws://127.0.0.1:{server.port}{path}"
        async with connect(
            address, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None
        ) as websocket:
            await websocket.send(b"\xff", text=True)
            await websocket.wait_closed()
        assert websocket.close_code == 1007
    assert not {"warning", "error"} & set(re.findall(r'"level": "(\w+)"', server.output.read_text()))


def read_all(terminal: int) -> str:
    """Read what a process says until it has gone, which Linux tells by an error."""
    said = b""
    try:
        while chunk := os.read(terminal, 4096):
            said += chunk
    except OSError:
        pass
    os.close(terminal)
    return said.decode()
