"""The landing page says what runs here and how it is, and its commands work as pasted."""

import asyncio
import os
import pty
import select
import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect
from typer.testing import CliRunner

from hotelmate.cli import app
from tests.databases import seeded_sqlite
from tests.left_out import leave_out
from tests.server import Server, clean_environment
from tests.web.browsing import faults, overflows, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_every_link_leads_somewhere(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/") as page:
        await expect(page.get_by_role("link", name="Hotel Dublin")).to_be_visible()
        addresses = await page.get_by_role("link").evaluate_all("links => links.map((link) => link.href)")
        assert {address.removeprefix(site.url) for address in addresses} >= {
            "/graphql",
            "/console",
            "/docs",
            "/healthz",
            "/readyz",
            "/metrics",
            "/hotel/killarney",
            "/hotel/dublin",
        }
        for address in set(addresses):
            answer = await page.request.get(address, headers={"Accept": "text/html,*/*;q=0.8"})
            assert answer.status == 200, address


async def test_it_says_how_the_parts_are_and_notices_when_the_server_is_gone(
    browser: Browser, tmp_path: Path
) -> None:
    async with Server.run(tmp_path / "data") as site:
        visitor = await browser.new_context()
        page = await visitor.new_page()
        await page.goto(f"{site.url}/")
        health = page.get_by_role("region", name="How it is")
        await expect(health).to_contain_text("database")
        await expect(health.locator(".good")).not_to_have_count(0)
        await expect(health.locator(".bad")).to_have_count(0)
        await site.stop()
        await expect(health).to_contain_text("does not answer", timeout=10_000)
        await visitor.close()


async def test_the_commands_work_as_pasted(browser: Browser, site: Server) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        leave_out("curl and bash, which the landing page's commands are pasted into")
    async with visiting(browser, site, "/") as page:
        commands = page.get_by_role("region", name="Command:")
        await expect(commands).to_have_count(3)
        ask, watch, act = await commands.all_inner_texts()
    assert '"slug":"killarney"' in await pasted(ask)
    watching = await asyncio.create_subprocess_exec(
        "bash", "-c", f"exec {watch}", stdout=asyncio.subprocess.PIPE
    )
    try:
        seen = asyncio.create_task(first_event(watching.stdout))
        async with asyncio.timeout(10):
            while not seen.done():
                assert '"firstName":"Anna"' in await pasted(act)
        assert '"firstName":"Anna"' in await seen
    finally:
        watching.terminate()
        await watching.communicate()


async def test_outside_the_demo_one_logs_in_first(browser: Browser, tmp_path: Path) -> None:
    """At a terminal, into which the commands are pasted one after another, with any password."""
    if shutil.which("curl") is None or shutil.which("bash") is None:
        leave_out("curl and bash, which the landing page's commands are pasted into")
    data = tmp_path / "data"
    data.mkdir()
    shutil.copy(seeded_sqlite(), data / "hotelmate.sqlite3")
    password = """it's "42" $HOME"""
    settings = {"HOTELMATE_DATA_DIR": str(data), "HOTELMATE_NEW_PASSWORD": password}
    changed = CliRunner().invoke(app, ["staff", "password", "anna"], env=settings)
    assert changed.exit_code == 0, changed.output
    async with Server.run(data, HOTELMATE_DEMO="0") as site:
        async with visiting(browser, site, "/") as page:
            commands = page.get_by_role("region", name="Command:")
            await expect(commands).to_have_count(4)
            log_in, _, _, act = await commands.all_inner_texts()
        dialogue = [
            (log_in, "Name: "),
            ("anna", "Password: "),
            (password, "$ "),
            (act, '"firstName":"Anna"'),
        ]
        await asyncio.to_thread(at_a_terminal, dialogue)


def at_a_terminal(dialogue: list[tuple[str, str]]) -> None:
    """Type lines into a shell, and wait each time until it has answered so."""
    terminal, end = pty.openpty()
    shell = ["bash", "--norc", "--noprofile", "-i"]
    environment = clean_environment() | {"PS1": "$ ", "TERM": "dumb"}
    with subprocess.Popen(
        shell, env=environment, stdin=end, stdout=end, stderr=end, start_new_session=True
    ) as process:
        os.close(end)
        try:
            read_until(terminal, "$ ")
            for typed, answer in dialogue:
                os.write(terminal, f"{typed}\n".encode())
                read_until(terminal, answer)
        finally:
            process.kill()
    os.close(terminal)


def read_until(terminal: int, sign: str) -> None:
    """Read what the shell prints until the sign is on its last line."""
    shown = ""
    while sign not in shown.rpartition("\n")[2]:
        readable, _, _ = select.select([terminal], [], [], 20)
        assert readable, shown
        shown += os.read(terminal, 65536).decode()


async def test_a_command_is_copied(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/", permissions=["clipboard-read", "clipboard-write"]) as page:
        await page.get_by_role("button", name="Copy the command: Ask").click()
        await expect(page.get_by_role("button", name="Copied")).to_be_visible()
        copied = await page.evaluate("() => navigator.clipboard.readText()")
        assert copied == await page.get_by_role("region", name="Command: Ask").inner_text()


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_it_fits_a_phone_and_has_no_fault_that_axe_finds(
    browser: Browser, site: Server, color_scheme: str
) -> None:
    phone = {"width": 360, "height": 740}
    async with visiting(browser, site, "/", viewport=phone, color_scheme=color_scheme) as page:
        await expect(page.get_by_role("heading", level=2).first).to_be_visible()
        assert not await overflows(page)
        assert await faults(page) == []


async def pasted(command: str) -> str:
    process = await asyncio.create_subprocess_exec("bash", "-c", command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    return printed.decode()


async def first_event(stream: asyncio.StreamReader) -> str:
    async for line in stream:
        if line.startswith(b"data:") and b"clockStatus" in line:
            return line.decode()
    raise AssertionError("the stream has ended")
