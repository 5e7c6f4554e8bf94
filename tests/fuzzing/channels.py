"""The embedded Channels server: its WebSocket protocol and its HTTP API."""

import asyncio
import json
from collections.abc import Sequence
from random import Random
from typing import Any
from urllib.parse import quote

import aiohttp
from websockets.asyncio.client import connect
from yarl import URL

from tests.channels.signed import signed
from tests.fuzzing import values
from tests.fuzzing.conversations import Frame, converse, draw_malformed
from tests.fuzzing.twins import Twin, Twins
from tests.fuzzing.verdict import Verdict

FRAMES, CALLS = "Channels frames", "Channels calls"

_KEY, _SECRET, _APP = "hotelmate-key", "hotelmate-secret", "1000"
_LAST = "last-of-all"
_SUBSCRIBE_TO_LAST = Frame(json.dumps({"event": "pusher:subscribe", "data": {"channel": _LAST}}), frozenset())
_HANDSHAKES = (
    (f"/app/{_KEY}?protocol=7", frozenset[int]()),
    ("/app/nobody?protocol=7", frozenset({4001})),
    (f"/app/{_KEY}", frozenset({4008})),
    (f"/app/{_KEY}?protocol=seven", frozenset({4006})),
    (f"/app/{_KEY}?protocol=99", frozenset({4007})),
    (f"/app/{_KEY}?protocol=%FF", frozenset({4006})),
    (f"/app/{_KEY}/x?protocol=7", frozenset({4005})),
    ("/app/%00%FF?protocol=7", frozenset({4001})),
)
_CHANNELS = (
    *(
        "hotel-killarney",
        "private-hotel-killarney",
        "presence-hotel-killarney",
        "booking.BK-2026-0001",
        "cache-x",
    ),
    *(
        "private-cache-x",
        "private-encrypted-x",
        "#server-to-user-1",
        "",
        "x" * 201,
        "a b",
        "\0",
        "hôtel",
        "private-",
    ),
)
_EVENTS = (
    *(
        "pusher:subscribe",
        "pusher:subscribe",
        "pusher:unsubscribe",
        "pusher:signin",
        "pusher:ping",
        "pusher:pong",
    ),
    *("client-typing", "client-", "pusher:nothing", "pusher_internal:member_added", "x", "", "x" * 300),
)
_STATUSES = frozenset({200, 202, 400, 401, 403, 404, 405, 413})

Call = tuple[str, str, dict[str, str], bytes, str]
"""Method, path, query, body, and the secret that it is signed with."""


async def send_all(twins: Twins, verdict: Verdict, *, random: Random, count: int) -> None:
    """Send so many frames and calls, half of each, to both servers."""
    while verdict.sent[FRAMES] < count // 2:
        place, ends = random.choice(_HANDSHAKES) if random.random() < 0.2 else _HANDSHAKES[0]
        frames = [Frame("{}", ends), *(_frame(random) for _ in range(random.randrange(1, 15)))]
        await asyncio.gather(*(_hold(twin, place, frames, verdict) for twin in twins.each))
        verdict.sent[FRAMES] += len(frames)
    for _ in range(count // 2):
        call = _call(random)
        outcomes = await asyncio.gather(*(_ask(twin, call, verdict) for twin in twins.each))
        verdict.sent[CALLS] += 1
        if outcomes[0] != outcomes[1]:
            verdict.fault(f"{CALLS}: the servers disagree", call, outcomes)


def _frame(random: Random) -> Frame:
    choice = random.random()
    if choice < 0.02:
        return draw_malformed(random)
    if choice < 0.04:
        return Frame(b"\0\xff", frozenset())
    if choice < 0.1:
        return Frame(
            random.choice(("", "{", "5", "[]", "null", '"\\ud800"', "[" * 3000, '{"event":5}')), frozenset()
        )
    data: Any = {"channel": random.choice(_CHANNELS)}
    if random.random() < 0.4:
        data["auth"] = random.choice((f"{_KEY}:{'0' * 64}", f"{_KEY}:", ":", "x", 5, None, "\0", "é:ü"))
    if random.random() < 0.2:
        data["channel_data"] = random.choice(
            ('{"user_id":1}', "{", "[]", 5, "{}", '{"user_id":"' + "x" * 200 + '"}')
        )
    if random.random() < 0.2:
        data["user_data"] = random.choice(('{"id":"1"}', "{", 5, '{"id":1,"watchlist":5}'))
    if random.random() < 0.2:
        data = random.choice((json.dumps(data), None, [], 5, _odd(random), {"channel": _odd(random)}))
    message = {"event": random.choice(_EVENTS), "data": data}
    if random.random() < 0.5:
        message["channel"] = random.choice((*_CHANNELS, 5, None, []))
    return Frame(json.dumps(message), frozenset())


async def _hold(twin: Twin, place: str, frames: Sequence[Frame], verdict: Verdict) -> None:
    def judge(text: str) -> bool:
        message = json.loads(text)
        if not message["event"].startswith(("pusher:", "pusher_internal:")):
            verdict.fault(f"{FRAMES} on {twin.name}: an unknown event", frames, text)
        return message.get("channel") == _LAST

    url = f"ws://127.0.0.1:{twin.server.port}{place}"
    async with connect(url, compression=None, proxy=None, max_size=None) as websocket:
        end = await converse(
            websocket,
            [*frames, _SUBSCRIBE_TO_LAST],
            fill=str,
            judge=judge,
            verdict=verdict,
            kind=f"{FRAMES} on {twin.name}",
        )
    verdict.answered[FRAMES, end] += 1


def _call(random: Random) -> Call:
    channel = quote(random.choice(_CHANNELS), safe="")
    method, path = random.choice(
        (
            *(("POST", "events"), ("POST", "events"), ("POST", "batch_events"), ("POST", "batch_events")),
            *(("GET", "channels"), ("GET", f"channels/{channel}"), ("GET", f"channels/{channel}/users")),
            *(
                ("POST", f"channels/{channel}/events"),
                ("POST", "users/1/terminate_connections"),
                ("GET", "nowhere"),
            ),
            ("DELETE", "events"),
        )
    )
    names = (
        "info",
        "filter_by_prefix",
        "auth_timestamp",
        "auth_version",
        "body_md5",
        "name",
        "x",
        "socket_id",
    )
    texts = (
        "",
        "user_count",
        "presence-",
        "1",
        "9" * 400,
        "nan",
        "-1",
        "1.0",
        "x",
        "user_count,subscription_count",
    )
    query = {random.choice(names): random.choice(texts)} if random.random() < 0.4 else {}
    body = b"" if method == "GET" else _body(random, is_batch=path == "batch_events")
    secret = _SECRET if random.random() < 0.9 else "another"
    return method, f"/apps/{_APP if random.random() < 0.95 else 'x'}/{path}", query, body, secret


def _body(random: Random, *, is_batch: bool) -> bytes:
    def event() -> Any:
        made: dict[str, Any] = {
            "name": random.choice(("moved", "", "client-x", "x" * 201, "pusher:x")),
            "data": "{}",
        }
        made["channel" if random.random() < 0.5 or is_batch else "channels"] = (
            random.choice(_CHANNELS) if random.random() < 0.5 else random.sample(_CHANNELS, 3)
        )
        if random.random() < 0.5:
            made[random.choice(("data", "name", "channels", "channel", "socket_id", "info"))] = _odd(random)
        return made if random.random() < 0.95 else _odd(random)

    content: Any = {"batch": [event() for _ in range(random.randrange(13))]} if is_batch else event()
    whole = json.dumps(content).encode()
    if random.random() < 0.1:
        return random.choice(
            (whole[: len(whole) // 2], b"", b"\xff", b"[" * 3000, b"\0", whole.decode().encode("utf-16"))
        )
    return whole


def _odd(random: Random) -> Any:
    return random.choice(
        (*values.ODD_TEXTS, *values.ODD_NUMBERS, None, True, [], {}, [[]], {"a": [1]}, ["x"] * 200)
    )


async def _ask(twin: Twin, call: Call, verdict: Verdict) -> object:
    method, path, query, body, secret = call
    request = signed(method, path, body=body, query={"auth_key": _KEY, **query}, secret=secret)
    try:
        async with twin.client.request(
            method,
            URL(f"{twin.server.url}{path}?{request.query_string}", encoded=True),
            data=body,
            headers={"Content-Type": "application/json"},
        ) as response:
            answered = await response.text()
    except (aiohttp.ClientError, TimeoutError) as error:
        verdict.fault(f"{CALLS} on {twin.name}: no answer", request, error)
        return None
    verdict.answered[CALLS, str(response.status)] += 1
    if response.status not in _STATUSES:
        verdict.fault(f"{CALLS} on {twin.name}: status {response.status}", request, answered)
    return response.status
