"""Look at the pages as people do: a real Chromium, which cannot reach any other machine.

    async with visiting(browser, site, "/console") as page:
        await page.get_by_role("button", name="Clock in").click()

A visit fails when the page logged an error, broke its Content-Security-Policy (which is logged as one), or
asked another machine for anything.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import Browser, ConsoleMessage, Page, async_playwright, expect

from tests.chromium import FLAGS, installed_chromium
from tests.left_out import leave_out
from tests.server import Server
from tools.build_web import SOURCES, is_current

WITHIN_MS = 10_000
expect.set_options(timeout=WITHIN_MS)

_ALONE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
# What Chromium logs when a page leaves a socket, as one does to log in: while it still connects, and
# when pusher-js, which defers each frame by a tick, has one left.
_LEAVING = (
    "WebSocket is closed before the connection is established",
    "WebSocket is already in CLOSING or CLOSED state",
)
_AXE = SOURCES / "node_modules" / "axe-core" / "axe.min.js"


@asynccontextmanager
async def running_browser(resolving: str = _ALONE) -> AsyncIterator[Browser]:
    """Start Chromium; the calling test is left out where it or the built pages are missing."""
    chromium = installed_chromium()
    require_pages()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=chromium,
            args=[*FLAGS, resolving],
        )
        yield browser
        await browser.close()


def require_pages() -> None:
    """Leave the calling test out where the pages are not built, or not as their sources say."""
    if not is_current():
        leave_out("the built pages (python -m tools.build_web --dev)")


@asynccontextmanager
async def visiting(browser: Browser, site: Server, path: str, **context: Any) -> AsyncIterator[Page]:
    """Open a page as a new visitor; `context` is Playwright's, such as `viewport` or `color_scheme`."""
    visitor = await browser.new_context(**context)
    visitor.set_default_timeout(WITHIN_MS)
    page = await visitor.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if _is_complaint(said) else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: complaints.extend(_elsewhere(request.url)))
    page.on("websocket", lambda socket: complaints.extend(_elsewhere(socket.url)))
    await page.goto(f"{site.url}{path}")
    yield page
    await visitor.close()
    assert complaints == []


def _is_complaint(said: ConsoleMessage) -> bool:
    """Whether the page went wrong."""
    return said.type == "error" and not any(leaving in said.text for leaving in _LEAVING)


async def faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong on the page, a line for each element."""
    if not _AXE.is_file():
        leave_out("axe-core (python -m tools.build_web --dev)")
    # Evaluated rather than added as a script, which the page's own policy forbids.
    await page.evaluate(_AXE.read_text())
    found = await page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['impact']} {violation['id']}: {node['html']} {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


async def overflows(page: Page) -> bool:
    """Whether the page is wider than its window."""
    answer: bool = await page.evaluate(
        "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )
    return answer


def _elsewhere(url: str) -> list[str]:
    parts = urlsplit(url)
    is_here = parts.hostname == "127.0.0.1" or parts.scheme in {"data", "blob"}
    return [] if is_here else [f"asked {url}"]


async def graphiql_is_ready(page: Page) -> None:
    """Wait until GraphiQL has the schema, and shows what it knows by it."""
    # No other answer is nearly as large as that to the introspection query.
    await page.wait_for_function(
        """() => performance.getEntriesByType("resource").some(
          ({ name, decodedBodySize }) => name.endsWith("/graphql") && decodedBodySize > 20_000,
        )"""
    )
    await expect(page.get_by_role("button", name="Re-fetch GraphQL schema")).to_be_enabled()
