"""The doors `/healthz` and `/readyz`, for load balancers: is the process alive, and can it serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text

from hotelmate.bridge import backlog
from hotelmate.database import Database, Reading
from hotelmate.errors import Unavailable

Probe = Callable[[], Awaitable[object]]
"""Uses one of the surroundings; raises what it likes when that cannot be used."""

Lag = Callable[[], Awaitable[float]]
"""Returns for how many seconds the oldest event has waited for Pusher; 0 when none does."""

_PROBE_SECONDS = 2.0
_LATE_SECONDS = 60.0

logger = structlog.get_logger(__name__)


def build_router(probes: Mapping[str, Probe], *, lag: Lag) -> APIRouter:
    """Return the doors `/healthz` and `/readyz`; the latter tries each probe, and tells of it by its name."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """Answer 200 while the process lives, whatever the state of its surroundings."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz", responses={503: {"description": "Something that is needed does not answer."}})
    async def readyz() -> JSONResponse:
        """Answer 200 when everything that is needed answers, else 503; a late bridge is told of as well."""
        *answers, bridge = await asyncio.gather(*map(_state, probes.values()), _bridge_state(lag))
        states = dict(zip(probes, answers, strict=True))
        is_ready = all(state == "ok" for state in states.values())
        if not is_ready:
            logger.warning("not_ready", **states)
        return JSONResponse(
            {"status": "ok" if is_ready else "unavailable", **states, "bridge": bridge},
            status_code=200 if is_ready else 503,
        )

    return router


def database_probe(database: Database) -> Probe:
    """Try whether the database answers."""

    def ask(reading: Reading) -> None:
        reading.execute(text("SELECT 1"))

    return lambda: database.read(ask)


def bridge_lag(database: Database) -> Lag:
    """Return what asks the database."""

    def ask(reading: Reading) -> float:
        at = datetime.now(UTC)
        return max((each.oldest_pending_seconds(at) or 0.0 for each in backlog.of_all(reading)), default=0.0)

    return lambda: database.read(ask)


async def _bridge_state(lag: Lag) -> str:
    """Say how the bridge stands. It decides nothing: every other process would be as late."""
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            seconds = await lag()
    except (Unavailable, TimeoutError):
        return "unavailable"
    return "late" if seconds > _LATE_SECONDS else "ok"


async def _state(probe: Probe) -> str:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            await probe()
    except Exception:  # noqa: BLE001 - whatever it is, it is the answer
        return "unavailable"
    return "ok"
