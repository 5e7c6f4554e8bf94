"""A page on another site cannot carry out mutations through its visitor's browser, with forms or scripts."""

import json

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.server import Server
from tests.web.browsing import running_browser

# It needs no rights, so that nothing but the form is a reason to refuse it.
MUTATION = """mutation {
  createBooking(hotelSlug: "killarney", input: {
    roomTypeId: "1", guestName: "Mallory", guestEmail: "m@elsewhere.example",
    arrival: "2040-06-15", departure: "2040-06-16"
  }) { statusUrl }
}"""
SEND = """async ([url, operations, header]) => {
  const form = new FormData();
  form.append("operations", operations);
  form.append("map", "{}");
  try {
    const headers = header ? { [header]: "1" } : {};
    const mode = header ? "cors" : "no-cors";
    return (await fetch(url, { method: "POST", body: form, mode, headers })).type;
  } catch (error) {
    return error.name;
  }
}"""


def page(address: str) -> str:
    operations = json.dumps({"query": MUTATION}).replace("&", "&amp;").replace('"', "&quot;")
    return f"""<!doctype html>
    <form method="post" enctype="multipart/form-data" action="{address}/graphql">
      <input name="operations" value="{operations}"><input name="map" value="{{}}"><button>Win</button>
    </form>"""


async def test_neither_a_form_nor_a_script_of_another_site_gets_through(server: Server) -> None:
    async def bait(_request: web.Request) -> web.Response:
        return web.Response(text=page(server.url), content_type="text/html")

    async def state() -> object:
        return await server.data('{ hotel(slug: "killarney") { cursor } }')

    elsewhere = web.Application()
    elsewhere.router.add_get("/", bait)
    before = await state()
    async with TestServer(elsewhere) as site, running_browser() as browser:
        visitor = await browser.new_page()
        await visitor.goto(str(site.make_url("/")))
        async with visitor.expect_navigation() as sent:
            await visitor.get_by_role("button").click()
        answer = await sent.value
        assert answer is not None
        assert answer.status == 400
        assert "graphql-require-preflight" in await answer.text()

        await visitor.goto(str(site.make_url("/")))
        operations = json.dumps({"query": MUTATION})
        url = f"{server.url}/graphql"
        assert await visitor.evaluate(SEND, [url, operations, None]) == "opaque"
        # With the header the browser asks first, and is told no.
        assert await visitor.evaluate(SEND, [url, operations, "GraphQL-Require-Preflight"]) == "TypeError"
        await visitor.close()
    assert await state() == before
