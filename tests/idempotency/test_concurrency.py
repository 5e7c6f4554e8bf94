"""Of many who send the same under the same key at once, one makes the change and all are answered alike."""

import asyncio
import random
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, cast

import aiohttp

from hotelmate.database import Database
from hotelmate.events import log
from tests.idempotency.test_outcomes import BOOK, TOGGLE, Answer
from tests.resolvers.steps import at_once
from tests.schema.api import ANNA, BEN, Api
from tests.server import Server

ROUNDS = 20
OFFER = 'mutation { createOffer(input: { title: "Spa", shortDescription: "" }) { id createdAt } }'
TWICE = "mutation { in: toggleClock { clockTime } out: toggleClock { clockTime } }"
# What is sent, by whom, and how many events it is.
CHANGES = [
    (BOOK, None, 1),
    (BOOK, ANNA, 1),
    (TOGGLE, ANNA, 1),
    (TOGGLE, BEN, 1),
    (OFFER, ANNA, 1),
    (TWICE, BEN, 2),
]


def test_in_one_process(api: Api) -> None:
    chance = random.Random(1208)
    for _ in range(ROUNDS):
        document, caller, events = chance.choice(CHANGES)
        variables = {"name": "Ada"} if document is BOOK else {}
        before = len(api.log())
        send = partial(api.keyed, secrets.token_hex(), document, caller, **variables)
        first, *others = cast(list[Answer], at_once(*(send for _ in range(chance.randrange(2, 9)))))
        assert first[1] == []
        assert others == [first] * len(others)
        assert len(api.log()) == before + events


def test_of_two_different_requests_under_one_key_one_is_a_conflict(api: Api) -> None:
    for _ in range(ROUNDS):
        before = len(api.log())
        send = partial(api.keyed, secrets.token_hex(), BOOK)
        answers = cast(list[Answer], at_once(*(partial(send, name=name) for name in ("Ada", "Eve"))))
        assert sorted(len(errors) for _, errors in answers) == [0, 1]
        assert len(api.log()) == before + 1


async def test_across_processes(database: Database, tmp_path: Path) -> None:
    chance = random.Random(77)
    async with pair(database, tmp_path) as servers, aiohttp.ClientSession() as client:

        async def send(server: Server, key: str, document: str, caller: str | None) -> Any:
            headers = {"Idempotency-Key": key} | ({"Authorization": caller} if caller else {})
            body = {"query": document, "variables": {"name": "Ada"}}
            async with client.post(f"{server.url}/graphql", json=body, headers=headers) as response:
                return await response.json()

        for _ in range(ROUNDS):
            document, caller, events = chance.choice(CHANGES)
            before, key = events_of(database), secrets.token_hex()
            senders = [send(chance.choice(servers), key, document, caller) for _ in range(5)]
            senders += [send(server, key, document, caller) for server in servers]
            first, *others = await asyncio.gather(*senders)
            assert "errors" not in first
            assert others == [first] * len(others)
            assert events_of(database) == before + events


def events_of(database: Database) -> int:
    with database.reading() as reading:
        return len(log.read(reading, 1, after=0, limit=1000))


@asynccontextmanager
async def pair(database: Database, folder: Path) -> AsyncIterator[list[Server]]:
    """Two processes on one database."""
    shared = {
        "HOTELMATE_DATABASE_URL": database.url.render_as_string(hide_password=False).replace("+psycopg", ""),
        "HOTELMATE_SECRET_KEY": secrets.token_hex(),
        "HOTELMATE_PUBLIC_URL": "https://hotelmate.example",
    }
    async with (
        Server.run(folder / "one", **shared) as one,
        Server.run(folder / "other", **shared) as other,
    ):
        yield [one, other]
