"""Carry out requests: each whole, in one worker thread, with nothing awaited inside."""

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass

import orjson
from graphql import GraphQLError, GraphQLSchema, OperationType, execute_sync

from hotelmate import deadlines
from hotelmate.errors import BadUserInput, QueryTooComplex
from hotelmate.idempotency import keys
from hotelmate.idempotency.keys import KeyedRequest
from hotelmate.identity.actors import Actor, Anonymous
from hotelmate.media.names import digests_in
from hotelmate.schema.context import Context, Services
from hotelmate.schema.errors import code_of, timed_out
from hotelmate.schema.transports.callers import identify
from hotelmate.schema.transports.documents import Documents
from hotelmate.schema.transports.guard import Guard, QueryLimits
from hotelmate.schema.transports.operations import (
    Operation,
    RequestError,
    encode_result,
    root_fields,
    select_operation,
)
from hotelmate.schema.transports.requests import BAD_REQUEST, GraphQLRequest, MalformedRequest
from hotelmate.schema.transports.subscriptions import Subscription, Subscriptions
from hotelmate.settings import Settings
from hotelmate.telemetry.operations import SEVERAL, SUCCESS, Measured, OperationMetrics
from hotelmate.telemetry.tracing import traced_operation

Identify = Callable[[Context], Actor]
"""Says who calls; may read with the operation's own session."""

ALL_KINDS = frozenset(OperationType)
# Of all fields without files, the one whose arguments can be addresses of pictures of ours.
_NAMES_IMAGES = "updateSettings"


class KindNotAllowed(Exception):
    """The transport does not carry out operations of this kind, and nothing was executed."""

    def __init__(self, kind: OperationType) -> None:
        super().__init__(kind)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a query or mutation, as JSON with `data` and perhaps `errors`."""

    payload: bytes
    code: str = SUCCESS
    """That of its first error."""

    is_replay: bool = False
    """Whether something of it was done before, under the same key."""


class Engine:
    """Turns requests into answers, and subscriptions into something to follow."""

    def __init__(
        self,
        schema: GraphQLSchema,
        services: Services,
        subscriptions: Subscriptions,
        metrics: OperationMetrics,
    ) -> None:
        self._schema = schema
        self._metrics = metrics
        self._services = services
        self._subscriptions = subscriptions
        self._guard = Guard(schema, _query_limits(services.settings))
        introspection = services.settings.introspection
        self._documents = Documents(schema, self._guard, introspection=introspection)
        self._hide_suggestions = not introspection

    async def identify(self, credentials: str | None) -> Actor:
        """Return whoever the credentials name.

        Raises:
            Unavailable: that cannot be found out at present.
        """

        def work() -> Actor:
            with Context(self._services, Anonymous()) as context:
                return identify(context, credentials)

        with deadlines.limited(self._services.settings.operation_seconds):
            return await self._services.database.run(work)

    async def perform(
        self,
        request: GraphQLRequest,
        identify: Identify,
        *,
        address: str | None,
        allowed: frozenset[OperationType] = ALL_KINDS,
        last_event_id: str | None = None,
    ) -> Answer | Subscription:
        """Carry out a request in a worker thread, within the time that an operation has.

        Args:
            request: what to carry out.
            identify: names the caller.
            address: where the caller is.
            allowed: the kinds of operation that the transport can answer.
            last_event_id: for a subscription, what takes the place of its argument `after`.

        Raises:
            RequestError: the request cannot be carried out; there is no data.
            MalformedRequest: its files cannot be where it wants them.
            KindNotAllowed: it is well, but not for this transport.
            TimedOut: it took too long; a mutation has changed nothing.
            OutcomeUnknown: a mutation took too long, and may still be carried out.
        """
        began = time.perf_counter()

        def work() -> Answer | Subscription:
            with self._metrics.operation(began=began) as measured, traced_operation(measured):
                try:
                    return self._perform(
                        request,
                        identify,
                        measured,
                        address=address,
                        allowed=allowed,
                        last_event_id=last_event_id,
                    )
                except Exception as error:
                    measured.code = _code(error)
                    raise

        run = self._services.pictures.run if _asks_the_store(request) else self._services.database.run
        with deadlines.limited(self._services.settings.operation_seconds):
            return await run(work)

    def _perform(
        self,
        request: GraphQLRequest,
        identify: Identify,
        measured: Measured,
        *,
        address: str | None,
        allowed: frozenset[OperationType],
        last_event_id: str | None,
    ) -> Answer | Subscription:
        operation = self._select(request)
        measured.kind = operation.kind.value
        measured.field = _only(root_fields(operation))
        if operation.kind not in allowed:
            raise KindNotAllowed(operation.kind)
        with Context(self._services, Anonymous(), address=address) as context:
            context.actor = identify(context)
            if operation.kind is OperationType.SUBSCRIPTION:
                return self._subscriptions.create(operation, context, last_event_id=last_event_id)
            if operation.kind is OperationType.MUTATION:
                context.keyed = _keyed(request, context.actor)
            answer = self._execute(operation, context)
        measured.code = answer.code
        return answer

    def _select(self, request: GraphQLRequest) -> Operation:
        document = self._documents.get(request.query)
        operation = select_operation(document, request)
        if document.cost_varies:
            try:
                self._guard.check_cost(document.node, operation.definition, operation.variables)
            except QueryTooComplex as refusal:
                raise RequestError.of(refusal) from refusal
        return operation

    def _execute(self, operation: Operation, context: Context) -> Answer:
        result = execute_sync(
            self._schema,
            operation.document.node,
            context_value=context,
            variable_values=operation.variables,
            operation_name=operation.name,
            check_sync=False,
            hide_suggestions=self._hide_suggestions,
        )
        errors = result.errors or []
        if any(isinstance(error.original_error, RecursionError) for error in errors):
            raise RequestError([GraphQLError("The document is nested too deeply.")])
        # Of a mutation the errors say which of its fields were carried out; a query is whole or not at all.
        if operation.kind is OperationType.QUERY and (cut_off := timed_out(errors)):
            raise cut_off
        # An error without a path is not a field's: the operation has not been executed.
        if result.data is None and not any(error.path for error in errors):
            raise RequestError(errors)
        code = code_of(errors[0]) if errors else SUCCESS
        return Answer(encode_result(result), code, is_replay=context.has_replayed)


def _keyed(request: GraphQLRequest, actor: Actor) -> KeyedRequest | None:
    if request.idempotency_key is None:
        return None
    content = [request.query, request.operation_name, request.variables]
    files = {name: upload.file for name, upload in request.files.items()}
    try:
        return KeyedRequest.of(actor, keys.parse(request.idempotency_key), content, files)
    except BadUserInput as refusal:
        raise RequestError.of(refusal) from refusal


def _only(names: Collection[str]) -> str:
    return next(iter(names)) if len(names) == 1 else SEVERAL


def _code(error: Exception) -> str:
    match error:
        case RequestError(errors=[first, *_]):
            return code_of(first)
        case MalformedRequest() | KindNotAllowed():
            return BAD_REQUEST
        case _:
            return code_of(error)


def _asks_the_store(request: GraphQLRequest) -> bool:
    """Whether it may wait for the store of pictures: files go there, and addresses are looked for there."""
    if request.files:
        return True
    return _NAMES_IMAGES in request.query and bool(
        digests_in(request.query) or digests_in(orjson.dumps(request.variables).decode())
    )


def _query_limits(settings: Settings) -> QueryLimits:
    return QueryLimits(
        tokens=settings.query_tokens,
        depth=settings.query_depth,
        aliases=settings.query_aliases,
        root_fields=settings.query_root_fields,
        cost=settings.query_cost,
    )
