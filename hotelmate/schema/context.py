"""What resolvers of GraphQL fields have at hand: the caller, a session to read with, and transactions."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from hotelmate.database import Database, Reading, Transaction
from hotelmate.events.broker import Broker
from hotelmate.identity.actors import Actor
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.identity.rights import Rights
from hotelmate.media.pictures import Pictures
from hotelmate.media.storage import Location
from hotelmate.resolvers.images import find_images, keep_image
from hotelmate.schema.loaders import Loaders
from hotelmate.schema.uploads import Upload
from hotelmate.settings import Settings


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

    Reads see one state of the database, and a new one after each transaction.
    """

    def __init__(self, services: Services, actor: Actor, *, address: str | None = None) -> None:
        self.services = services
        self.actor = actor
        self.allowance = services.rates.of_address(address)
        self.now = datetime.now(UTC)
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
        return self._loaders

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Open the transaction of one mutation field; it is committed when the block ends."""
        self._forget_what_was_read()
        with self.services.database.transaction() as transaction:
            yield transaction

    def keep_image(self, upload: Upload, *, field: str) -> Location:
        """Store an uploaded picture, with no session open for as long as that takes."""
        self._forget_what_was_read()
        # The variable can be used by several fields.
        upload.file.seek(0)
        pictures, allowance = self.services.pictures, self.allowance
        kept = keep_image(pictures, self.actor, upload.file, allowance=allowance, field=field)
        # What comes of it happens after what others have done in the meantime.
        self.now = datetime.now(UTC)
        return kept

    def find_images(self, urls: Mapping[str, str]) -> dict[str, Location]:
        """Return by url the pictures of ours among those that fields name, with no session open meanwhile."""
        self._forget_what_was_read()
        return find_images(self.services.pictures, self.actor, urls)

    def _forget_what_was_read(self) -> None:
        self._open.close()
        self._reading = None
        self._loaders = None
