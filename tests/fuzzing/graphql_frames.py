"""Conversations over graphql-transport-ws: messages in and out of turn, and frames that hold none."""

import asyncio
import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.fuzzing.conversations import MAY_STAY_OPEN, Frame, converse, draw_malformed
from tests.fuzzing.documents import Documents, Operation
from tests.fuzzing.graphql_requests import schema
from tests.fuzzing.twins import CALLERS, Twin, Twins
from tests.fuzzing.verdict import Verdict

KIND = "GraphQL frames"

_KINDS = {"query": 30, "mutation": 20, "subscription": 50}
_RENEW_EVERY = 30
_LAST_PING = {"type": "ping", "payload": {"is": "last"}}
_ANSWERS = frozenset({"connection_ack", "next", "error", "complete", "ping", "pong"})
_NO_MESSAGES: tuple[Any, ...] = (
    *(
        None,
        5,
        [],
        {},
        "ping",
        {"type": None},
        {"type": "next"},
        {"type": "start"},
        {"type": "connection_ack"},
    ),
    *(
        {"type": "subscribe"},
        {"type": "subscribe", "id": "x"},
        {"type": "complete"},
        {"type": "ping", "payload": 1},
    ),
    *(
        {"type": "subscribe", "id": id, "payload": {"query": "{__typename}"}}
        for id in (5, "", "x" * 300, None)
    ),
    *(
        {"type": "subscribe", "id": "x", "payload": payload}
        for payload in (None, [], {"query": 1}, {"query": None})
    ),
    {"type": "subscribe", "id": "x", "payload": {"query": "{__typename}", "variables": []}},
)
_TEXTS_THAT_ARE_NONE = (
    "",
    "{",
    "[" * 5000,
    '{"type":"ping"',
    '{"type":"ping","payload":NaN}',
    '"\\ud800"',
    "\ufeff{}",
)


async def send_all(twins: Twins, verdict: Verdict, *, random: Random, count: int) -> None:
    """Have conversations with both servers, of so many messages in all."""
    documents = Documents(schema(), random)
    conversation = 0
    while verdict.sent[KIND] < count:
        if conversation % _RENEW_EVERY == 0:
            await twins.renew()
        conversation += 1
        caller, frames = _draw(documents, random)
        await asyncio.gather(*(_hold(twin, caller, frames, verdict) for twin in twins.each))
        verdict.sent[KIND] += len(frames)


def _draw(documents: Documents, random: Random) -> tuple[str, list[Frame]]:
    caller = random.choice(CALLERS)
    frames = [_frame({"type": "connection_init", "payload": {"authorization": "@authorization@"}})]
    if random.random() < 0.15:
        frames = [
            random.choice(
                (
                    _frame({"type": "ping"}),
                    _frame({"type": "subscribe", "id": "1", "payload": {"query": "{__typename}"}}, 4401),
                )
            )
        ]
    for number in range(random.randrange(1, 12)):
        frames.append(_message(documents, random, number))
        if "logOut" in str(frames[-1].content):
            caller = "leaving"
    return caller, frames


def _message(documents: Documents, random: Random, number: int) -> Frame:
    id_ = str(number if random.random() < 0.9 else random.randrange(12))
    drawn: tuple[tuple[int, Callable[[], Frame]], ...] = (
        (65, lambda: _subscribe(documents.draw(_KINDS), id_)),
        (10, lambda: _frame({"type": "complete", "id": id_})),
        (5, lambda: _frame({"type": "ping", "payload": random.choice((None, {}, {"a": [1]}))})),
        (5, lambda: _frame({"type": "pong"})),
        (3, lambda: _frame({"type": "connection_init"}, 4429, MAY_STAY_OPEN)),
        (6, lambda: _frame(random.choice(_NO_MESSAGES), 4400)),
        (4, lambda: Frame(random.choice(_TEXTS_THAT_ARE_NONE), frozenset({4400}))),
        (1, lambda: Frame(b"{}", frozenset({4400}))),
        (1, lambda: draw_malformed(random)),
    )
    [draw] = random.choices([draw for _, draw in drawn], [weight for weight, _ in drawn])
    return draw()


def _subscribe(operation: Operation, id_: str) -> Frame:
    payload = {
        "query": operation.query,
        "variables": operation.variables,
        "operationName": operation.name,
    }
    message = {"type": "subscribe", "id": id_, "payload": payload}
    # Nobody may have been introduced, the id be in use, or the operation itself have ended the session.
    return _frame(message, 4400, 4401, 4403, 4409, MAY_STAY_OPEN)


def _frame(message: object, *ends: int) -> Frame:
    return Frame(json.dumps(message), frozenset(ends))


async def _hold(twin: Twin, caller: str, frames: Sequence[Frame], verdict: Verdict) -> None:
    def fill(text: str) -> str:
        return twin.fill(text).replace("@authorization@", twin.authorization(caller) or "")

    def judge(text: str) -> bool:
        """Judge what the server says, and return whether it was the last."""
        message = json.loads(text)
        if message["type"] not in _ANSWERS:
            verdict.fault(f"{KIND} on {twin.name}: an unknown message", frames, text)
        if message["type"] == "error":
            verdict.judge_errors(KIND, message["payload"], frames)
        if message["type"] == "next":
            verdict.judge_errors(KIND, message["payload"].get("errors", ()), frames)
        return bool(message == {**_LAST_PING, "type": "pong"})

    async with _open(twin) as websocket:
        end = await converse(
            websocket,
            [*frames, _frame(_LAST_PING)],
            fill=fill,
            judge=judge,
            verdict=verdict,
            kind=f"{KIND} on {twin.name}",
        )
    verdict.answered[KIND, end] += 1


def _open(twin: Twin) -> connect:
    return connect(
        f"ws://127.0.0.1:{twin.server.port}/graphql",
        subprotocols=[Subprotocol("graphql-transport-ws")],
        compression=None,
        proxy=None,
        max_size=None,
    )
