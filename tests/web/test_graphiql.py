"""GraphiQL runs every kind of operation, and asks nobody but its own server for anything."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

import aiohttp
import pytest
from graphql import OperationDefinitionNode, OperationType, parse
from playwright.async_api import Browser, FilePayload, Locator, Page, Route, expect

from tests.media.uploads import encoded, quarters
from tests.server import Server
from tests.web.browsing import graphiql_is_ready, visiting
from tools.build_web import SOURCES

EXAMPLES = SOURCES / "src" / "graphiql" / "examples"

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def graphiql(browser: Browser, site: Server, tab: str = "Clocking") -> AsyncIterator[Page]:
    async with visiting(browser, site, "/graphql", viewport={"width": 1400, "height": 900}) as page:
        await graphiql_is_ready(page)
        await page.get_by_role("tab", name=tab).click()
        await expect(headers(page)).to_contain_text("demo-anna")
        yield page


def headers(page: Page) -> Locator:
    return page.locator(".graphiql-editor-tool .graphiql-editor:not(.hidden) .view-lines")


async def run(page: Page, operation: str) -> None:
    """Press the button, and choose one of the document's operations."""
    await page.get_by_role("button", name="Execute query").click()
    await page.get_by_role("menuitem", name=operation, exact=True).click()


async def test_a_query_is_answered_as_whom_the_picker_names(browser: Browser, site: Server) -> None:
    async with graphiql(browser, site) as page:
        response = page.locator(".result-window")
        await run(page, "Clocking")
        await expect(response).to_contain_text('"firstName": "Anna"')

        await page.get_by_label("Acting as").select_option(label="Carla Byrne · dublin")
        await run(page, "Clocking")
        await expect(response).to_contain_text('"firstName": "Carla"')

        await page.get_by_label("Acting as").select_option(label="Nobody")
        await run(page, "Clocking")
        await expect(response).to_contain_text("UNAUTHENTICATED")


async def test_the_picked_identity_goes_along_to_other_tabs(browser: Browser, site: Server) -> None:
    async with graphiql(browser, site) as page:
        await page.get_by_label("Acting as").select_option(label="Ben Murphy · killarney")
        await page.get_by_role("tab", name="Bookings").click()
        await expect(headers(page)).to_contain_text("demo-ben")


async def test_a_token_that_was_typed_is_left_alone(browser: Browser, site: Server) -> None:
    async with graphiql(browser, site) as page:
        await headers(page).click()
        await page.keyboard.press("Control+A")
        await page.keyboard.insert_text('{"Authorization": "Token mine"}')
        await page.get_by_label("Acting as").select_option(label="Ben Murphy · killarney")
        await expect(headers(page)).to_contain_text("Token mine")


async def test_a_subscription_shows_what_a_mutation_in_another_window_does(
    browser: Browser, site: Server
) -> None:
    async with graphiql(browser, site) as watching, graphiql(browser, site) as acting:
        await run(watching, "WatchClock")
        # Nothing tells when a subscription has begun, so another acts until something is seen.
        seen = watching.locator(".result-window").get_by_text('"firstName": "Ben"')
        while not await seen.is_visible():
            await site.data("mutation { toggleClock { action } }", token="demo-ben")
        await run(acting, "ToggleClock")
        await expect(acting.locator(".result-window")).to_contain_text("clockTime")
        await expect(watching.locator(".result-window")).to_contain_text('"firstName": "Anna"')

        await watching.get_by_role("button", name="Stop query").click()
        await expect(watching.get_by_role("button", name="Execute query")).to_be_visible()


async def test_the_schema_can_be_searched(browser: Browser, site: Server) -> None:
    async with graphiql(browser, site) as page:
        await page.get_by_role("button", name="Show Documentation Explorer").click()
        documentation = page.locator(".graphiql-doc-explorer")
        await documentation.get_by_role("combobox").fill("clockIn")
        await documentation.get_by_role("option").filter(has_text="Mutation.clockIn").click()
        await expect(documentation).to_contain_text("CONFLICT when already on duty")


async def test_browsers_get_graphiql_and_clients_the_endpoint(site: Server) -> None:
    query = {"query": "{ viewer { __typename } }"}
    for accept, media_type in {
        "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8": "text/html",
        "*/*": "application/json",
        "application/json, text/html": "application/json",
        "application/graphql-response+json, application/json;q=0.9": "application/graphql-response+json",
        "text/html;q=0, application/json": "application/json",
    }.items():
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{site.url}/graphql", params=query, headers={"Accept": accept}) as response,
        ):
            assert (response.status, response.content_type) == (200, media_type), accept


async def test_turned_off_browsers_get_what_clients_get(tmp_path: Path) -> None:
    async with (
        Server.run(tmp_path / "data", HOTELMATE_GRAPHIQL="false") as site,
        aiohttp.ClientSession(site.url) as session,
    ):
        async with session.get("/graphql", headers={"Accept": "text/html,*/*;q=0.8"}) as response:
            assert (response.status, response.content_type) == (400, "application/json")
        async with session.get("/web/config.json") as response:
            assert (await response.json())["graphiql"] is False


async def test_a_file_goes_along_with_the_operation_that_takes_it(browser: Browser, site: Server) -> None:
    async with graphiql(browser, site, tab="PublicPage") as page:
        response = page.locator(".result-window")
        await page.get_by_role("button", name="Show Files").click()
        photo = FilePayload(name="photo.png", mimeType="image/png", buffer=encoded(quarters(), "PNG"))
        await page.get_by_label("$image").set_input_files(photo)
        await run(page, "UploadGalleryImage")
        await expect(response).to_contain_text("/media/")
        await run(page, "PublicPage")
        await expect(response).to_contain_text("Hotel Killarney")


# What makes the ready subscription of each tab say something, however often it is done.
CAUSES = {
    "clocking": "mutation { toggleClock { action } }",
    "offers": 'mutation { createOffer(input: {title: "Late breakfast", shortDescription: "Ham."}) { id } }',
    "public-page": "mutation ($text: String!) { updateSettings(input: {tagline: $text}) { id } }",
    "bookings": """mutation {
      createBooking(hotelSlug: "killarney", input: {
        roomTypeId: 1, guestName: "Maeve", guestEmail: "m@guests.example",
        arrival: "2031-05-01", departure: "2031-05-02"
      }) { booking { id } }
    }""",
    "events": "mutation { toggleClock { action } }",
}


@pytest.mark.timeout(180)
async def test_every_ready_operation_works_when_it_is_run(browser: Browser, tmp_path: Path) -> None:
    """In the order in which they stand, in a demo that nobody has used."""
    photo = FilePayload(name="photo.png", mimeType="image/png", buffer=encoded(quarters(), "PNG"))
    async with Server.run(tmp_path / "data", HOTELMATE_DEMO="1") as site:
        for file, cause in CAUSES.items():
            operations = operations_of(file)
            async with graphiql(browser, site, tab=operations[0][0]) as page:
                response = page.locator(".result-window")
                if file == "public-page":
                    await page.get_by_role("button", name="Show Files").click()
                    await page.get_by_label("$image").set_input_files(photo)
                for name, kind in operations:
                    if kind is OperationType.SUBSCRIPTION:
                        await run(page, name)
                        await until_seen(response.get_by_text('"cursor"'), site, cause)
                        await page.get_by_role("button", name="Stop query").click()
                        assert "errors" not in await response.inner_text(), name
                    else:
                        async with page.expect_response("**/graphql") as answering:
                            await run(page, name)
                        answer = await (await answering.value).json()
                        assert "errors" not in answer, (name, answer)


def operations_of(file: str) -> list[tuple[str, OperationType]]:
    document = parse((EXAMPLES / f"{file}.graphql").read_text())
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    return [(node.name.value, node.operation) for node in operations if node.name]


async def until_seen(sign: Locator, site: Server, cause: str) -> None:
    """Have something happen until the subscription shows it: nothing tells when it has begun."""
    for attempt in count():
        if await sign.count():
            return
        await site.data(cause, token="demo-anna", text=f"Once more: {attempt}")
        await asyncio.sleep(0.2)


async def test_a_tab_that_is_chosen_before_the_editors_are_there_is_shown(
    browser: Browser, site: Server
) -> None:
    visitor = await browser.new_context()
    page = await visitor.new_page()
    is_chosen = asyncio.Event()

    async def hold(route: Route) -> None:
        await is_chosen.wait()
        await route.continue_()

    await page.route("**/assets/lite-*.js", hold)
    await page.goto(f"{site.url}/graphql")
    tab = page.get_by_role("tab", name="Offers")
    await tab.click()
    await expect(tab).to_have_attribute("aria-selected", "true")
    is_chosen.set()
    await expect(page.get_by_label("Operation Editor")).to_contain_text("query Offers($slug: String!)")
    await page.get_by_role("button", name="Variables").click()
    await expect(page.locator(".graphiql-editor-tool")).to_contain_text('"slug": "killarney"')
    await visitor.close()
