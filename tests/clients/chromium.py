"""Run pusher-js in a real Chromium, with the commands and reports that it has in Node.

    with running_chromium() as address:
        async with ChromiumClient.run(address) as client:
            await client.command("connect", key="…", options={…})

The page is served from an origin of its own on the loopback address.
"""

import re
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Self

from aiohttp import web
from playwright.async_api import Page, async_playwright
from pusher import Pusher

from tests.chromium import FLAGS, installed_chromium
from tests.clients.client import Client
from tests.clients.install import HERE

PAGE = "pusher_page.html"
START_SECONDS = 30.0

_LISTENING = re.compile(r"DevTools listening on (ws://\S+)")


@contextmanager
def running_chromium() -> Iterator[str]:
    """Start a Chromium and yield where its DevTools listen; leaves the calling test out without one."""
    executable = installed_chromium()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile,
        subprocess.Popen(
            [executable, *FLAGS, "--remote-debugging-port=0", f"--user-data-dir={profile}"],
            stderr=subprocess.PIPE,
            text=True,
        ) as process,
    ):
        assert process.stderr is not None
        try:
            yield next(found[1] for line in process.stderr if (found := _LISTENING.search(line)))
        finally:
            process.kill()


class ChromiumClient(Client):
    """One page in a profile of its own, with one pusher-js in it."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self._page = page
        self._complaints: list[str] = []

    @classmethod
    @asynccontextmanager
    async def run(cls, address: str) -> AsyncIterator[Self]:
        """Open the page in the Chromium whose DevTools listen there, and close it with the block."""
        async with async_playwright() as playwright, _page_served() as url:
            browser = await playwright.chromium.connect_over_cdp(address)
            context = await browser.new_context()
            client = cls(await context.new_page())
            try:
                await client._open(url)
                yield client
            finally:
                await context.close()
                await browser.close()

    @property
    def origin(self) -> str:
        """Where the page comes from, as browsers tell servers."""
        return "/".join(self._page.url.split("/")[:3])

    async def command(self, name: str, **options: Any) -> None:
        await self._page.evaluate("([name, options]) => window.obey(name, options)", [name, options])

    def has_ended(self) -> bool:
        return self._page.is_closed()

    def complaints(self) -> str:
        return "\n".join(self._complaints)

    async def _open(self, url: str) -> None:
        page = self._page
        page.on("console", lambda message: self._complaints.append(message.text))
        page.on("pageerror", lambda error: self._complaints.append(str(error)))
        await page.expose_function("takeReport", self._keep)
        await page.expose_function("signChannel", _sign_channel)
        await page.expose_function("signUser", _sign_user)
        await page.goto(f"{url}/{PAGE}")
        await self.wait_for("ready", within=START_SECONDS)


@asynccontextmanager
async def _page_served() -> AsyncIterator[str]:
    """Serve the scripts of this folder, npm packages included; yields the address."""
    application = web.Application()
    application.router.add_static("/", HERE)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _sign_channel(asked: Mapping[str, Any]) -> dict[str, Any]:
    channel = asked["channelName"]
    data = asked.get("user") if channel.startswith("presence-") else None
    signed = _signer(asked).authenticate(channel=channel, socket_id=asked["socketId"], custom_data=data)
    # The library hands the key of an encrypted channel out as bytes, which are no JSON.
    return {name: value.decode() if isinstance(value, bytes) else value for name, value in signed.items()}


def _sign_user(asked: Mapping[str, Any]) -> dict[str, Any]:
    signed: dict[str, Any] = _signer(asked).authenticate_user(asked["socketId"], asked["user"])
    return signed


def _signer(asked: Mapping[str, Any]) -> Pusher:
    return Pusher(
        asked["appId"],
        asked["key"],
        asked["secret"],
        encryption_master_key_base64=asked.get("encryptionMasterKeyBase64"),
    )
