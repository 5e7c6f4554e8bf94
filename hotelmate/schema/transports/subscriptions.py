"""Subscriptions: one execution for all who follow the same.

A subscription is a place in a hotel's stream and a selection of fields. Those who sent the same document with
the same variables, and may see the same, form a group (`groups`): an event is executed and encoded once for
all of them (`selections`).
"""

from collections.abc import Hashable
from contextvars import Context as Variables
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from graphql import FieldNode, GraphQLSchema, VariableNode, located_error
from graphql.execution import Executor, get_argument_values
from graphql.execution.collect_fields import FieldDetails, collect_fields
from graphql.pyutils import Path

from hotelmate.errors import Refused
from hotelmate.events.broker import Broker
from hotelmate.identity.actors import Actor
from hotelmate.resolvers.streams import EventSource
from hotelmate.schema.context import Context
from hotelmate.schema.transports.groups import Group, Member, Slices
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.operations import Operation, RequestError
from hotelmate.schema.transports.selections import AsGraphQL, Selection
from hotelmate.schema.transports.shares import Shares


class TooManySubscriptions(Refused):
    """The process, or an address, has as many different subscriptions as it may have."""

    code = "RATE_LIMITED"


@dataclass(frozen=True, slots=True)
class Subscription:
    """A subscription that has been checked and placed; `group` is equal for all who can share frames."""

    operation: Operation
    source: EventSource
    actor: Actor
    address: str
    group: Hashable


class Subscriptions:
    """Opens subscriptions, and puts who follows them into groups. A group lasts while somebody is in it."""

    def __init__(
        self,
        schema: GraphQLSchema,
        broker: Broker,
        as_graphql: AsGraphQL,
        limits: Limits,
        *,
        hide_suggestions: bool,
    ) -> None:
        assert schema.subscription_type is not None, "the schema has subscriptions"  # noqa: S101 - for mypy
        self._schema = schema
        self._root_type = schema.subscription_type
        self._broker = broker
        self._as_graphql = as_graphql
        self._limits = limits
        self._hide_suggestions = hide_suggestions
        self._groups: dict[Hashable, Group] = {}
        self._shares = Shares()
        self._slices = Slices()

    @property
    def followers(self) -> int:
        """How many subscriptions are being followed at present."""
        return sum(len(group) for group in self._groups.values())

    @property
    def groups(self) -> int:
        """How many different subscriptions those are."""
        return len(self._groups)

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
        group = _group_key(operation, field.node, source)
        return Subscription(operation, source, context.actor, context.address, group)

    def join(self, subscription: Subscription, member: Member) -> None:
        """Send a member what happens, until it leaves. Belongs on the event loop.

        When the subscription cannot go on, `member.fail` is called: the log was pruned past the member's
        place before it came to read.

        Raises:
            RequestError: it would be one more different subscription than there may be.
        """
        group = self._groups.get(subscription.group) or self._open(subscription)
        group.join(member, after=subscription.source.after)

    def _open(self, subscription: Subscription) -> Group:
        """Begin a group where the log stands now; who wants to begin before that catches up."""
        operation, source, address = subscription.operation, subscription.source, subscription.address
        text = operation.document.text
        self._require_room(address, text)
        # What it does it does for all members: not in the name of whoever happens to be the first.
        group = Variables().run(
            Group,
            Selection(self._schema, self._as_graphql, operation, source.select),
            self._broker,
            hotel_id=source.hotel_id,
            position=source.latest,
            unsent_bytes=self._limits.unsent_bytes,
            slices=self._slices,
            on_close=partial(self._forget, subscription.group, address, text),
        )
        self._groups[subscription.group] = group
        self._shares.add(address, text)
        return group

    def _forget(self, key: Hashable, address: str, text: str) -> None:
        del self._groups[key]
        self._shares.remove(address, text)

    def _require_room(self, address: str, text: str) -> None:
        limits = self._limits
        if not self._shares.of(address).has_room(
            text, groups=limits.groups_per_address, characters=limits.followed_characters_per_address
        ):
            refusal = TooManySubscriptions("Too many different subscriptions are followed from your address.")
            raise RequestError.of(refusal)
        if not self._shares.all.has_room(text, groups=limits.groups, characters=limits.followed_characters):
            refusal = TooManySubscriptions("The server follows too many different subscriptions.")
            raise RequestError.of(refusal)

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
            assert definition.subscribe is not None, "every subscription field has one"  # noqa: S101 - for mypy
            source: EventSource = definition.subscribe(None, info, **arguments)
        except Exception as error:
            raise RequestError([located_error(error, [field.node], path.as_list())]) from error
        return source


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
