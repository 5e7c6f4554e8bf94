"""Serve the pictures of a folder, as what they are and nothing else."""

import asyncio
import os
import re
import stat
from email.utils import parsedate_to_datetime
from pathlib import Path

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hotelmate.media import names
from hotelmate.media.storage.base import CACHE_CONTROL

_ALWAYS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
}
_ONE_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-\d{1,18})", re.ASCII)


class MediaFiles:
    """An ASGI application for what is under `names.URL_PATH`, mounted there or not.

    Only names of pictures are looked up, so that no path leads out of the folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope))
        await response(_with_usable_range(scope), receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method not in {"GET", "HEAD"}:
            return PlainTextResponse("Method not allowed", 405, {"Allow": "GET, HEAD", **_ALWAYS})
        folder, _, name = request.scope["path"].rpartition("/")
        path = self._folder / name
        found = await asyncio.to_thread(_found, path) if _is_ours(folder, name) else None
        if found is None:
            return PlainTextResponse("Not found", 404, _ALWAYS)
        headers = {"Cache-Control": CACHE_CONTROL, "ETag": f'"{name}"', **_ALWAYS}
        if _has_it(request, headers["ETag"], changed_at=found.st_mtime):
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


def _has_it(request: Request, etag: str, *, changed_at: float) -> bool:
    """Whether the client has the picture.

    Source:
        RFC 9110, If-None-Match (a weak comparison), and where that is missing If-Modified-Since.
    """
    known = request.headers.get("if-none-match")
    if known is not None:
        return known == "*" or etag in {tag.strip().removeprefix("W/") for tag in known.split(",")}
    try:
        since = parsedate_to_datetime(request.headers.get("if-modified-since", ""))
    except ValueError:
        return False
    return int(changed_at) <= since.timestamp()


def _with_usable_range(scope: Scope) -> Scope:
    """Leave out what asks for a part, unless it is one that can be sent: FileResponse would answer 400.

    Source:
        RFC 9110, Range: of use with GET only, and a server may ignore it, as it must when it does not know
        the unit.
    """
    wanted = Headers(scope=scope).get("range")
    if wanted is None or (scope["method"] == "GET" and _is_one_range(wanted)):
        return scope
    return {**scope, "headers": [header for header in scope["headers"] if header[0] != b"range"]}


def _is_one_range(wanted: str) -> bool:
    parts = _ONE_RANGE.fullmatch(wanted.strip())
    return parts is not None and not (parts[2] and int(parts[2]) < int(parts[1]))
