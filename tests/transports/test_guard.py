"""What a document may ask for, and that finding out takes no longer than the document is long."""

import math
from dataclasses import replace
from typing import Any

import pytest
from graphql import (
    GraphQLSchema,
    GraphQLSyntaxError,
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
)

from hotelmate.errors import QueryTooComplex
from hotelmate.schema import build_schema as hotelmate_schema
from hotelmate.schema.transports.guard import Guard, QueryLimits

SCHEMA = build_schema("""
    type Query {
        hotel: Hotel, hotels(first: Int): Hotels!, log(first: Int): [Event!]!, me: String
    }
    type Hotels { edges: [Edge!]! }
    type Edge { node: Hotel! }
    type Hotel { id: ID!, name: String, rooms: [Room!]!, tags: [String!]! }
    type Room { id: ID!, hotel: Hotel! }
    interface Event { id: ID! }
    type Arrived implements Event { id: ID!, guest: String, room: Room }
    type Left implements Event { id: ID!, bill: Int }
""")
LIMITS = QueryLimits(tokens=2_000, depth=12, aliases=30, root_fields=20, cost=20_000)


def check(
    text: str, variables: dict[str, Any] | None = None, *, on: GraphQLSchema = SCHEMA, **limits: int
) -> None:
    """Do all that is done before an operation is executed."""
    guard = Guard(on, replace(LIMITS, **limits))
    document = guard.parse(text)
    if guard.check(document):
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        guard.check_cost(document, operation, variables or {})


def chain(length: int, *, spreads: int) -> str:
    """Fragments that each spread the next so many times, as is done to hold up servers that walk them all."""
    links = [f"fragment f{n} on Hotel {{ {f'...f{n + 1} ' * spreads} }}" for n in range(length)]
    return " ".join(["{ hotel { ...f0 } }", *links, f"fragment f{length} on Hotel {{ id }}"])


@pytest.mark.parametrize(
    ("text", "variables", "cost"),
    [
        ("{ me }", {}, 1),
        ("{ hotel { id name } }", {}, 3),
        ("{ hotel { rooms { id } } }", {}, 12),
        ("{ hotel { tags } }", {}, 2),
        ("{ hotels(first: 3) { edges { node { id } } } }", {}, 10),
        ("{ hotels(first: 3) { edges { node { rooms { id } } } } }", {}, 40),
        ("query ($n: Int) { hotels(first: $n) { edges { node { id } } } }", {"n": 5}, 16),
        # GraphQL's Int takes it for 5.
        ("query ($n: Int) { hotels(first: $n) { edges { node { id } } } }", {"n": 5.0}, 16),
        ("query ($n: Int = 2) { hotels(first: $n) { edges { node { id } } } }", {}, 7),
        ("query ($n: Int = 2) { hotels(first: $n) { edges { node { id } } } }", {"n": 5}, 16),
        # Of what an event may be it is one: the arrival, which asks for more.
        ("{ log(first: 10) { id ... on Arrived { guest room { id } } ... on Left { bill } } }", {}, 41),
        ("{ hotel { ...a ...a } } fragment a on Hotel { id name }", {}, 5),
        ("{ hotels(first: 4) { ...p } } fragment p on Hotels { edges { node { id } } }", {}, 13),
    ],
)
def test_a_document_costs_the_fields_that_may_be_answered(
    text: str, variables: dict[str, Any], cost: int
) -> None:
    check(text, variables, cost=cost)
    with pytest.raises(QueryTooComplex, match=f"{cost} fields; at most {cost - 1}"):
        check(text, variables, cost=cost - 1)


@pytest.mark.parametrize(
    "text",
    [
        "{ hotels { edges { node { slug } } } }",
        "query ($n: Int) { hotels(first: $n) { edges { node { slug } } } }",
    ],
)
def test_a_page_is_as_long_as_it_is_when_nothing_is_said(text: str) -> None:
    """By the contract, 20 hotels."""
    on = hotelmate_schema()._schema
    check(text, on=on, cost=61)
    with pytest.raises(QueryTooComplex, match="61 fields"):
        check(text, on=on, cost=60)


@pytest.mark.parametrize(
    ("limits", "within", "beyond"),
    [
        ({"depth": 3}, "{ hotel { rooms { id } } }", "{ hotel { rooms { hotel { id } } } }"),
        (
            {"depth": 3},
            "{ hotel { ...a } } fragment a on Hotel { rooms { id } }",
            "{ hotel { ...a } } fragment a on Hotel { rooms { ...b } } fragment b on Room { hotel { id } }",
        ),
        ({"aliases": 2}, "{ a: me b: me }", "{ a: me b: me c: me }"),
        (
            {"aliases": 2},
            "{ hotel { ...a } } fragment a on Hotel { x: id y: id }",
            "{ hotel { ...a ...a } } fragment a on Hotel { x: id y: id }",
        ),
        ({"root_fields": 2}, "{ me hotel { id name } }", "{ me a: me b: me }"),
        (
            {"root_fields": 2},
            "{ ...a } fragment a on Query { me }",
            "{ ...a me ... { me } } fragment a on Query { me }",
        ),
        ({"tokens": 100}, "{ hotel { " + "id " * 95 + "} }", "{ hotel { " + "id " * 96 + "} }"),
    ],
)
def test_each_limit_is_where_it_was_set(limits: dict[str, int], within: str, beyond: str) -> None:
    check(within, **limits)
    with pytest.raises(QueryTooComplex):
        check(beyond, **limits)


@pytest.mark.parametrize("length", [40, 150])
def test_each_fragment_is_entered_once(length: int) -> None:
    """Entered at each spread, they would take until the end of the world."""
    with pytest.raises(QueryTooComplex, match="may answer with 1000000000 fields"):
        check(chain(length, spreads=2))
    check(chain(length, spreads=1))


@pytest.mark.parametrize(
    "text",
    [
        "{ hotel { " + "name " * 250 + "} }",
        "{ hotel { " + "... { name } " * 250 + "} }",
        "{ hotel { "
        + " ".join(f"...f{n}" for n in range(120))
        + " } } "
        + " ".join(f"fragment f{n} on Hotel {{ name }}" for n in range(120)),
        "{ " + " ".join(f"a{n}: hotel {{ {'name ' * 60} }}" for n in range(15)) + " }",
    ],
)
def test_what_takes_validation_long_does_not_come_to_it(text: str) -> None:
    with pytest.raises(QueryTooComplex, match="side by side"):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "{ hotel { ...a } } fragment a on Hotel { ...b } fragment b on Hotel { ...a }",
        "{ hotel { ...a } } fragment a on Hotel { rooms { hotel { ...a } } }",
        "{ nothing { of: this { exists } } ... on Nothing { at } ...all }",
        "fragment a on Nothing { b }",
        "subscription { a }",
    ],
)
def test_what_is_not_valid_is_left_to_validation(text: str) -> None:
    check(text)


def test_numbers_of_any_length_are_too_much() -> None:
    with pytest.raises(QueryTooComplex):
        check(f"{{ hotels(first: {'9' * 5_000}) {{ edges {{ node {{ rooms {{ id }} }} }} }} }}")
    with pytest.raises(QueryTooComplex):
        check("query ($n: Int) { hotels(first: $n) { edges { node { id } } } }", {"n": 10**400})
    with pytest.raises(QueryTooComplex):
        check("query ($n: Int) { hotels(first: $n) { edges { node { id } } } }", {"n": math.inf})


@pytest.mark.parametrize("size", ["many", 1.5, None, [], -1])
def test_a_size_that_is_none_is_left_to_execution(size: Any) -> None:
    check("query ($n: Int) { hotels(first: $n) { edges { node { id } } } }", {"n": size})


def test_the_schema_can_be_asked_for_as_deep_as_tools_do() -> None:
    check(get_introspection_query(input_value_deprecation=True, specified_by_url=True), depth=1)


@pytest.mark.parametrize(
    "text",
    [
        # The whole of it, three times.
        "{ a: __schema { ...s } b: __schema { ...s } c: __schema { ...s } }",
        # The fields of the types of its fields.
        "{ __schema { types { fields { type { fields { args { type { ...t } } } } } } } }",
        # Those of the longest type, over and over.
        f'{{ {" ".join(f"""q{n}: __type(name: "Query") {{ ...q }}""" for n in range(20))} }}'
        " fragment q on __Type { fields { type { fields { args { type { ...t } } type { ...t } } } } }",
    ],
)
def test_the_schema_answers_little_more_than_the_whole_of_it(text: str) -> None:
    whole = get_introspection_query()
    fragments = whole[whole.index("fragment FullType") :].replace("TypeRef", "t")
    schema = "fragment s on __Schema { types { ...FullType } }"
    check(f"{{ __schema {{ ...s }} }} {schema} {fragments}")
    with pytest.raises(QueryTooComplex, match="too much about the schema"):
        check(f"{text} {schema} {fragments}")


def test_what_is_no_document_is_a_mistake_of_syntax() -> None:
    with pytest.raises(GraphQLSyntaxError):
        check("{ me")


def test_what_is_nested_beyond_reading_is_too_complex() -> None:
    with pytest.raises(QueryTooComplex, match="nested too deeply"):
        check("{ a " * 900 + "} " * 900, tokens=10_000)
