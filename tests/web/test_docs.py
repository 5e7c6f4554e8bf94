"""The REST page shows every door as the server describes it, and its commands work as pasted."""

import asyncio
import json
import shutil

import pytest
from playwright.async_api import Browser, Locator, Page, expect

from tests.left_out import leave_out
from tests.server import Server
from tests.web.browsing import faults, overflows, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


def door(page: Page, method: str, path: str) -> Locator:
    return page.get_by_role("listitem").filter(has=page.get_by_text(f"{method} {path}", exact=True))


async def test_every_door_is_there(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/docs") as page:
        await expect(door(page, "POST", "/api/staff/login/")).to_contain_text("Begin a session")
        described = await (await page.request.get(f"{site.url}/openapi.json")).json()
        doors = sum(len(operations) for operations in described["paths"].values())
        await expect(page.get_by_role("listitem")).to_have_count(doors)


async def test_a_door_shows_what_to_send_and_what_is_answered(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/docs") as page:
        create = door(page, "POST", "/api/staff/hotel/{slug}/offers/")
        await expect(create.get_by_role("table").first).to_be_hidden()
        await create.get_by_text("Make an offer").click()
        as_json, as_form, answers = await create.get_by_role("table").all()
        await expect(as_json.get_by_role("row", name="title")).to_contain_text("text · required")
        await expect(as_json.get_by_role("row", name="valid_from")).to_contain_text("day or null")
        await expect(as_form.get_by_role("row", name="photo")).to_contain_text("file")
        made = json.loads(await answers.get_by_role("region", name="Example: 201").inner_text())
        assert (made["title"], made["is_active"]) == ("Two nights, one dinner", True)
        refused = json.loads(await answers.get_by_role("region", name="Example: 400").inner_text())
        assert refused == {"error": "This field is required.", "title": ["This field is required."]}


async def test_the_commands_work_as_pasted(browser: Browser, site: Server) -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        leave_out("curl and bash, which the commands are pasted into")
    answered = {}
    async with visiting(browser, site, "/docs") as page:
        for method, path in (
            ("GET", "/api/public/hotel/{slug}/"),
            ("POST", "/api/staff/login/"),
            ("POST", "/api/staff/hotel/{slug}/offers/"),
            ("PATCH", "/api/staff/hotel/{slug}/settings/"),
            ("GET", "/api/staff/hotel/{slug}/bookings/"),
        ):
            entry = door(page, method, path)
            await entry.locator("summary").click()
            answered[path] = json.loads(await pasted(await entry.get_by_role("region").first.inner_text()))
    assert answered["/api/public/hotel/{slug}/"]["hotel"]["slug"] == "killarney"
    assert answered["/api/staff/login/"]["hotel_slug"] == "killarney"
    assert answered["/api/staff/hotel/{slug}/offers/"]["title"] == "Two nights, one dinner"
    assert answered["/api/staff/hotel/{slug}/settings/"]["amenities"] == ["Free WiFi"]
    # Other tests of this folder book on the same server; the demo itself has six.
    assert len(answered["/api/staff/hotel/{slug}/bookings/"]) >= 6


@pytest.mark.parametrize("color_scheme", ["light", "dark"])
async def test_it_fits_a_phone_and_has_no_fault_that_axe_finds(
    browser: Browser, site: Server, color_scheme: str
) -> None:
    phone = {"width": 360, "height": 740}
    async with visiting(browser, site, "/docs", viewport=phone, color_scheme=color_scheme) as page:
        await door(page, "PATCH", "/api/staff/hotel/{slug}/settings/").locator("summary").click()
        assert not await overflows(page)
        assert await faults(page) == []


async def pasted(command: str) -> str:
    process = await asyncio.create_subprocess_exec("bash", "-c", command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    return printed.decode()
