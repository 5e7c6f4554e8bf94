"""A Redis that will not do is refused with one line that says what to set."""

import asyncio
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from hotelmate.processes.redis import RedisUnavailable, check, pauses
from tests.redis_server import RedisServer
from tests.test_cli import assert_one_line, hotelmate


@asynccontextmanager
async def answering(**answers: bytes) -> AsyncIterator[str]:
    """Listen as a Redis of another time does, and know the answers to some commands only."""

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            parts = []
            for _ in range(int(line[1:])):
                length = int((await reader.readline())[1:])
                parts.append((await reader.readexactly(length + 2))[:-2].decode())
            writer.write(answers.get(parts[0], b"-ERR unknown command\r\n"))
        writer.close()

    async with await asyncio.start_server(converse, "127.0.0.1", 0) as server:
        yield f"redis://user:secret@127.0.0.1:{server.sockets[0].getsockname()[1]}/0"


async def refusal(url: str) -> str:
    with pytest.raises(RedisUnavailable) as refused:
        await asyncio.to_thread(check, url)
    assert "\n" not in str(refused.value)
    return str(refused.value)


async def test_an_old_redis_is_named_with_its_version_and_without_its_password() -> None:
    info = b"# Server\r\nredis_version:5.0.14\r\n"
    bulk = b"$%d\r\n%b\r\n" % (len(info), info)
    async with answering(INFO=bulk, AUTH=b"+OK\r\n", CLIENT=b"+OK\r\n", SELECT=b"+OK\r\n") as url:
        said = await refusal(url)
    assert "5.0.14" in said
    assert "6.2" in said
    assert "HOTELMATE_REDIS_URL" in said
    assert "secret" not in said


async def test_a_server_that_is_no_redis_is_refused() -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(speak, "127.0.0.1", 0) as server:
        said = await refusal(f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    assert "HOTELMATE_REDIS_URL" in said


async def test_a_redis_that_does_not_answer_is_given_up(redis_server: RedisServer) -> None:
    redis_server.freeze()
    assert "HOTELMATE_REDIS_URL" in await refusal(redis_server.url)
    redis_server.thaw()
    await asyncio.to_thread(check, redis_server.url)


@pytest.mark.parametrize("url", ["redis://127.0.0.1:1/0", "http://127.0.0.1"])
def test_serve_names_what_to_set(tmp_path: Path, url: str) -> None:
    done: subprocess.CompletedProcess[str] = hotelmate("serve", data_dir=tmp_path, HOTELMATE_REDIS_URL=url)
    assert_one_line(done, names="HOTELMATE_REDIS_URL")


def test_pauses_grow_to_a_limit_and_differ() -> None:
    first, *_, last = (pause for pause, _ in zip(pauses(), range(50), strict=False))
    assert 0.05 <= first <= 0.1
    assert 0.5 <= last <= 1
    assert len({pause for pause, _ in zip(pauses(), range(50), strict=False)}) == 50
