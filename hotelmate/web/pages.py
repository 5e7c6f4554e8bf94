"""The routes of the pages, and of what they load."""

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from hotelmate.settings import Settings
from hotelmate.web import policies
from hotelmate.web.built import asset, page
from hotelmate.web.config import facts


def build_router(settings: Settings) -> APIRouter:
    """Return the pages, what they load, and what they ask of the server."""
    router = APIRouter(include_in_schema=False)
    with_pusher = policies.with_pusher(settings.pusher)

    async def landing(_request: Request) -> Response:
        return page("landing", policies.STRICT)

    async def console(_request: Request) -> Response:
        return page("console", with_pusher)

    async def guest(_request: Request) -> Response:
        return page("guest", policies.STRICT)

    async def hotel(_request: Request) -> Response:
        return page("hotel", policies.WITH_PICTURES)

    async def docs(_request: Request) -> Response:
        return page("docs", policies.STRICT)

    async def config(_request: Request) -> Response:
        return JSONResponse(facts(settings), headers={"Cache-Control": "no-store"})

    for path, endpoint in {
        "/": landing,
        "/console": console,
        "/docs": docs,
        # The guest's token is in the fragment, which browsers keep to themselves; the page reads the rest.
        "/guest/{id}": guest,
        "/hotel/{slug}": hotel,
        "/web/config.json": config,
        "/assets/{path:path}": asset,
    }.items():
        router.add_route(path, endpoint, methods=["GET", "HEAD"])
    return router
