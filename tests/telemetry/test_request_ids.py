"""Each request has an id, which its answer, its errors and its lines of the log carry."""

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import aiohttp
import orjson

from tests.server import Server

OFFERS = '{ hotel(slug: "killarney") { offers { id } } }'
ANNA = {"Authorization": "Token demo-anna"}
OURS = re.compile(r"[0-9a-f]{16}")


def lines(server: Server, event: str) -> list[dict[str, Any]]:
    """The lines of the log that tell of this."""
    written = [json.loads(line) for line in server.output.read_text().splitlines() if line.startswith("{")]
    return [line for line in written if line["event"] == event]


def lose_the_offers(data_dir: Path) -> None:
    """Have everything that asks for offers fail."""
    with sqlite3.connect(data_dir / "hotelmate.sqlite3") as connection:
        connection.execute("ALTER TABLE offer RENAME TO lost")
    connection.close()


async def test_an_answer_tells_the_id_that_was_sent_or_a_new_one(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as client:
        for path in ("/graphql?query={__typename}", "/healthz", "/api/nowhere", "/apps/1000/channels"):
            async with client.get(path, headers={"X-Request-Id": "edge:7f/3a=+-_."}) as reply:
                assert reply.headers.getall("X-Request-Id") == ["edge:7f/3a=+-_."]
            for strange in ("", "a b", 'a"b', "x" * 129, "ü"):
                async with client.get(path, headers={"X-Request-Id": strange}) as reply:
                    assert OURS.fullmatch(reply.headers["X-Request-Id"])
        async with client.ws_connect("/graphql", protocols=["graphql-transport-ws"]) as socket:
            assert OURS.fullmatch(socket._response.headers["X-Request-Id"])


async def test_an_error_of_ours_is_told_and_logged_under_the_requests_id(tmp_path: Path) -> None:
    async with Server.run(tmp_path) as server, aiohttp.ClientSession(server.url) as client:
        lose_the_offers(tmp_path)
        sent = {"X-Request-Id": "from-graphql"}
        async with client.post("/graphql", json={"query": OFFERS}, headers=sent) as reply:
            [error] = (await reply.json())["errors"]
        assert error["extensions"] == {"code": "INTERNAL", "id": "from-graphql"}
        sent = {"X-Request-Id": "from-rest", **ANNA}
        async with client.get("/api/staff/hotel/killarney/offers/", headers=sent) as reply:
            assert await reply.json() == {"error": "Something went wrong on our side.", "id": "from-rest"}
        sent = {"X-Request-Id": "socket"}
        async with client.ws_connect("/graphql", protocols=["graphql-transport-ws"], headers=sent) as socket:
            await socket.send_json({"type": "connection_init"})
            assert (await socket.receive_json(timeout=20))["type"] == "connection_ack"
            for number in ("1", "2"):
                asked = {"type": "subscribe", "id": f"of-client-{number}", "payload": {"query": OFFERS}}
                await socket.send_json(asked)
                result, complete = [orjson.loads(await socket.receive_str(timeout=20)) for _ in range(2)]
                assert complete == {"type": "complete", "id": f"of-client-{number}"}
                [error] = result["payload"]["errors"]
                assert error["extensions"] == {"code": "INTERNAL", "id": f"socket.{number}"}
        logged = [line["request_id"] for line in lines(server, "graphql_error")]
        assert logged == ["from-graphql", "socket.1", "socket.2"]
        assert [line["request_id"] for line in lines(server, "rest_error")] == ["from-rest"]


async def test_what_the_server_does_by_itself_carries_no_requests_id(server: Server) -> None:
    sent = {"X-Request-Id": "clocked", **ANNA}
    async with aiohttp.ClientSession(server.url) as client:
        query = {"query": "mutation { clockIn { action } }"}
        async with client.post("/graphql", json=query, headers=sent) as reply:
            assert "errors" not in await reply.json()
    await server.stop()
    [delivered] = lines(server, "batch_delivered")
    assert "request_id" not in delivered
