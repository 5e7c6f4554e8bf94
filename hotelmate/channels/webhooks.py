"""Tell an application's own server what happens on its channels, by signed HTTP requests.

Delivery is at least once, in order, and given up after five minutes, those included that an event has waited
for the ones before it: receivers refuse what is older. What waits is lost when the process ends. Webhooks are
hints, as they are with the hosted service: the HTTP API has the truth.

Source:
    Pusher docs, "Webhooks": the events, one in a request or several, the signature, the retries, and that who
    comes back within three seconds has not left.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
import structlog

from hotelmate.channels import tokens
from hotelmate.channels.config import App

GRACE_SECONDS = 3.0
GATHER_SECONDS = 0.1
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
GIVE_UP_SECONDS = 300.0
TIMEOUT_SECONDS = 10.0
LAST_SECONDS = 1.0
LARGEST_BATCH = 100
LONGEST_QUEUE = 10_000

_DEPARTURES = {"channel_vacated", "member_removed"}
_ARRIVALS = {"channel_occupied", "member_added"}

logger = structlog.get_logger()

Event = dict[str, Any]
Notify = Callable[[Event], None]


def notify_nobody(_: Event) -> None:
    """Take the place of webhooks for an app that has none."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    """An event to be sent: when it was made, by the time of day, and until when that is worth trying."""

    event: Event
    made_at: float
    gives_up_at: float


class Webhooks:
    """The webhooks of one app. A task runs while there is something to send, and none otherwise."""

    def __init__(self, app: App, url: str, *, clock: Callable[[], float]) -> None:
        """Prepare to send to this address; `clock` tells the time of day."""
        self._app = app
        self._url = url
        self._clock = clock
        self._queue: deque[_Waiting] = deque()
        self._queued_misses: set[str] = set()
        self._left_out = 0
        self._departures: dict[tuple[str, str | None], asyncio.TimerHandle] = {}
        self._session: aiohttp.ClientSession | None = None
        self._sending: asyncio.Task[None] | None = None
        self._is_closed = False

    def notify(self, event: Event) -> None:
        """Send an event soon. A departure waits a little, and cancels out with the return."""
        if self._is_closed:
            return
        who = (event["channel"], event.get("user_id"))
        if event["name"] in _DEPARTURES:
            loop = asyncio.get_running_loop()
            self._departures[who] = loop.call_later(GRACE_SECONDS, self._report_departure, who, event)
        elif event["name"] in _ARRIVALS and who in self._departures:
            self._departures.pop(who).cancel()
        else:
            self._enqueue(event)

    async def close(self) -> None:
        """Let what is on its way arrive if it soon does, and lose the rest."""
        self._is_closed = True
        for timer in self._departures.values():
            timer.cancel()
        if self._sending is not None:
            await asyncio.wait({self._sending}, timeout=LAST_SECONDS)
            self._sending.cancel()
            await asyncio.wait({self._sending})
        if self._session is not None:
            await self._session.close()
        if self._queue:
            logger.warning("webhooks_lost", app=self._app.id, events=len(self._queue))

    def _report_departure(self, who: tuple[str, str | None], event: Event) -> None:
        del self._departures[who]
        self._enqueue(event)

    def _enqueue(self, event: Event) -> None:
        if event["name"] not in self._app.webhook_events:
            return
        if len(self._queue) >= LONGEST_QUEUE:
            self._left_out += 1
            return
        if event["name"] == "cache_miss":
            if event["channel"] in self._queued_misses:
                return
            self._queued_misses.add(event["channel"])
        self._queue.append(_Waiting(event, self._clock(), time.monotonic() + GIVE_UP_SECONDS))
        if self._sending is None or self._sending.done():
            self._sending = asyncio.get_running_loop().create_task(self._send_all())

    async def _send_all(self) -> None:
        """Send until the queue is empty. Nothing may wait after that: who finds this done begins anew."""
        if self._session is None:
            self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT_SECONDS))
        await asyncio.sleep(GATHER_SECONDS)
        while self._queue:
            await self._deliver(self._session, self._take())

    def _take(self) -> list[_Waiting]:
        """Take what the next request is to tell, oldest first."""
        if self._left_out:
            logger.warning("webhooks_left_out", app=self._app.id, events=self._left_out)
            self._left_out = 0
        most = LARGEST_BATCH if self._app.webhook_batches else 1
        taken = [self._queue.popleft() for _ in range(min(most, len(self._queue)))]
        for waiting in taken:
            if waiting.event["name"] == "cache_miss":
                self._queued_misses.discard(waiting.event["channel"])
        return taken

    async def _deliver(self, session: aiohttp.ClientSession, told: list[_Waiting]) -> None:
        """Try, and try again with growing pauses, until it is taken or not worth while any more."""
        events = [waiting.event for waiting in told]
        body = orjson.dumps({"time_ms": int(told[-1].made_at * 1000), "events": events})
        gives_up_at = told[-1].gives_up_at
        pause = FIRST_PAUSE_SECONDS
        while time.monotonic() < gives_up_at:
            if await self._post(session, body):
                return
            if time.monotonic() + pause > gives_up_at:
                break
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
        logger.error("webhook_given_up", app=self._app.id, url=self._url, events=len(events))

    async def _post(self, session: aiohttp.ClientSession, body: bytes) -> bool:
        """Send a request once; true when the receiver says that it has it."""
        headers = {
            # Without a charset: Node's library compares the whole value.
            "Content-Type": "application/json",
            "X-Pusher-Key": self._app.key,
            "X-Pusher-Signature": tokens.sign(self._app.secret, body),
        }
        try:
            async with session.post(self._url, data=body, headers=headers, allow_redirects=False) as response:
                if 200 <= response.status < 300:
                    return True
                reason = f"status {response.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            reason = repr(error)
        logger.warning("webhook_failed", app=self._app.id, url=self._url, reason=reason)
        return False
