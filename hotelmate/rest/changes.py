"""Changes that requests ask for, each made once however often it comes under the same key."""

from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from starlette.requests import Request

from hotelmate.database import Database, Transaction
from hotelmate.idempotency import keys, outcomes
from hotelmate.idempotency.keys import KeyedRequest
from hotelmate.idempotency.outcomes import Outcome, Recorded
from hotelmate.identity.actors import Actor
from hotelmate.rest.bodies import Body

Value = TypeVar("Value")

# A request asks for one change.
_PLACE = ""


class Changes:
    """Makes the changes that requests ask for."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(
        self, request: Request, actor: Actor, kind: type[Value], body: Body | None = None
    ) -> "Change[Value]":
        """Find out what came of a request before, if it has a key.

        Args:
            request: what asks for a change.
            actor: the caller.
            kind: what the operation returns that makes it (`outcomes.make_once`).
            body: the request's, unless it has none that matters.

        Raises:
            BadUserInput: the key cannot be one.
            Conflict, NotFound: that is what came of it before, or the key came with something else.
        """
        sent = request.headers.get(keys.HEADER)
        if sent is None:
            return Change(request, self._database, kind)
        key, body = keys.parse(sent), body or Body({})

        def look() -> Change[Value]:
            path = request.url.path.rstrip("/")
            keyed = KeyedRequest.of(actor, key, [request.method, path, body.fields], body.files)
            change = Change(request, self._database, kind, keyed)
            with self._database.reading() as reading:
                recorded = outcomes.find(reading, keyed, _PLACE)
            if recorded is not None:
                change.made = change.replayed(recorded)
            return change

        return await self._database.run(look)


class Change(Generic[Value]):
    """A change that one request asks for. What came of it before is `made`, and else it is None."""

    def __init__(
        self, request: Request, database: Database, kind: type[Value], keyed: KeyedRequest | None = None
    ) -> None:
        self._request = request
        self._database = database
        self._kind = kind
        self._keyed = keyed
        self.made: Outcome[Value] | None = None

    async def make(self, operation: Callable[[Transaction], Value]) -> Outcome[Value]:
        """Make the change in a transaction of its own, unless it was made before.

        Raises:
            Conflict, NotFound: that is what came of it before, or the key came with something else.
        """
        if self.made is not None:
            return self.made
        if self._keyed is None:
            return await self._database.write(partial(outcomes.make, operation=operation))
        keyed = self._keyed
        made = await self._database.run(partial(outcomes.make_once, self._database, keyed, _PLACE, operation))
        return self.replayed(made) if isinstance(made, Recorded) else made

    def replayed(self, recorded: Recorded) -> Outcome[Value]:
        """Return what came of it before, and have the answer say so."""
        self._request.state.is_replay = True
        return recorded.outcome(self._kind)
