"""The schema: what the domains bring, put together."""

from collections.abc import Mapping
from functools import wraps
from typing import Any

import strawberry
from graphql import (
    GraphQLFieldResolver,
    GraphQLResolveInfo,
    GraphQLSchema,
    Undefined,
    introspection_from_schema,
    is_object_type,
)
from strawberry.schema.config import StrawberryConfig

from hotelmate.schema.accounts import AccountMutations, AccountQueries
from hotelmate.schema.audit import AuditQueries
from hotelmate.schema.booking_life import BookingMutations
from hotelmate.schema.bookings import BookingQueries
from hotelmate.schema.clocking import ClockingMutations, ClockingQueries
from hotelmate.schema.context import Context
from hotelmate.schema.delivery import DeliveryMutations, DeliveryQueries
from hotelmate.schema.events import EventQueries
from hotelmate.schema.gallery import GalleryMutations
from hotelmate.schema.hotels import HotelQueries, SettingsMutations
from hotelmate.schema.offers import OfferMutations, OfferQueries
from hotelmate.schema.rooms import RoomQueries, RoomTypeMutations
from hotelmate.schema.scalars import SCALARS
from hotelmate.schema.streams import Subscription


@strawberry.type
class Query(
    AccountQueries,
    HotelQueries,
    OfferQueries,
    BookingQueries,
    ClockingQueries,
    RoomQueries,
    EventQueries,
    DeliveryQueries,
    AuditQueries,
):
    pass


@strawberry.type
class Mutation(
    AccountMutations,
    ClockingMutations,
    OfferMutations,
    SettingsMutations,
    GalleryMutations,
    RoomTypeMutations,
    BookingMutations,
    DeliveryMutations,
):
    pass


def build_schema() -> strawberry.Schema:
    """Return the schema that the transports execute."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        config=StrawberryConfig(scalar_map=SCALARS),
    )
    _leave_out_null_defaults(schema._schema)
    _count_changes(schema._schema)
    return schema


def sdl() -> str:
    """Return the schema in GraphQL's own language, as `schema.graphql` holds it."""
    return build_schema().as_str()


def introspection() -> Mapping[str, Any]:
    """Return the schema as the answer to an introspection query, which tools that make code begin with."""
    return introspection_from_schema(build_schema()._schema)


def _leave_out_null_defaults(schema: GraphQLSchema) -> None:
    """Let an argument that may be left out have no default, rather than the null that Python has for it."""
    for type_ in schema.type_map.values():
        if is_object_type(type_):
            for field in type_.fields.values():
                for argument in field.args.values():
                    if argument.default_value is None:
                        argument.default_value = Undefined


def _count_changes(schema: GraphQLSchema) -> None:
    """Have each field of a mutation count as a change of its caller's, however many one document has."""
    assert schema.mutation_type is not None, "there are mutations"  # noqa: S101 - for mypy
    for field in schema.mutation_type.fields.values():
        assert field.resolve is not None, "every mutation does something"  # noqa: S101 - for mypy
        field.resolve = _counted(field.resolve)


def _counted(resolve: GraphQLFieldResolver) -> GraphQLFieldResolver:
    @wraps(resolve)
    def counted(root: object, info: GraphQLResolveInfo[Context], **arguments: object) -> object:
        info.context.begin_change(str(info.path.key))
        return resolve(root, info, **arguments)

    return counted
