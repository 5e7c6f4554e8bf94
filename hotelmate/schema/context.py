"""What a GraphQL field's resolver is given: the caller, a session to read with, and transactions."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self, TypeVar

from hotelmate.database import Database, Reading, Transaction
from hotelmate.events.broker import Broker
from hotelmate.idempotency import outcomes
from hotelmate.idempotency.keys import KeyedRequest
from hotelmate.idempotency.outcomes import Outcome, Recorded
from hotelmate.identity.actors import Actor
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.identity.rights import Rights
from hotelmate.media.pictures import Pictures
from hotelmate.media.storage import Location
from hotelmate.models import Hotel
from hotelmate.resolvers.images import find_images, keep_image
from hotelmate.schema.loaders import Loaders
from hotelmate.schema.uploads import Upload
from hotelmate.settings import Settings
from hotelmate.sockets.addresses import network_of

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Services:
    """The parts of the application that GraphQL needs; built once."""

    settings: Settings
    database: Database
    broker: Broker
    rights: Rights
    guest_tokens: GuestTokens
    pictures: Pictures
    rates: Rates
    sessions: KnownSessions


class Context:
    """One GraphQL operation's view of the application; used in one worker thread, and closed at its end.

    Reads see one state of the database, and a new one after each transaction. A mutation that came with a key
    (`keyed`) makes each of its changes once, however often it comes.
    """

    def __init__(self, services: Services, actor: Actor, *, address: str | None = None) -> None:
        self.services = services
        self.actor = actor
        self.allowance = services.rates.of_address(address)
        self.address = "" if address is None else network_of(address)
        self.now = datetime.now(UTC)
        self.keyed: KeyedRequest | None = None
        self.has_replayed = False
        self._place = ""
        self._recorded: Recorded | None = None
        self._hotel: Hotel | None = None
        self._open = ExitStack()
        self._reading: Reading | None = None
        self._loaders: Loaders | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The session is told of an error, and makes it a refusal where the database is away.
        self._open.__exit__(kind, error, trace)

    @property
    def reading(self) -> Reading:
        """The session that fields read with."""
        if self._reading is None:
            self._reading = self._open.enter_context(self.services.database.reading())
        return self._reading

    @property
    def loaders(self) -> Loaders:
        """Loads for all rows of a list at once what each of them will ask for."""
        if self._loaders is None:
            self._loaders = Loaders(self.reading, self.now)
            if self._hotel is not None:
                # Read later, the hotel's cursor could already be past events that the answer does not show.
                self._loaders.expect_hotels([self._hotel])
        return self._loaders

    def begin_change(self, place: str) -> None:
        """Begin a field of a mutation, whose name in the response is `place`.

        It counts against the caller's rate unless it repeats a change under its key.

        Raises:
            RateLimited: the caller has changed too much.
            KeyReused: another request came with the key.
        """
        self._place, self._recorded = place, None
        try:
            if self.keyed is not None:
                self._recorded = outcomes.find(self.reading, self.keyed, place)
        finally:
            if self._recorded is None:
                self.allowance.spend_change(self.actor)

    def recorded(self, kind: type[Value]) -> Value | None:
        """Return what the operation returned the first time; None unless the field repeats it under its key.

        For fields that have work to do before they call `change`, which looks by itself.

        Raises:
            Conflict, NotFound: that is what came of it before.
        """
        return None if self._recorded is None else self._replay(self._recorded, kind)

    def change(self, kind: type[Value], operation: Callable[[Transaction], Value]) -> Value:
        """Make the field's change in a transaction of its own, and return what the operation returns.

        In the answer, the hotel and its cursor are as they were at the end of that transaction.

        Args:
            kind: the type of what the operation returns.
            operation: makes the change (`outcomes.make_once`).

        Raises:
            KeyReused: another request came with the key.
            BadUserInput: an anonymous caller's key is too short.
            Refused: what the operation raises, or has raised before.
        """
        repeated = self.recorded(kind)
        if repeated is not None:
            return repeated
        self._forget_what_was_read()
        database = self.services.database
        if self.keyed is not None:
            made = outcomes.make_once(database, self.keyed, self._place, operation)
            return self._replay(made, kind) if isinstance(made, Recorded) else self._answer_with(made)
        with database.transaction() as transaction:
            made = outcomes.make(transaction, operation)
        return self._answer_with(made)

    def _replay(self, recorded: Recorded, kind: type[Value]) -> Value:
        self.has_replayed = True
        return self._answer_with(recorded.outcome(kind))

    def _answer_with(self, outcome: Outcome[Value]) -> Value:
        self._forget_what_was_read()
        self._hotel = outcome.hotel
        return outcome.value

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open a transaction whatever the idempotency key; it is committed when the block ends."""
        self._forget_what_was_read()
        with self.services.database.transaction() as transaction:
            yield transaction

    def keep_image(self, upload: Upload, *, field: str) -> Location:
        """Store an uploaded picture. That takes a while, in which no session is open."""
        self._forget_what_was_read()
        # The variable can be used by several fields.
        upload.file.seek(0)
        pictures, allowance = self.services.pictures, self.allowance
        kept = keep_image(pictures, self.actor, upload.file, allowance=allowance, field=field)
        # What follows happens now, after whatever others have done in the meantime.
        self.now = datetime.now(UTC)
        return kept

    def find_images(self, urls: Mapping[str, str]) -> dict[str, Location]:
        """Look up pictures by url, with no session open; return those that this server stores, by url."""
        self._forget_what_was_read()
        return find_images(self.services.pictures, self.actor, urls)

    def _forget_what_was_read(self) -> None:
        self._open.close()
        self._reading = None
        self._loaders = None
        self._hotel = None
