"""Subscriptions: one execution for all who follow the same.

A subscription is a place in a hotel's stream and a selection of fields. Those who sent the same document with
the same variables, and may see the same, form a group: an event is executed and encoded once for all of them.
An event holds all it says, so executing one reads nothing and is done on the event loop.
"""

from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    VariableNode,
    execute_sync,
    located_error,
)
from graphql.execution import Executor, get_argument_values
from graphql.execution.collect_fields import FieldDetails, collect_fields
from graphql.pyutils import Path

from hotelmate.errors import Refused
from hotelmate.events.broker import Broker
from hotelmate.events.log import Event
from hotelmate.identity.actors import Actor
from hotelmate.resolvers.streams import EventSource
from hotelmate.schema.context import Context
from hotelmate.schema.transports.operations import Operation, RequestError, encode_result

AsGraphQL = Callable[[Event], object]
"""Returns the object that a subscription's root field resolves to for an event."""

# A burst longer than this is executed anew for whoever comes to it late.
_REMEMBERED_EVENTS = 64


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription that has been checked and placed; `group` is equal for all who can share frames."""

    operation: Operation
    source: EventSource
    actor: Actor
    group: Hashable


class Update(NamedTuple):
    """What a subscriber is sent for one event: the result as JSON, and the cursor just after the event."""

    payload: bytes
    cursor: str


class Subscriptions:
    """Opens subscriptions, and follows them. A group lasts as long as somebody is in it."""

    def __init__(
        self, schema: GraphQLSchema, broker: Broker, as_graphql: AsGraphQL, *, hide_suggestions: bool
    ) -> None:
        assert schema.subscription_type is not None, "the schema has subscriptions"  # noqa: S101
        self._schema = schema
        self._root_type = schema.subscription_type
        self._broker = broker
        self._as_graphql = as_graphql
        self._hide_suggestions = hide_suggestions
        self._groups: WeakValueDictionary[Hashable, Group] = WeakValueDictionary()

    def create(
        self, operation: Operation, context: Context, *, last_event_id: str | None = None
    ) -> Subscription:
        """Find out what the operation follows, and from where. Belongs in a worker thread, since it reads.

        Raises:
            RequestError: the field refused, or its arguments are wrong.
        """
        executor = Executor.build(
            self._schema,
            operation.document.node,
            context_value=context,
            raw_variable_values=operation.variables,
            operation_name=operation.name,
            hide_suggestions=self._hide_suggestions,
        )
        if isinstance(executor, list):
            raise RequestError(executor)
        name, field = self._root_field(executor)
        source = self._event_source(executor, name, field, last_event_id)
        return Subscription(operation, source, context.actor, _group_key(operation, field.node, source))

    async def follow(self, subscription: Subscription) -> AsyncGenerator[Update, None]:
        """Yield an update for each event that the subscriber is to see, for ever. Belongs on the event loop.

        Raises:
            RequestError: the log was pruned past this subscriber's place before it came to read.
        """
        group = self._groups.get(subscription.group)
        if group is None:
            group = Group(self._schema, self._as_graphql, subscription)
            self._groups[subscription.group] = group
        source = subscription.source
        with self._broker.subscribe(source.hotel_id, after=source.after) as stream:
            async with aclosing(stream) as events:
                try:
                    async for event in events:
                        payload = group.payload(event)
                        if payload is not None:
                            yield Update(payload, event.cursor)
                except Refused as refusal:
                    raise RequestError.of(refusal) from refusal

    def _root_field(self, executor: Executor[Any]) -> tuple[str, FieldDetails]:
        """Return the operation's field, with its name in the response; validation lets there be no other."""
        collected = collect_fields(
            self._schema,
            executor.fragments,
            executor.variable_values,
            self._root_type,
            executor.operation,
            executor.hide_suggestions,
        )
        ((name, (field, *_)),) = collected.grouped_field_set.items()
        return name, field

    def _event_source(
        self, executor: Executor[Any], name: str, field: FieldDetails, last_event_id: str | None
    ) -> EventSource:
        """Call the field's `subscribe`, which gives an EventSource where graphql-core expects an iterator.

        Source: the GraphQL specification, "CreateSourceEventStream" and "ResolveFieldEventStream".
        """
        definition = self._root_type.fields[field.node.name.value]
        path = Path(None, name, self._root_type.name)
        info = executor.build_resolve_info(definition, [field.node], self._root_type, path)
        try:
            arguments = get_argument_values(definition, field.node, executor.variable_values)
            if last_event_id is not None:
                arguments["after"] = last_event_id
            assert definition.subscribe is not None, "every subscription field has one"  # noqa: S101
            source: EventSource = definition.subscribe(None, info, **arguments)
        except Exception as error:
            raise RequestError([located_error(error, [field.node], path.as_list())]) from error
        return source


class Group:
    """Everybody who follows the same in the same words."""

    def __init__(self, schema: GraphQLSchema, as_graphql: AsGraphQL, subscription: Subscription) -> None:
        self._schema = schema
        self._as_graphql = as_graphql
        self._operation = subscription.operation
        self._select = subscription.source.select
        self._payloads: dict[int, bytes | None] = {}

    def payload(self, event: Event) -> bytes | None:
        """Return the result of executing the event, as JSON; None when it is not for this group."""
        if event.seq not in self._payloads:
            self._payloads[event.seq] = self._execute(event)
            if len(self._payloads) > _REMEMBERED_EVENTS:
                del self._payloads[next(iter(self._payloads))]
        return self._payloads[event.seq]

    def _execute(self, event: Event) -> bytes | None:
        seen = self._select(event)
        if seen is None:
            return None
        return encode_result(self._result(seen))

    def _result(self, event: Event) -> ExecutionResult:
        try:
            root_value = self._as_graphql(event)
        except Exception as error:  # noqa: BLE001 - told as this event's error; the next event goes on
            return ExecutionResult(None, [GraphQLError(str(error), original_error=error)])
        return execute_sync(
            self._schema,
            self._operation.document.node,
            root_value,
            variable_values=self._operation.variables,
            operation_name=self._operation.name,
            check_sync=False,
        )


def _group_key(operation: Operation, field: FieldNode, source: EventSource) -> Hashable:
    """What two subscribers have in common when they are sent the same: not where each of them begins."""
    cursor_variable = _variable_of_after(operation, field)
    declared = {node.variable.name.value for node in operation.definition.variable_definitions or ()}
    variables = {
        name: value
        for name, value in operation.variables.items()
        if name in declared and name != cursor_variable
    }
    values = orjson.dumps(variables, option=orjson.OPT_SORT_KEYS)
    return operation.document.text, operation.name, values, source.hotel_id, source.audience


def _variable_of_after(operation: Operation, field: FieldNode) -> str | None:
    """Return the variable that gives `after` and nothing else; None when there is no such variable."""
    for argument in field.arguments or ():
        if argument.name.value == "after" and isinstance(argument.value, VariableNode):
            name = argument.value.name.value
            return name if name in operation.document.used_once else None
    return None
