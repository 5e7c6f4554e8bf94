"""The exported schema is the running one, and holds all of the contract that clients are written against."""

from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    print_ast,
)

from hotelmate.schema import sdl

EXPORTED = Path(__file__).parents[2] / "schema.graphql"
CONTRACT = build_schema((Path(__file__).parent / "contract.graphql").read_text())
TYPES = [name for name in CONTRACT.type_map if not name.startswith("__")]


@pytest.fixture(scope="module")
def running() -> GraphQLSchema:
    return build_schema(sdl())


def test_the_exported_schema_is_the_running_one() -> None:
    assert EXPORTED.read_text() == sdl() + "\n", "run: hotelmate schema > schema.graphql"


@pytest.mark.parametrize("name", TYPES)
def test_a_type_holds_what_the_contract_says_of_it(name: str, running: GraphQLSchema) -> None:
    promised = described(CONTRACT.type_map[name])
    offered = described(running.type_map[name]) if name in running.type_map else set()
    assert promised - offered == set()


def test_only_what_the_contract_says_is_an_argument_or_an_input_field(running: GraphQLSchema) -> None:
    """Outputs may be added; a value that clients may leave out today cannot be taken back tomorrow."""
    added = everything(running) - everything(CONTRACT)
    # What is said of a field that is added itself is no addition to what clients know.
    fields = {line.partition(":")[0] for line in everything(CONTRACT) if "(" not in line}
    arguments = {line for line in added if line.partition("(")[0] in fields and "(" in line}
    assert arguments | {line for line in added if ": input" in line} == set()


def everything(schema: GraphQLSchema) -> set[str]:
    """All that a schema promises, but for what every schema has."""
    types = [type_ for name, type_ in schema.type_map.items() if not name.startswith("__")]
    return set().union(*map(described, types))


def described(type_: GraphQLNamedType) -> set[str]:
    """Everything that a type promises, a line for each promise."""
    lines = {f"{type_.name}: {type(type_).__name__}"}
    match type_:
        case GraphQLObjectType() | GraphQLInterfaceType():
            lines |= {f"{type_.name}: implements {interface.name}" for interface in type_.interfaces}
            for name, field in type_.fields.items():
                lines.add(f"{type_.name}.{name}: {field.type}")
                lines |= {
                    f"{type_.name}.{name}({argument}:): {value(given)}"
                    for argument, given in field.args.items()
                }
        case GraphQLInputObjectType():
            lines |= {f"{type_.name}.{name}: input {value(given)}" for name, given in type_.fields.items()}
        case GraphQLUnionType():
            lines |= {f"{type_.name}: or {member.name}" for member in type_.types}
        case GraphQLEnumType():
            lines |= {f"{type_.name}: value {member}" for member in type_.values}
    return lines


def value(given: GraphQLArgument | GraphQLInputField) -> str:
    """The type of an input value, with its default."""
    if given.default is None:
        return str(given.type)
    assert given.default.literal is not None
    return f"{given.type} = {print_ast(given.default.literal)}"
