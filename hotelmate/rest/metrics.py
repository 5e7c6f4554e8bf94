"""The door `/metrics`, for Prometheus."""

from datetime import UTC, datetime

import structlog
from fastapi import APIRouter
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from starlette.responses import PlainTextResponse, Response

from hotelmate.bridge import backlog
from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.database import Database
from hotelmate.errors import Unavailable

logger = structlog.get_logger(__name__)


def build_router(database: Database, registry: CollectorRegistry, bridge: BridgeMetrics) -> APIRouter:
    """Return the door `/metrics`.

    Args:
        database: where the bridge's backlog stands.
        registry: what is shown.
        bridge: shows the backlog in it.
    """
    router = APIRouter(tags=["operation"])

    @router.get("/metrics", response_class=PlainTextResponse)
    async def metrics() -> Response:
        """Answer with every figure in the text format of Prometheus."""
        try:
            backlogs = await database.read(backlog.of_all)
        except Unavailable as error:
            logger.warning("backlog_unknown", error=error.message)
            bridge.show_unknown()
        else:
            bridge.show(backlogs, datetime.now(UTC))
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)

    return router
