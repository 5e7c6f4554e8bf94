"""Each REST door through which staff change something does it once, however often it comes under its key."""

from typing import Any

import aiohttp
import pytest

from hotelmate.database import Database
from tests.isolation.callers import references
from tests.isolation.test_rest import DOORS, sent
from tests.resolvers.steps import everything
from tests.rest.conftest import published

WITH_KEYS = [door for door in DOORS if door[0] != "GET" and door[1].startswith("/api/staff/{slug}/clock/")]
WITH_KEYS += [
    door for door in DOORS if door[0] != "GET" and "/hotel/{slug}/" in door[1] and "pusher" not in door[1]
]
KEY = {"Authorization": "Token demo-anna", "Idempotency-Key": "8e03978e"}


def test_the_document_says_which_doors_take_a_key() -> None:
    documented = [
        (method.upper(), path)
        for path, methods in published()["paths"].items()
        for method, operation in methods.items()
        if any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", ()))
    ]
    assert sorted(documented) == sorted(WITH_KEYS)
    for method, path in documented:
        assert {"400", "409"} <= published()["paths"][path][method.lower()]["responses"].keys()


@pytest.mark.parametrize(("method", "path"), WITH_KEYS)
async def test_a_change_that_comes_again_is_answered_as_the_first_time_and_not_made(
    rest: aiohttp.ClientSession, database: Database, method: str, path: str
) -> None:
    thing, body, row = DOORS[method, path]
    place = path.format(slug="killarney", id=references(database).get(thing, thing))

    async def send() -> tuple[int, Any, str | None]:
        async with rest.request(method, place, headers=KEY, **sent(body)) as response:
            return response.status, await response.text(), response.headers.get("Idempotent-Replayed")

    status, text, replayed = await send()
    assert (status, replayed) == (row[-1], None)
    before = everything(database)
    for _ in range(2):
        assert await send() == (status, text, "true")
    assert everything(database) == before
    async with rest.post("/api/staff/hotel/killarney/offers/", headers=KEY, json={}) as response:
        assert response.status == 409
    assert everything(database) == before
