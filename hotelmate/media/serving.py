"""Serve the pictures of a folder, as what they are and nothing else."""

import asyncio
import os
import stat
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hotelmate.media import names
from hotelmate.media.storage.base import CACHE_CONTROL

_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}


class MediaFiles:
    """An ASGI application for what is under `names.URL_PATH`, mounted there or not.

    Only names of pictures are looked up, so that no path leads out of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("Method not allowed", 405, {"Allow": "GET, HEAD", **_ALWAYS})
        folder, _, name = request.scope["path"].rpartition("/")
        path = self._folder / name
        found = await asyncio.to_thread(_found, path) if _is_ours(folder, name) else None
        if found is None:
            return PlainTextResponse("Not found", 404, _ALWAYS)
        headers = {"Cache-Control": CACHE_CONTROL, "ETag": f'"{name}"', **_ALWAYS}
        if _has_it(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        return FileResponse(
            path,
            headers=headers,
            media_type=names.media_type(name),
            filename=name,
            content_disposition_type="inline",
            stat_result=found,
        )


def _is_ours(folder: str, name: str) -> bool:
    return folder == names.URL_PATH and names.is_name(name)


def _found(path: Path) -> os.stat_result | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def _has_it(request: Request, etag: str) -> bool:
    """Whether the client has the picture. Source: RFC 9110, If-None-Match (a weak comparison)."""
    known = request.headers.get("if-none-match", "")
    return known == "*" or etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}
