"""How much a schema has to answer about itself.

The rules of graphql-core bound how often its lists are nested, and nothing bounds how much is asked of what
is in them: of a schema of eighty types, a thousand characters can ask for megabytes.

Source: the GraphQL specification, "Schema Introspection".
"""

from collections.abc import Collection, Iterable, Mapping, Sized

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_introspection_query,
    parse,
)

ListSizes = Mapping[tuple[str, str], int]
"""To the name of a type and of one of its fields, how long the list there can be; 1 at least."""


def list_sizes(schema: GraphQLSchema) -> ListSizes:
    """Return how long the lists are that the schema answers with about itself.

    A list of each type's is taken to be as long as the longest one, since the client may choose the type.
    That would count too much where all types are listed with their fields. So the list of all types is taken
    to be shorter than it is: times the longest list of fields, it comes to the number of fields that there
    are.
    """
    types = schema.type_map.values()
    fields = [
        list(t.fields.values()) for t in types if isinstance(t, GraphQLObjectType | GraphQLInterfaceType)
    ]
    inputs = [t.fields for t in types if isinstance(t, GraphQLInputObjectType)]
    most_fields = _most(fields)
    return {
        ("__Schema", "types"): _rounded_up(sum(map(len, fields)), most_fields),
        ("__Schema", "directives"): len(schema.directives),
        ("__Type", "fields"): most_fields,
        ("__Type", "inputFields"): _most(inputs),
        ("__Type", "enumValues"): _most(t.values for t in types if isinstance(t, GraphQLEnumType)),
        ("__Field", "args"): max((_arguments_of_each(listed) for listed in fields), default=1),
    }


def what_tools_ask() -> DocumentNode:
    """Return the query by which tools learn the whole of a schema."""
    return parse(get_introspection_query(specified_by_url=True, input_value_deprecation=True))


def _arguments_of_each(fields: Collection[GraphQLField]) -> int:
    return _rounded_up(sum(len(field.args) for field in fields), len(fields))


def _most(lists: Iterable[Sized]) -> int:
    return max(map(len, lists), default=1)


def _rounded_up(whole: int, part: int) -> int:
    return max(1, -(-whole // part))
