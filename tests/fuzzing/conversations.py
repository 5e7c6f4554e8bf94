"""What both WebSocket protocols have in common: the server goes on, or closes as it should."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from tests.fuzzing.twins import REQUEST_SECONDS
from tests.fuzzing.verdict import Verdict

MAY_STAY_OPEN = 0
"""Among the ways in which a frame may end a conversation: it need not."""

# Reserved bits, no mask, a ping that is too long, a continuation of nothing; and text that is not UTF-8.
_MALFORMED = (
    (b"\xff\x80\0\0\0\0", 1002),
    (b"\x81\x05hello", 1002),
    (b"\x89\xfe\0\x7e\0\0\0\0" + b"x" * 126, 1002),
    (b"\x80\x80\0\0\0\0", 1002),
    (b"\x83\x80\0\0\0\0", 1002),
    (b"\x81\x82\0\0\0\0\xff\xfe", 1007),
)


@dataclass(frozen=True)
class Frame:
    """What a client sends: text, a binary message, or bytes that are no frame.

    `ends` has the codes with which the server may then close; nothing when it must go on.
    """

    content: str | bytes
    ends: frozenset[int]
    is_raw: bool = False


def draw_malformed(random: Random) -> Frame:
    """Return bytes that WebSocket itself has no meaning for."""
    content, code = random.choice(_MALFORMED)
    return Frame(content, frozenset({code}), is_raw=True)


async def converse(
    websocket: ClientConnection,
    frames: Sequence[Frame],
    *,
    fill: Callable[[str], str],
    judge: Callable[[str], bool],
    verdict: Verdict,
    kind: str,
) -> str:
    """Send frames until one ends the conversation, and judge all answers.

    Args:
        websocket: open, with nothing said yet.
        frames: what is sent; the last asks for an answer by which it is known that all was taken.
        fill: puts what the server knows in place of placeholders.
        judge: is given each message that comes, and returns whether it answers the last frame.
        verdict: is told of what should not be.
        kind: names the server there.

    Returns:
        The code with which the server closed, or `open`.
    """
    possible = {MAY_STAY_OPEN}
    with suppress(ConnectionClosed):
        for frame in frames:
            if frame.ends:
                before = possible if MAY_STAY_OPEN in frame.ends else possible - {MAY_STAY_OPEN}
                possible = before | frame.ends
            await _send(websocket, frame, fill)
            if MAY_STAY_OPEN not in possible:
                break
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            while not judge(str(await websocket.recv())):
                pass
        end = MAY_STAY_OPEN
    except TimeoutError:
        verdict.fault(f"{kind}: it says no more, and does not close", frames)
        return "hangs"
    except ConnectionClosed as closed:
        end = closed.rcvd.code if closed.rcvd else 1006
    if end not in possible:
        verdict.fault(f"{kind}: it ended with {end or 'nothing'}, not {sorted(possible)}", frames)
    return str(end) if end else "open"


async def _send(websocket: ClientConnection, frame: Frame, fill: Callable[[str], str]) -> None:
    if frame.is_raw:
        assert isinstance(frame.content, bytes)
        websocket.transport.write(frame.content)
    elif isinstance(frame.content, str):
        await websocket.send(fill(frame.content))
    else:
        await websocket.send(frame.content)
