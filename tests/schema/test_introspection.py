"""Where introspection is off, nobody learns from the server what its schema has."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

MISSPELT = [
    ('{ hotl(slug: "killarney") { name } }', {}, "hotel"),
    ('{ hotel(slg: "killarney") { name } }', {}, "slug"),
    ('{ hotel(slug: "killarney") { ... on Hotl { name } } }', {}, "Hotel"),
    (
        "query ($s: [BookingStatus!]) { bookings(status: $s) { __typename } }",
        {"s": ["CONFIRMD"]},
        "CONFIRMED",
    ),
    ("mutation ($i: OfferInput!) { createOffer(input: $i) { id } }", {"i": {"titel": "x"}}, "title"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["true", "false"])
async def introspection(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Server, bool]]:
    """A server, and whether it lets anybody ask what the schema has."""
    data_dir: Path = tmp_path_factory.mktemp("data")
    async with Server.run(data_dir, HOTELMATE_INTROSPECTION=request.param) as server:
        yield server, request.param == "true"


async def test_the_schema_answers_only_where_the_setting_says_so(introspection: tuple[Server, bool]) -> None:
    server, is_on = introspection
    for query in ("{ __schema { queryType { name } } }", '{ __type(name: "Query") { name } }'):
        answer = await server.execute(query)
        assert ("errors" not in answer) == is_on, answer
    assert await server.data('{ __typename hotel(slug: "killarney") { __typename } }') == {
        "__typename": "Query",
        "hotel": {"__typename": "Hotel"},
    }


async def test_errors_suggest_names_only_where_the_setting_says_so(
    introspection: tuple[Server, bool], subtests: pytest.Subtests
) -> None:
    server, is_on = introspection
    for query, variables, meant in MISSPELT:
        with subtests.test(query=query):
            said = await errors(server, query, variables)
            assert ("Did you mean" in said) == is_on, said
            assert (meant in said.partition("Did you mean")[2]) == is_on, said


async def errors(server: Server, query: str, variables: dict[str, object]) -> str:
    """Return what a request is answered with, as an event stream, which takes every kind of operation."""
    headers = {"Accept": "text/event-stream", "Authorization": "Token demo-anna"}
    body = {"query": query, "variables": variables}
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{server.url}/graphql", json=body, headers=headers) as response,
    ):
        said = await response.text()
    assert '"errors"' in said, said
    return said
