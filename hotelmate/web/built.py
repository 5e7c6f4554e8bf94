"""What `tools/build_web.py` has made of the sources: a page per HTML file, and what they load."""

import base64
import hashlib
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.staticfiles import StaticFiles

_STATIC = Path(__file__).parent / "static"
# Names in here hold a hash of what they name, so it never changes under one name.
_ASSETS_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
}

_STYLE = "body{max-width:40rem;margin:15vh auto;padding:0 1.5rem;font:1rem/1.6 system-ui,sans-serif}"
_STYLE += ":root{color-scheme:light dark}code{font-size:1.05em}"
_NOT_BUILT = f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Not built · HotelMate</title>
<style>{_STYLE}</style>
<h1>This page is not built yet</h1>
<p>The pages are made from the sources in <code>web/</code>, which needs the package registries once. In the
checkout that this server runs from:</p>
<p><code>make run</code>, or beside a server that runs: <code>.venv/bin/python -m tools.build_web</code></p>
<p>Then load this page again. Everything else works without: GraphQL at <code>/graphql</code>, REST at
<code>/api/</code>, the state of the server at <code>/readyz</code>.</p>
</html>
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


# They may be built while the server runs.
_ASSETS = StaticFiles(directory=_STATIC / "assets", check_dir=False)


async def asset(request: Request) -> Response:
    """Return a script, style, font or picture that the pages load, to be kept for ever.

    Raises:
        HTTPException: 404 where there is none.
    """
    response = await _ASSETS.get_response(request.path_params["path"], request.scope)
    response.headers.update(_ASSETS_HEADERS)
    return response


def page(name: str, content_security_policy: str) -> Response:
    """Return a page, or where it is not built, 503 and how to build it."""
    file = _STATIC / f"{name}.html"
    headers = {
        # The page names its assets, which another build names otherwise.
        "Cache-Control": "no-cache",
        "Content-Security-Policy": content_security_policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    if file.is_file():
        return FileResponse(file, headers=headers, media_type="text/html")
    headers["Content-Security-Policy"] = f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'"
    return HTMLResponse(_NOT_BUILT, status_code=503, headers=headers)
