"""How fields with a resolver are declared: strawberry's way, with the types that its decorators forget."""

from collections.abc import Callable

import strawberry
from strawberry.types.field import StrawberryField

from hotelmate.resolvers.streams import EventSource
from hotelmate.schema.context import Context

Info = strawberry.Info[Context, None]


def field(description: str) -> Callable[[Callable[..., object]], StrawberryField]:
    """Declare a field of an object or of the query type."""

    def declare(resolver: Callable[..., object]) -> StrawberryField:
        return strawberry.field(resolver, description=description)

    return declare


def mutation(description: str) -> Callable[[Callable[..., object]], StrawberryField]:
    """Declare a field of the mutation type."""

    def declare(resolver: Callable[..., object]) -> StrawberryField:
        return strawberry.mutation(resolver, description=description)

    return declare


def subscription(
    event_type: object, description: str
) -> Callable[[Callable[..., EventSource]], StrawberryField]:
    """Declare a field of the subscription type.

    Strawberry expects a generator of the field's type. Ours answer with an `EventSource`, and name the type
    apart: the transports call a field's `subscribe`, follow the source that it returns, and execute the
    selection with `as_graphql(event)` as the root value, once for all who follow the same.
    """

    def declare(resolver: Callable[..., EventSource]) -> StrawberryField:
        return strawberry.subscription(resolver, graphql_type=event_type, description=description)

    return declare
