"""What a group asks of every event: executed and encoded once, whoever is sent it."""

from collections.abc import Callable

from graphql import ExecutionResult, GraphQLError, GraphQLSchema, execute_sync

from hotelmate.events.log import Event
from hotelmate.resolvers.streams import Select
from hotelmate.schema.transports.operations import Operation, encode_result

AsGraphQL = Callable[[Event], object]
"""Returns the object that a subscription's root field resolves to for an event."""

# What is more than this is executed anew for whoever comes to it late. There can be ten thousand groups.
_REMEMBERED_EVENTS = 64
_REMEMBERED_BYTES = 32 * 1024


class Selection:
    """An operation, and which events it is for. An event holds all it says: executing one reads nothing."""

    def __init__(
        self, schema: GraphQLSchema, as_graphql: AsGraphQL, operation: Operation, select: Select
    ) -> None:
        self._schema = schema
        self._as_graphql = as_graphql
        self._operation = operation
        self._select = select
        self._payloads: dict[int, bytes | None] = {}
        self._remembered_bytes = 0

    def payload(self, event: Event) -> bytes | None:
        """Return the result of executing the event, as JSON; None when it is not for these followers.

        Nothing raises: whatever goes wrong is this event's error, and the next event goes on.
        """
        if event.seq in self._payloads:
            return self._payloads[event.seq]
        payload = self._execute(event)
        self._remember(event.seq, payload)
        return payload

    def _remember(self, seq: int, payload: bytes | None) -> None:
        self._payloads[seq] = payload
        self._remembered_bytes += len(payload or b"")
        while len(self._payloads) > _REMEMBERED_EVENTS or self._remembered_bytes > _REMEMBERED_BYTES:
            forgotten = self._payloads.pop(next(iter(self._payloads)))
            self._remembered_bytes -= len(forgotten or b"")

    def _execute(self, event: Event) -> bytes | None:
        try:
            seen = self._select(event)
            return None if seen is None else encode_result(self._result(seen))
        except Exception as error:  # noqa: BLE001 - logged where it becomes an error of the response
            return encode_result(ExecutionResult(None, [GraphQLError(str(error), original_error=error)]))

    def _result(self, seen: Event) -> ExecutionResult:
        return execute_sync(
            self._schema,
            self._operation.document.node,
            self._as_graphql(seen),
            variable_values=self._operation.variables,
            operation_name=self._operation.name,
            check_sync=False,
        )
