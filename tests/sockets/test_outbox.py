"""What is written to sockets goes out soon, in order, and together with what comes meanwhile."""

import asyncio
from typing import Any

from hotelmate.sockets import Outbox, WebSocket


class Recorder:
    """A connection's transport that keeps each write."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.writes.append(data)

    def is_closing(self) -> bool:
        return False

    def get_write_buffer_size(self) -> int:
        return 0


async def ignore(_: Any) -> None:
    """Stand in for the `send` of ASGI."""


def sockets(count: int) -> tuple[list[WebSocket], list[Recorder]]:
    """So many sockets of one server, and what each writes to."""
    outbox, recorders = Outbox(), [Recorder() for _ in range(count)]
    scopes = [
        {"extensions": {"hotelmate.transport": {"transport": each, "drain": None}}} for each in recorders
    ]
    return [WebSocket(scope, ignore, outbox=outbox) for scope in scopes], recorders


async def a_turn() -> None:
    """Let the event loop go round once."""
    await asyncio.sleep(0)


async def test_what_is_written_at_about_the_same_time_goes_out_in_one_write() -> None:
    (socket,), (recorder,) = sockets(1)
    for frame in (b"one", b"two", b"three"):
        socket.write(frame)
    await a_turn()
    socket.write(b"four")
    await a_turn()
    assert recorder.writes == [b"onetwothree", b"four"]


async def test_writing_to_many_gives_way_to_others_and_what_comes_meanwhile_goes_along() -> None:
    everybody, recorders = sockets(257)
    for socket in everybody:
        socket.write(b"one")
    await a_turn()
    assert [len(each.writes) for each in recorders] == [1] * 256 + [0]
    for socket in everybody:
        socket.write(b"two")
    await a_turn()
    await a_turn()
    assert [each.writes for each in recorders] == [[b"one", b"two"]] * 256 + [[b"onetwo"]]


async def test_what_many_are_sent_is_in_memory_once() -> None:
    (first, second, other), recorders = sockets(3)
    for socket in (first, second, other):
        socket.write(b"one")
    for socket in (first, second):
        socket.write(b"two")
    await a_turn()
    assert [each.writes for each in recorders] == [[b"onetwo"], [b"onetwo"], [b"one"]]
    assert recorders[0].writes[0] is recorders[1].writes[0]


async def test_who_writes_without_a_pause_has_64_kb_waiting_at_most() -> None:
    (socket,), (recorder,) = sockets(1)
    frame = b"x" * 32 * 1024
    socket.write(frame)
    socket.write(frame)
    assert recorder.writes == []
    socket.write(b"one")
    assert recorder.writes == [frame + frame + b"one"]
    socket.write(b"two")
    await a_turn()
    assert recorder.writes[1:] == [b"two"]


async def test_what_waits_is_unsent_until_it_is_sent() -> None:
    (socket,), _ = sockets(1)
    socket.write(b"one")
    assert socket.unsent_bytes == 3
    await a_turn()
    assert socket.unsent_bytes == 0


async def test_what_was_written_before_the_end_is_sent_before_it() -> None:
    (socket,), (recorder,) = sockets(1)
    socket.write(b"one")
    socket.close(4009, "You got disconnected by the app.")
    assert recorder.writes == [b"one"]
    socket.write(b"two")
    await a_turn()
    assert recorder.writes == [b"one"]
