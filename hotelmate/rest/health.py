"""What a load balancer asks: is the process alive, and can it serve."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping

import structlog
from fastapi import APIRouter
from fastapi.responses import JSONResponse
from sqlalchemy import text

from hotelmate.database import Database, Reading

Probe = Callable[[], Awaitable[object]]
"""Uses one of the surroundings; raises what it likes when that cannot be used."""

_PROBE_SECONDS = 2.0

logger = structlog.get_logger(__name__)


def build_router(probes: Mapping[str, Probe]) -> APIRouter:
    """Return the doors `/healthz` and `/readyz`; the latter tries each probe, and tells of it by its name."""
    router = APIRouter(tags=["operation"])

    @router.get("/healthz")
    async def healthz() -> JSONResponse:
        """Answer 200 while the process lives, whatever the state of its surroundings."""
        return JSONResponse({"status": "ok"})

    @router.get("/readyz")
    async def readyz() -> JSONResponse:
        """Answer 200 when everything that is needed answers, else 503."""
        states = dict(zip(probes, await asyncio.gather(*map(_state, probes.values())), strict=True))
        is_ready = all(state == "ok" for state in states.values())
        if not is_ready:
            logger.warning("not_ready", **states)
        return JSONResponse(
            {"status": "ok" if is_ready else "unavailable", **states}, status_code=200 if is_ready else 503
        )

    return router


def database_probe(database: Database) -> Probe:
    """Try whether the database answers."""

    def ask(reading: Reading) -> None:
        reading.execute(text("SELECT 1"))

    return lambda: database.read(ask)


async def _state(probe: Probe) -> str:
    try:
        async with asyncio.timeout(_PROBE_SECONDS):
            await probe()
    except Exception:  # noqa: BLE001 - whatever it is, it is the answer
        return "unavailable"
    return "ok"
