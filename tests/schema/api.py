"""Carry out documents as the transports do: validated, executed whole, with a caller and a real database."""

import pathlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute_sync,
    located_error,
    parse,
    validate,
)
from graphql.execution import Executor, get_argument_values
from graphql.pyutils import Path
from pydantic import SecretStr
from sqlalchemy import event
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.events import log
from hotelmate.events.broker import Broker
from hotelmate.idempotency.keys import KeyedRequest
from hotelmate.identity.actors import Anonymous
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.identity.rights import Rights
from hotelmate.media.pictures import Pictures
from hotelmate.models import Booking, Hotel
from hotelmate.resolvers.streams import EventSource
from hotelmate.schema import build_schema
from hotelmate.schema.context import Context, Services
from hotelmate.schema.errors import formatted_errors
from hotelmate.schema.events import as_graphql
from hotelmate.schema.transports.callers import identify
from hotelmate.schema.uploads import Upload
from hotelmate.settings import CloudinarySettings, Settings
from tests.resolvers.steps import everything

ANNA = "Token demo-anna"
BEN = "Token demo-ben"
CARLA = "Token demo-carla"


class Api:
    """GraphQL on one database; a caller is named by what the Authorization header would be."""

    def __init__(
        self, database: Database, data_dir: pathlib.Path | None = None, **settings_of_its_own: Any
    ) -> None:
        self.database = database
        settings = Settings(
            data_dir=data_dir or pathlib.Path(database.url.database or "").parent,
            cloudinary=CloudinarySettings(url=None),
            secret_key=SecretStr("a secret for the tests"),
            public_url="https://hotelmate.example/",
            session_hours=2,
            **settings_of_its_own,
        )
        self.guest_tokens = GuestTokens(settings.derived_key("guest-tokens"))

        async def read_log(hotel_id: int, after: int, limit: int) -> list[log.Event]:
            return await database.read(lambda reading: log.read(reading, hotel_id, after=after, limit=limit))

        self._services = Services(
            settings,
            database,
            Broker(read_log),
            Rights(),
            self.guest_tokens,
            Pictures.of(settings),
            Rates.of(settings),
            KnownSessions(database),
        )

    def answer(
        self, document: str, caller: str | None = None, **variables: object
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Return the data, and the errors as clients see them."""
        return self.keyed(None, document, caller, **variables)

    def keyed(
        self, key: str | None, document: str, caller: str | None = None, **variables: object
    ) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Return the same of a document that was sent under a key."""
        parsed = _valid(document)
        files = {name: value.file for name, value in variables.items() if isinstance(value, Upload)}
        content = [document, {name: value for name, value in variables.items() if name not in files}]
        with self._context(caller) as context:
            if key is not None:
                context.keyed = KeyedRequest.of(context.actor, key, content, files)
            result = execute_sync(
                _schema(), parsed, context_value=context, variable_values=variables, check_sync=True
            )
        return result.data, formatted_errors(result.errors or [])

    def data(self, document: str, caller: str | None = None, **variables: object) -> dict[str, Any]:
        """Return the data of an operation that is not refused."""
        data, errors = self.answer(document, caller, **variables)
        assert errors == []
        assert data is not None
        return data

    def refusal(self, document: str, caller: str | None = None, **variables: object) -> dict[str, Any]:
        """Return the one error's `extensions`, having made sure that no row has changed; events are rows."""
        before = everything(self.database)
        _, errors = self.answer(document, caller, **variables)
        assert everything(self.database) == before
        (error,) = errors
        extensions: dict[str, Any] = error["extensions"]
        return extensions

    def source(self, document: str, caller: str | None = None, **variables: object) -> EventSource:
        """Return what the field of a subscription answers when it is asked to subscribe.

        Raises:
            GraphQLError: it is refused.
        """
        with self._context(caller) as context:
            executor: Any = Executor.build(
                _schema(), _valid(document), context_value=context, raw_variable_values=variables
            )
            if isinstance(executor, list):
                raise executor[0]
            node = _root_field(executor.operation)
            root = _schema().subscription_type
            assert root is not None
            field = root.fields[node.name.value]
            assert field.subscribe is not None
            path = Path(None, node.name.value, root.name)
            info = executor.build_resolve_info(field, [node], root, path)
            try:
                arguments = get_argument_values(field, node, executor.variable_values)
                source: EventSource = field.subscribe(None, info, **arguments)
            except Exception as error:
                raise located_error(error, [node], path.as_list()) from error
            return source

    def update(self, document: str, happened: log.Event, **variables: object) -> dict[str, Any]:
        """Return what a subscriber is sent for an event."""
        result = execute_sync(
            _schema(), _valid(document), as_graphql(happened), variable_values=variables, check_sync=True
        )
        assert result.errors is None
        assert result.data is not None
        return result.data

    def guest(self, reference: str) -> str:
        """Return the credentials of a booking's guest."""
        booking = self.booking(reference)
        return f"GuestToken {self.guest_tokens.issue(booking.reference, booking.guest_token_nonce)}"

    def booking(self, reference: str) -> Booking:
        with self.database.reading() as reading:
            return reading.exec(select(Booking).where(Booking.reference == reference)).one()

    def reference(self, guest_name: str, slug: str = "killarney") -> str:
        """Return the reference of the demo's booking in this name."""
        with self.database.reading() as reading:
            of_guest = select(Booking.reference).join(Hotel).where(Booking.guest_name == guest_name)
            return reading.exec(of_guest.where(Hotel.slug == slug)).one()

    def log(self, slug: str = "killarney") -> list[log.Event]:
        """Return all that the hotel's log holds."""
        with self.database.reading() as reading:
            hotel_id = reading.exec(select(Hotel.id).where(Hotel.slug == slug)).one()
            return log.read(reading, hotel_id, after=0, limit=1000)

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Fill the list with the statements that the block sends to the database."""
        sent: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_others: object) -> None:
            if not statement.startswith("BEGIN"):
                sent.append(statement)

        for engine in self.database.engines:
            event.listen(engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            for engine in self.database.engines:
                event.remove(engine, "before_cursor_execute", note)

    @contextmanager
    def _context(self, caller: str | None) -> Iterator[Context]:
        with Context(self._services, Anonymous()) as context:
            context.actor = identify(context, caller)
            yield context


@cache
def _schema() -> GraphQLSchema:
    return build_schema()._schema


def _valid(document: str) -> DocumentNode:
    parsed = parse(document)
    errors: list[GraphQLError] = validate(_schema(), parsed)
    assert errors == []
    return parsed


def _root_field(operation: OperationDefinitionNode) -> FieldNode:
    (node,) = operation.selection_set.selections
    assert isinstance(node, FieldNode)
    return node
