"""A hotel's public page changes when the staff change it."""

import pytest
from playwright.async_api import Browser, expect

from tests.server import Server
from tests.web.browsing import faults, overflows, visiting

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def as_carla(site: Server, mutation: str, **variables: object) -> dict[str, object]:
    return await site.data(mutation, token="demo-carla", **variables)


async def test_an_offer_comes_changes_and_goes(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/hotel/dublin") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("Hotel Dublin")
        await expect(page.get_by_text("Live")).to_be_visible()
        created = await as_carla(
            site,
            'mutation { createOffer(input: {title: "Liffey by night", shortDescription: "A walk"}) { id } }',
        )
        offer = page.get_by_role("listitem").filter(has_text="Liffey by night")
        await expect(offer).to_contain_text("A walk")

        change = "mutation ($id: ID!, $input: OfferPatch!) { updateOffer(id: $id, input: $input) { id } }"
        id_ = created["createOffer"]["id"]
        await as_carla(site, change, id=id_, input={"shortDescription": "A walk and a song"})
        await expect(offer).to_contain_text("A walk and a song")
        await as_carla(site, change, id=id_, input={"isActive": False})
        await expect(offer).to_have_count(0)


async def test_texts_and_the_order_of_the_gallery_change(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/hotel/dublin") as page:
        await expect(page.get_by_text("Live")).to_be_visible()
        await as_carla(site, 'mutation { updateSettings(input: {tagline: "Right on the river"}) { id } }')
        await expect(page.get_by_text("Right on the river")).to_be_visible()

        hotel = (await site.data('{ hotel(slug: "dublin") { gallery { url } } }'))["hotel"]
        turned = [image["url"] for image in hotel["gallery"]][::-1]
        await as_carla(
            site, "mutation ($urls: [String!]!) { reorderGallery(urls: $urls) { url } }", urls=turned
        )
        last = page.get_by_role("img", name="Picture 3 of 3")
        await expect(last).to_have_attribute("src", turned[2])


async def test_the_hotels_own_colours_are_used(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/hotel/dublin") as page:
        await expect(page.get_by_text("Live")).to_be_visible()
        await as_carla(
            site,
            """mutation { updateSettings(input: {theme: {
              mode: CUSTOM, backgroundColor: "#102030", textColor: "#FAFAFA"
            }}) { id } }""",
        )
        await expect(page.locator("html")).to_have_css("background-color", "rgb(16, 32, 48)")
        await expect(page.locator("body")).to_have_css("color", "rgb(250, 250, 250)")
        await as_carla(site, "mutation { updateSettings(input: {theme: {mode: LIGHT}}) { id } }")
        await expect(page.locator("html")).to_have_css("background-color", "rgb(247, 244, 238)")


async def test_the_hero_is_as_high_as_the_page_wants_whatever_its_picture(
    browser: Browser, site: Server
) -> None:
    async with visiting(browser, site, "/hotel/dublin", viewport={"width": 1280, "height": 800}) as page:
        hero = page.locator(".hero")
        await expect(hero.locator("> img")).to_have_js_property("naturalHeight", 600)
        box = await hero.bounding_box()
        assert box is not None
        assert box["height"] == pytest.approx(0.55 * 800, abs=1)


async def test_a_hotel_that_there_is_not(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/hotel/atlantis") as page:
        await expect(page.get_by_role("heading", level=1)).to_have_text("There is no such hotel.")


async def test_it_fits_a_phone_and_has_no_fault_that_axe_finds(browser: Browser, site: Server) -> None:
    async with visiting(browser, site, "/hotel/killarney", viewport={"width": 360, "height": 740}) as page:
        await expect(page.get_by_text("Live")).to_be_visible()
        assert not await overflows(page)
        assert await faults(page) == []
