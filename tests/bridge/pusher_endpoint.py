"""Pusher's HTTP API, in a process of its own: checks signatures, keeps what it takes, and fails on demand.

Run as a program it serves on a free port of 127.0.0.1, is steered on another, and prints both;
`PusherEndpoint` is the tests' end of it. A fault is a JSON object; the first that fits a request answers it:

    status   what to answer (200 when left out)
    headers  to answer with
    body     to answer with
    seconds  how long to take for the answer
    hangs    whether not to answer at all
    cuts     whether to cut the connection instead
    takes    whether the messages are kept before that
    holding  a text that the request must hold for the fault to fit
    times    how often; for ever when left out
"""

import asyncio
import hashlib
import hmac
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
from aiohttp import web

from hotelmate.settings import PusherSettings
from tests.own_process import running

APP_ID, KEY, SECRET = "77", "endpoint-key", "endpoint-secret"
CLOCK_SECONDS = 600
WAIT_SECONDS = 20


@dataclass(frozen=True)
class Received:
    """A message that the endpoint has taken."""

    channel: str
    name: str
    payload: dict[str, Any]

    @property
    def seq(self) -> int:
        seq: int = self.payload["meta"]["seq"]
        return seq


class PusherEndpoint:
    """The tests' end of a running endpoint."""

    def __init__(self, port: int, control_port: int) -> None:
        self._url = f"http://127.0.0.1:{control_port}"
        self.settings = PusherSettings(
            app_id=APP_ID, key=KEY, secret=SECRET, host="127.0.0.1", port=port, ssl=False
        )

    @classmethod
    @contextmanager
    def run(cls) -> Iterator[Self]:
        with running("tests.bridge.pusher_endpoint") as printed:
            yield cls(*map(int, printed.split()))

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which a server sends here."""
        return {
            "PUSHER_APP_ID": APP_ID,
            "PUSHER_KEY": KEY,
            "PUSHER_SECRET": SECRET,
            "PUSHER_HOST": "127.0.0.1",
            "PUSHER_PORT": str(self.settings.port),
            "PUSHER_SSL": "false",
        }

    async def reset(self) -> None:
        """Forget everything."""
        await self._call("reset")

    async def refuse_connections(self) -> None:
        """Cut every connection and take no other until `recover`."""
        await self._call("refuse_connections")

    async def fail(self, **fault: Any) -> None:
        """Add a fault."""
        await self._call("fail", fault)

    async def recover(self) -> None:
        """Forget the faults, take connections, and answer what hangs with 500."""
        await self._call("recover")

    async def received(self, at_least: int = 0, *, within: float = WAIT_SECONDS) -> list[Received]:
        """Return what has been taken, as soon as it is so many messages."""
        messages = await self._call("received", {"at_least": at_least, "within": within})
        return [Received(each["channel"], each["name"], json.loads(each["data"])) for each in messages]

    async def requests(self, at_least: int = 0, *, within: float = WAIT_SECONDS) -> list[dict[str, Any]]:
        """Return every request, taken or not, once there are so many: status, batch, connection and `at`."""
        wanted = {"at_least": at_least, "within": within}
        requests: list[dict[str, Any]] = await self._call("requests", wanted)
        return requests

    async def _call(self, name: str, body: dict[str, Any] | None = None) -> Any:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self._url}/{name}", json=body or {}) as response,
        ):
            assert response.status == 200, await response.text()
            return await response.json()


@dataclass
class State:
    """What the endpoint remembers."""

    faults: list[dict[str, Any]] = field(default_factory=list)
    received: list[dict[str, Any]] = field(default_factory=list)
    requests: list[dict[str, Any]] = field(default_factory=list)
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)
    recovered: asyncio.Event = field(default_factory=asyncio.Event)


class Endpoint:
    """The endpoint's own end."""

    def __init__(self) -> None:
        self._state = State()
        application = web.Application(client_max_size=4 * 1024 * 1024)
        application.router.add_post("/apps/{app_id}/batch_events", self._batch_events)
        application.router.add_get("/apps/{app_id}/channels", self._channels)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0)
        self._port = 0

    async def start(self) -> int:
        """Take connections, and return on which port."""
        await self._runner.setup()
        await self._listen()
        self._port = self._runner.addresses[0][1]
        return self._port

    def control(self) -> web.Application:
        application = web.Application(client_max_size=4 * 1024 * 1024)
        for control in (
            self._reset,
            self._fail,
            self._refuse_connections,
            self._recover,
            self._received,
            self._requests,
        ):
            application.router.add_post(f"/{control.__name__[1:]}", control)
        return application

    async def _listen(self) -> None:
        await web.TCPSite(self._runner, "127.0.0.1", self._port, reuse_address=True).start()

    async def _batch_events(self, request: web.Request) -> web.Response:
        state, body = self._state, await request.read()
        refusal = _refusal(request, body)
        if refusal is not None:
            await self._note(request, 401, [])
            return web.Response(status=401, text=refusal)
        batch = json.loads(body)["batch"]
        fault = self._next_fault(body.decode())
        status = fault.get("status", 413 if _is_too_large(batch) else 400 if len(batch) > 10 else 200)
        is_taken = fault.get("takes", status == 200 and not fault.get("hangs"))
        await self._note(request, status, batch, taken=batch if is_taken else [])
        await asyncio.sleep(fault.get("seconds", 0))
        if fault.get("hangs"):
            await state.recovered.wait()
            return web.Response(status=500)
        if fault.get("cuts") and request.transport is not None:
            request.transport.abort()
        return web.Response(status=status, headers=fault.get("headers"), text=fault.get("body", "{}"))

    async def _channels(self, request: web.Request) -> web.Response:
        refusal = _refusal(request, b"")
        if refusal is not None:
            return web.Response(status=401, text=refusal)
        fault = self._next_fault("")
        status = fault.get("status", 200)
        return web.Response(status=status, headers=fault.get("headers"), text='{"channels": {}}')

    async def _note(
        self, request: web.Request, status: int, batch: list[Any], *, taken: list[Any] | None = None
    ) -> None:
        state = self._state
        connection = request.transport.get_extra_info("peername") if request.transport else None
        async with state.changed:
            state.requests.append(
                {"status": status, "batch": batch, "connection": connection, "at": time.monotonic()}
            )
            state.received += taken or []
            state.changed.notify_all()

    def _next_fault(self, body: str) -> dict[str, Any]:
        for fault in self._state.faults:
            if fault.get("holding", "") in body and fault.get("times", 1) > 0:
                if "times" in fault:
                    fault["times"] -= 1
                return fault
        return {}

    async def _reset(self, _: web.Request) -> web.Response:
        self._state.recovered.set()
        self._state = State()
        return await self._take_connections()

    async def _fail(self, request: web.Request) -> web.Response:
        self._state.faults.append(await request.json())
        return web.json_response(None)

    async def _recover(self, _: web.Request) -> web.Response:
        self._state.faults.clear()
        self._state.recovered.set()
        self._state.recovered = asyncio.Event()
        return await self._take_connections()

    async def _take_connections(self) -> web.Response:
        if not self._runner.sites:
            await self._listen()
        return web.json_response(None)

    async def _refuse_connections(self, _: web.Request) -> web.Response:
        for site in list(self._runner.sites):
            await site.stop()
        for connection in self._runner.server.connections:
            if connection.transport is not None:
                connection.transport.abort()
        return web.json_response(None)

    async def _received(self, request: web.Request) -> web.Response:
        return await self._at_least(request, "received")

    async def _requests(self, request: web.Request) -> web.Response:
        return await self._at_least(request, "requests")

    async def _at_least(self, request: web.Request, name: str) -> web.Response:
        state, asked = self._state, await request.json()
        wanted = asked["at_least"]
        try:
            async with asyncio.timeout(asked["within"]), state.changed:
                await state.changed.wait_for(lambda: len(getattr(state, name)) >= wanted)
        except TimeoutError:
            there = json.dumps(getattr(state, name)[-20:])
            return web.Response(status=504, text=f"{wanted} {name} did not come; the last: {there}")
        return web.json_response(getattr(state, name))


def _refusal(request: web.Request, body: bytes) -> str | None:
    """Check a request's signature as Pusher's documentation describes it; None when it is good."""
    query = dict(request.query)
    given = query.pop("auth_signature", "")
    signed = "\n".join(
        [request.method, request.path, "&".join(f"{name}={query[name]}" for name in sorted(query))]
    )
    if given != hmac.new(SECRET.encode(), signed.encode(), hashlib.sha256).hexdigest():
        return "Invalid signature"
    if body and query.get("body_md5") != hashlib.md5(body, usedforsecurity=False).hexdigest():
        return "The body is not the one that was signed"
    if query.get("auth_key") != KEY or request.match_info["app_id"] != APP_ID:
        return "Unknown key"
    if abs(time.time() - int(query["auth_timestamp"])) > CLOCK_SECONDS:
        return "Timestamp expired"
    return None


def _is_too_large(batch: list[Any]) -> bool:
    return any(len(message["data"].encode()) > 10_240 for message in batch)


async def _serve() -> None:
    endpoint = Endpoint()
    port = await endpoint.start()
    control = web.AppRunner(endpoint.control(), access_log=None)
    await control.setup()
    await web.TCPSite(control, "127.0.0.1", 0).start()
    print(port, control.addresses[0][1], flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
