"""Clients that change things, each time with a text of its own, and write down what was acknowledged."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

import aiohttp

_CREATE = """mutation ($text: String!) {
  done: createOffer(input: {title: $text, shortDescription: "s"}) { id }
}"""
_UPDATE = "mutation ($text: String!, $id: ID!) { done: updateOffer(id: $id, input: {title: $text}) { id } }"
_SETTINGS = "mutation ($text: String!) { done: updateSettings(input: {tagline: $text}) { id } }"
_SHARE_OF_NEW_OFFERS = 0.1
_LONGEST_PAUSE_SECONDS = 0.3
_ANSWER_SECONDS = 20


@dataclass
class Ledger:
    """What clients have asked for and been told, by text; `surprises` is what no kill explains."""

    attempted: list[str] = field(default_factory=list)
    acknowledged: set[str] = field(default_factory=set)
    surprises: list[str] = field(default_factory=list)


class NotAcknowledged(Exception):
    """The change was not made, or may not have been."""


class Writer:
    """One client of a hotel's staff, who never asks for the same twice."""

    def __init__(
        self, name: str, servers: Sequence[str], *, hotel: str, token: str, ledger: Ledger, random: Random
    ) -> None:
        """Describe a client; `servers` are the addresses of which it takes any, as a load balancer would."""
        self._name = name
        self._servers = servers
        self._hotel = hotel
        self._headers = {"Authorization": f"Token {token}"}
        self._ledger = ledger
        self._random = random
        self._offer_id: str | None = None

    async def run(self, until: asyncio.Event) -> None:
        """Change things until an event is set."""
        timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
        async with aiohttp.ClientSession(headers=self._headers, timeout=timeout) as session:
            number = 0
            while not until.is_set():
                number += 1
                await self._try(session, f"{self._name}-{number};")
                await asyncio.sleep(self._random.uniform(0, _LONGEST_PAUSE_SECONDS))

    async def _try(self, session: aiohttp.ClientSession, text: str) -> None:
        """Ask once for a change, at the first server that takes connections."""
        change = self._drawn_change()
        for server in self._random.sample(self._servers, len(self._servers)):
            try:
                await change(session, server, text)
            except aiohttp.ClientConnectorError:
                continue  # nothing was sent
            except (aiohttp.ClientError, OSError, TimeoutError, NotAcknowledged):
                pass
            else:
                self._ledger.acknowledged.add(text)
            self._ledger.attempted.append(text)
            return

    def _drawn_change(self) -> Callable[[aiohttp.ClientSession, str, str], Awaitable[None]]:
        if self._offer_id is None or self._random.random() < _SHARE_OF_NEW_OFFERS:
            return self._create
        return self._random.choice([self._update, self._change_settings, self._patch])

    async def _create(self, session: aiohttp.ClientSession, server: str, text: str) -> None:
        self._offer_id = (await self._execute(session, server, _CREATE, text=text))["id"]

    async def _update(self, session: aiohttp.ClientSession, server: str, text: str) -> None:
        assert self._offer_id is not None
        await self._execute(session, server, _UPDATE, text=text, id=self._offer_id)

    async def _change_settings(self, session: aiohttp.ClientSession, server: str, text: str) -> None:
        await self._execute(session, server, _SETTINGS, text=text)

    async def _patch(self, session: aiohttp.ClientSession, server: str, text: str) -> None:
        url = f"{server}/api/staff/hotel/{self._hotel}/offers/{self._offer_id}/"
        async with session.patch(url, json={"title": text}) as response:
            body = await response.text()
        if response.status != 200:
            # 503 is a database that is away.
            if response.status != 503:
                self._ledger.surprises.append(f"{self._name} was answered {response.status} {body}")
            raise NotAcknowledged

    async def _execute(
        self, session: aiohttp.ClientSession, server: str, query: str, **variables: str
    ) -> dict[str, Any]:
        body = {"query": query, "variables": variables}
        async with session.post(f"{server}/graphql", json=body) as response:
            answer = await response.json(content_type=None)
        errors = answer.get("errors", [])
        # A database that is away is INTERNAL.
        self._ledger.surprises += [
            f"{self._name} was answered {error}"
            for error in errors
            if error["extensions"]["code"] != "INTERNAL"
        ]
        if errors:
            raise NotAcknowledged
        done: dict[str, Any] = answer["data"]["done"]
        return done
