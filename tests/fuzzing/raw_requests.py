"""Requests that are none: broken bodies, headers and request lines, written to the socket byte by byte."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from tests.fuzzing import raw_bodies
from tests.fuzzing.twins import CALLERS, REQUEST_SECONDS, Twin, Twins
from tests.fuzzing.verdict import Verdict

KIND = "raw"
_RENEW_EVERY = 100

_HOTEL = "/api/staff/hotel/killarney"
_BODIES: tuple[tuple[str, str, dict[str, object]], ...] = (
    (
        "POST",
        "/graphql",
        {"query": "query($a: String) { hotels(after: $a) { edges { cursor } } }", "variables": {"a": "x"}},
    ),
    (
        "POST",
        "/graphql",
        {
            "query": "mutation($i: OfferInput!) { createOffer(input: $i) { id } }",
            "variables": {
                "i": {"title": "Spa", "shortDescription": "", "validFrom": "2026-05-01", "sortOrder": 1}
            },
        },
    ),
    (
        "POST",
        "/graphql",
        {
            "query": "mutation($i: SettingsPatch!) { updateSettings(input: $i) { id } }",
            "variables": {"i": {"amenities": ["Spa"], "theme": {"mode": "DARK"}, "wifiName": "x"}},
        },
    ),
    ("POST", "/api/staff/login/", {"username": "anna", "password": "wrong"}),
    (
        "POST",
        f"{_HOTEL}/offers/",
        {"title": "Spa", "short_description": "x", "sort_order": 1, "is_active": True},
    ),
    ("PATCH", f"{_HOTEL}/offers/2/", {"tag": "x", "valid_from": "2026-05-01", "valid_to": None}),
    ("PATCH", f"{_HOTEL}/settings/", {"tagline": "x", "amenities": ["Spa"], "theme": {"mode": "DARK"}}),
    ("POST", f"{_HOTEL}/gallery/reorder/", {"gallery": ["https://pictures.example/killarney/garden.jpg"]}),
    ("DELETE", f"{_HOTEL}/gallery/remove/", {"url": "https://pictures.example/killarney/nothing.jpg"}),
    ("POST", f"{_HOTEL}/bookings/BK-2026-0001/cancel/", {"reason": "x"}),
    ("POST", f"{_HOTEL}/bookings/BK-2026-0001/assign-room/", {"room_number": "101"}),
    ("POST", "/pusher/auth", {"socket_id": "1.1", "channel_name": "private-hotel-killarney"}),
    ("POST", "/pusher/user-auth", {"socket_id": "1.1", "guest_token": "x"}),
)
_PATHS = (
    *("/", "/console", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/graphql", "/graphql/"),
    *(
        "/media/x.webp",
        "/media/../hotelmate.sqlite3",
        "/media/%2e%2e/hotelmate.sqlite3",
        "/media/%00",
        "/media/",
    ),
    *(
        "/assets/x.js",
        "/assets/..%2f..%2fpyproject.toml",
        "/nowhere",
        "//",
        "/%ff",
        "/\xff",
        "/a%2fb",
        "*",
        "",
    ),
    *("/app/hotelmate-key", "/app/", "/apps/1000/channels", "/apps/1000/events", "/apps/x/channels/%00"),
    *(
        "/api/public/hotel/killarney/",
        "/api/public/hotel/%00/",
        "/api/public/hotel/%ff%fe/",
        "/api/public/hotel/%F0%9F/",
    ),
    *(
        "/api/public/hotel/killarney/room-bookings/BK-2026-0001/?token=x",
        "/api/public/hotel/killarney/room-bookings/%00/?token=%00",
    ),
    *(
        "/graphql?query={hotels{edges{cursor}}}",
        "/graphql?query=%ff",
        "/graphql?query=%00",
        "/graphql?variables={",
        "/graphql?" + "a=1&" * 500,
    ),
    *(f"{_HOTEL}/offers/{id}/" for id in ("0", "-1", "%00", "9" * 400, "2147483648", "٣", "1.5", "%2e%2e")),
    *(f"{_HOTEL}/bookings/{id}/" for id in ("%00", "%ff", "x" * 3000)),
)
_METHODS = ("GET", "GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE", "BREW")
_CONTENT_TYPES = (
    *(
        "application/json",
        "application/json; charset=utf-16",
        "application/json;charset",
        "application/json; charset=nowhere",
    ),
    *(
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "multipart/form-data; boundary=",
    ),
    *(
        "multipart/form-data; boundary=x",
        "multipart/form-data; boundary=" + "x" * 300,
        "multipart/mixed; boundary=x",
    ),
    *("application/graphql", "image/png", "\xff\xfe", "application/json, text/html", "a" * 4000),
)
_HEADERS = (
    *(
        ("Authorization", text)
        for text in (
            "",
            "Token",
            "Token ",
            "Token  x  y",
            "Bearer \xff",
            "GuestToken a.b",
            "Basic eDp5",
            "x" * 8000,
            "GuestToken " + "." * 400,
            "Token ' OR 1=1",
        )
    ),
    *(
        ("Origin", text)
        for text in (
            "null",
            "",
            "http://",
            "https://evil.example",
            "http://[::1",
            "\xff",
            "http://127.0.0.1:99999999",
        )
    ),
    *(
        ("Idempotency-Key", text)
        for text in ("", " ", "x", "x" * 5000, "\xff\xfe", '"a"', "a, b", "'; DROP TABLE x")
    ),
    *(
        ("Accept", text)
        for text in (
            "",
            "*",
            "a/b;q=2",
            "application/json;q=nan",
            "text/event-stream;q=",
            ",,,",
            "*/*;" * 400,
        )
    ),
    *(("Last-Event-ID", text) for text in ("", "x", "9" * 400, "\xff")),
    *(("Content-Encoding", text) for text in ("gzip", "nowhere")),
    *(
        ("Range", text)
        for text in (
            "bytes=0-0",
            "bytes=-",
            "bytes=9-1",
            "bytes=" + "9" * 400 + "-",
            "x=y",
            "bytes=0-1,2-3,4-5",
        )
    ),
    *(("If-None-Match", text) for text in ("*", "W/", '"', "\xff")),
    *(("If-Modified-Since", text) for text in ("", "now", "Fri, 31 Dec 9999 23:59:60 GMT")),
    *(("X-Request-ID", text) for text in ("", "x" * 8000, "\xff", "a b", "{}")),
    *(("X-Forwarded-For", text) for text in ("", "x", "::1, 1.1.1.1", "999.9.9.9")),
    *(("traceparent", text) for text in ("", "00-0-0-0", "00-" + "f" * 32 + "-" + "f" * 16 + "-01")),
    *(("Host", text) for text in ("", "\xff", "a:b:c", "[::1", "x" * 4000)),
    *(("Upgrade", text) for text in ("websocket", "h2c")),
    *(("Expect", text) for text in ("100-continue", "nowhere")),
    *(("Access-Control-Request-Method", text) for text in ("POST", "", "\xff")),
)
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_HTTP_STATUSES = frozenset({200, 201, 204, 206, 304, 307, 308, *range(400, 500)}) - {422, 429}


@dataclass(frozen=True)
class Request:
    """The bytes of a request but for the caller's name."""

    caller: str
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def encode(self, authorization: str | None) -> bytes:
        headers = [("Connection", "close"), *self.headers]
        names = {name for name, _ in self.headers}
        if "Host" not in names:
            headers.append(("Host", "127.0.0.1"))
        if authorization and "Authorization" not in names:
            headers.append(("Authorization", authorization))
        if self.body or self.method not in {"GET", "HEAD"}:
            headers.append(("Content-Length", str(len(self.body))))
        lines = [f"{self.method} {self.target} HTTP/1.1", *(f"{name}: {text}" for name, text in headers)]
        return "\r\n".join([*lines, "", ""]).encode("latin-1", "replace") + self.body


async def send_all(twins: Twins, verdict: Verdict, *, random: Random, count: int) -> None:
    """Draw so many requests and send each to both servers."""
    for number in range(count):
        if number % _RENEW_EVERY == 0:
            await twins.renew()
        request = _draw(random)
        outcomes = await asyncio.gather(*(_send(twin, request, verdict) for twin in twins.each))
        verdict.sent[KIND] += 1
        if outcomes[0] != outcomes[1]:
            verdict.fault(f"{KIND}: the servers disagree", request, outcomes)


def _draw(random: Random) -> Request:
    caller = random.choice(CALLERS)
    if random.random() < 0.3:
        method, target, body, content_type = random.choice(_METHODS), random.choice(_PATHS), b"", ""
    else:
        method, target, fields = random.choice(_BODIES)
        body = raw_bodies.draw(fields, random)
        content_type = "application/json" if random.random() < 0.85 else random.choice(_CONTENT_TYPES)
    headers = [("Content-Type", content_type)] if content_type else []
    headers += random.sample(_HEADERS, random.choice((0, 0, 1, 1, 2)))
    return Request(caller, method, target, tuple(dict(headers).items()), body)


async def _send(twin: Twin, request: Request, verdict: Verdict) -> object:
    """Return the status, which the other server has to answer as well."""
    sent = request.encode(twin.authorization(request.caller))
    try:
        async with asyncio.timeout(REQUEST_SECONDS):
            answered = await _exchange(twin.server.port, sent)
    except TimeoutError:
        verdict.fault(f"{KIND} on {twin.name}: no answer in time", sent)
        return None
    status = answered.split(b" ", 2)[1:2]
    if not answered.startswith(b"HTTP/1.1 ") or int(status[0]) not in _HTTP_STATUSES:
        verdict.fault(f"{KIND} on {twin.name}: an answer that should not be", sent, answered)
    if b'"INTERNAL"' in answered:
        verdict.fault(f"{KIND} on {twin.name}: masked", sent, answered)
    shown = status[0].decode() if status else "none"
    verdict.answered[KIND, shown] += 1
    return shown


async def _exchange(port: int, sent: bytes) -> bytes:
    """Send, and return all that is answered until the server closes, or a stream's beginning."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = b""
    # A server that has answered may close before it has read everything.
    with suppress(ConnectionError):
        writer.write(sent)
        while chunk := await reader.read(65536):
            answered = (answered + chunk).removeprefix(_CONTINUE)
            if b"text/event-stream" in answered or answered.startswith(b"HTTP/1.1 101 "):
                break
    writer.close()
    return answered
