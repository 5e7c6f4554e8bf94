"""GraphQL operations drawn from the schema: most are valid, and some are spoiled."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from tests.fuzzing import values

_DEEPEST = 5
_MOST_FRAGMENTS = 4
_UPLOAD = "Upload"


@dataclass(frozen=True)
class Operation:
    """What a client sends; `files` names the variables that have a file."""

    kind: str
    query: str
    variables: dict[str, Any]
    name: str | None
    files: tuple[str, ...]


class Name(str):
    """A value that is written without quotation marks."""

    __slots__ = ()


@dataclass
class _Drawing:
    """What the operation that is being drawn has got so far."""

    variables: dict[str, tuple[str, Any]] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)


class Documents:
    """Draws operations, one after the other."""

    def __init__(self, schema: GraphQLSchema, random: Random) -> None:
        self._schema = schema
        self._random = random
        self._drawing = _Drawing()
        self._is_careless = False
        # Of a value that is written in the document: a wrong one makes the whole document invalid.
        self._keeps_types = False

    def draw(self, kinds: Mapping[str, int]) -> Operation:
        """Return an operation of one of these kinds, as likely as their weights say."""
        self._drawing = _Drawing()
        self._is_careless = self._chance(0.35)
        [kind] = self._random.choices([*kinds], [*kinds.values()])
        root = {
            "query": self._schema.query_type,
            "mutation": self._schema.mutation_type,
            "subscription": self._schema.subscription_type,
        }[kind]
        assert root is not None
        most = 1 if kind == "subscription" else 3
        body = self._selection(root, most=most, depth=0, is_root=True)
        name = self._random.choice(("", "A", "A"))
        query = f"{kind} {name}{self._declared()}{body}"
        query = " ".join([query, *self._drawing.fragments])
        variables = {name: value for name, (_, value) in self._drawing.variables.items()}
        operation_name = name or None
        if self._slip(0.05):
            operation_name = self._random.choice((None, "A", "B", ""))
        if self._slip(0.3):
            query = self._spoiled(query)
        if self._slip(0.05):
            variables = self._miscounted(variables)
        return Operation(kind, query, variables, operation_name, tuple(self._drawing.files))

    def _selection(
        self, parent: GraphQLNamedType, *, depth: int, most: int = 4, is_root: bool = False
    ) -> str:
        parts: list[str] = []
        if isinstance(parent, GraphQLUnionType | GraphQLInterfaceType):
            possible = sorted(self._schema.get_possible_types(parent), key=lambda type_: type_.name)
            count = min(len(possible), self._random.randrange(1, 4))
            parts += [
                f"... on {chosen.name}{self._selection(chosen, depth=depth)}"
                for chosen in self._random.sample(possible, count)
            ]
            parts.append("__typename")
        if isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
            parts += self._fields(parent, depth=depth, most=most, is_root=is_root)
        return "{" + " ".join(parts) + "}"

    def _fields(
        self, parent: GraphQLObjectType | GraphQLInterfaceType, *, depth: int, most: int, is_root: bool
    ) -> list[str]:
        names = [
            name
            for name, found in parent.fields.items()
            if depth < _DEEPEST or is_leaf_type(get_named_type(found.type))
        ]
        if not names:
            return ["__typename"]
        chosen = self._random.choices(names, k=self._random.randrange(1, most + 1))
        parts, used = [], set[str]()
        for name in chosen:
            text = self._field(name, parent.fields[name], depth=depth, needs_alias=name in used)
            used.add(name)
            if not is_root and self._chance(0.08):
                text = f"... {self._directive()}{{{text}}}"
            elif self._chance(0.06) and len(self._drawing.fragments) < _MOST_FRAGMENTS:
                fragment = f"F{len(self._drawing.fragments)}"
                self._drawing.fragments.append(f"fragment {fragment} on {parent.name} {{{text}}}")
                text = f"...{fragment}{self._directive()}"
            parts.append(text)
        if self._chance(0.1):
            parts.append("__typename")
        if self._slip(0.03):
            parts.append(self._random.choice(("nowhere", "__schema{types{name}}", "__type(name:1){name}")))
        return parts

    def _field(self, name: str, found: GraphQLField, *, depth: int, needs_alias: bool) -> str:
        alias = f"a{self._random.randrange(10_000)}:" if needs_alias or self._chance(0.1) else ""
        named = get_named_type(found.type)
        below = "" if is_leaf_type(named) else self._selection(named, depth=depth + 1)
        return f"{alias}{name}{self._arguments(name, found.args)}{self._directive()}{below}"

    def _arguments(self, of: str, arguments: Mapping[str, GraphQLArgument]) -> str:
        given = [
            f"{name}:{self._given(of, name, argument)}"
            for name, argument in arguments.items()
            if (not self._slip(0.03) if is_required_argument(argument) else self._chance(0.4))
        ]
        if self._slip(0.01):
            given.append("nowhere:1")
        return f"({','.join(given)})" if given else ""

    def _given(self, of: str, name: str, argument: GraphQLArgument) -> str:
        """Return an argument's value as it stands in the document: written there, or a variable."""
        is_file = str(get_named_type(argument.type)) == _UPLOAD
        self._keeps_types = not is_file and self._chance(0.4)
        value = self._value(argument.type, of, name, depth=0)
        if self._keeps_types:
            return self._literal(value)
        variable = f"v{len(self._drawing.variables)}"
        type_ = str(argument.type)
        if self._slip(0.04):
            type_ = self._random.choice(("String", "Int!", "[ID!]", "Date", "Nowhere", "OfferInput"))
        if is_file and self._chance(0.85):
            self._drawing.files.append(variable)
            value = None
        elif self._chance(0.08):
            self._drawing.defaults[variable] = self._literal(self._value(argument.type, of, name, depth=0))
        self._drawing.variables[variable] = (type_, value)
        return f"${variable}"

    def _value(self, type_: GraphQLInputType, of: str, name: str, *, depth: int) -> Any:
        if self._slip(0.04) if self._keeps_types else self._chance(0.025):
            return self._anything(depth)
        if is_non_null_type(type_):
            return self._present(type_.of_type, of, name, depth=depth)
        return None if self._chance(0.1) else self._present(type_, of, name, depth=depth)

    def _present(self, type_: GraphQLInputType, of: str, name: str, *, depth: int) -> Any:
        if is_list_type(type_):
            if self._chance(0.1):
                return self._value(type_.of_type, of, name, depth=depth)  # a single value is a list of one
            return [
                self._value(type_.of_type, of, name, depth=depth) for _ in range(self._random.randrange(4))
            ]
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_, of, depth=depth)
        if isinstance(type_, GraphQLEnumType):
            return Name(self._random.choice([*type_.values]))
        if self._chance(0.85) and (likely := self._likely(of, name)) is not None:
            return likely
        return self._scalar(str(type_))

    def _object(self, type_: GraphQLInputObjectType, of: str, *, depth: int) -> dict[str, Any]:
        def is_given(found: GraphQLInputField) -> bool:
            return not self._slip(0.03) if is_required_input_field(found) else self._chance(0.4)

        given = {
            name: self._value(found.type, of, name, depth=depth + 1)
            for name, found in type_.fields.items()
            if is_given(found)
        }
        if self._chance(0.02):
            given["nowhere"] = 1
        return given

    def _likely(self, of: str, name: str) -> object:
        if name == "id":
            return (
                values.reference(self._random)
                if "ooking" in of
                or of in {"checkIn", "checkOut", "assignRoom", "markNoShow", "renewGuestToken"}
                else values.number_id(self._random)
            )
        likely = values.LIKELY.get(name)
        return None if likely is None else likely(self._random)

    def _scalar(self, name: str) -> Any:
        random, is_odd = self._random, self._chance(0.3)
        if name == "Int":
            may_be_odd = is_odd and not self._keeps_types
            return random.choice(values.ODD_NUMBERS) if may_be_odd else random.randrange(-2, 50)
        drawn: dict[str, Callable[[], Any]] = {
            "Float": lambda: random.choice(values.ODD_NUMBERS),
            "Boolean": lambda: self._chance(0.5),
            "ID": lambda: random.choice((*values.ODD_IDS, *"123456789", 1, 2**63)),
            "Date": lambda: random.choice(values.ODD_DAYS) if is_odd else values.near_day(random),
            "DateTime": lambda: random.choice(values.ODD_TIMES) if is_odd else values.near_time(random),
        }
        return drawn.get(name, lambda: values.text(random))()

    def _anything(self, depth: int) -> Any:
        choices: list[Any] = [
            None,
            True,
            [],
            {},
            [[]],
            {"a": 1},
            Name("KILLARNEY"),
            self._random.choice(values.ODD_TEXTS),
            self._random.choice(values.ODD_NUMBERS),
            self._random.choice(values.ODD_IDS),
        ]
        return self._random.choice(choices) if depth else self._random.choice([*choices, Name("$unknown")])

    def _directive(self) -> str:
        if not self._chance(0.02 if self._is_careless else 0.05):
            return " "
        if self._is_careless:
            condition = self._random.choice(("$v0", '"x"', "null"))
            odd = ("@nowhere", "@include", "@deprecated", "@specifiedBy(url:1)", f"@skip(if:{condition})")
            return f" {self._random.choice(odd)} "
        return self._random.choice((" @include(if:true) ", " @skip(if:true) ", " @skip(if:false) "))

    def _declared(self) -> str:
        parts = [
            f"${name}:{type_}" + (f"={default}" if (default := self._drawing.defaults.get(name)) else "")
            for name, (type_, _) in self._drawing.variables.items()
        ]
        return f"({','.join(parts)})" if parts else ""

    def _literal(self, value: Any) -> str:
        match value:
            case Name():
                return str(value)
            case dict():
                return "{" + ",".join(f"{key}:{self._literal(item)}" for key, item in value.items()) + "}"
            case list():
                return f"[{','.join(map(self._literal, value))}]"
            case str() if self._chance(0.05) and value.isprintable() and '"""' not in value:
                return f'"""{value} """'
            case _:
                return json.dumps(value, ensure_ascii=self._chance(0.3))

    def _miscounted(self, variables: dict[str, Any]) -> dict[str, Any]:
        """Leave one out, or have one that nobody declared."""
        kept = {name: value for name, value in variables.items() if self._chance(0.5)}
        return kept if self._chance(0.5) else {**variables, "nowhere": self._anything(0), "": 1}

    def _spoiled(self, query: str) -> str:
        random, place = self._random, self._random.randrange(len(query))
        ways: tuple[Callable[[], str], ...] = (
            lambda: query[:place],
            lambda: query[:place] + random.choice('{}()[]!$:@|&="\\#\0…') + query[place:],
            lambda: query[:place] + query[place + random.randrange(1, 9) :],
            lambda: f"{query} {query}",
            lambda: query + " fragment X on Query {...Y} fragment Y on Query {...X} {...X}",
            lambda: query.replace("{", "{" + "x:__typename " * random.choice((3, 300, 3000)), 1),
            lambda: _nested_fields(random.choice((5, 50, 2000))),
            lambda: "query($a:" + "[" * random.choice((2, 500)) + "Int" + "){__typename}",
            lambda: _chained_fragments(random.choice((3, 30))),
            lambda: random.choice(
                ("", " ", "\ufeff", "{", "{}", "#", "null", "schema{query:Query}", "{a" * 99)
            ),
        )
        return random.choice(ways)()

    def _slip(self, of: float) -> bool:
        """Whether to make a mistake here, which only the careless do."""
        return self._is_careless and self._chance(of)

    def _chance(self, of: float) -> bool:
        return self._random.random() < of


def _nested_fields(levels: int) -> str:
    return '{hotel(slug:"killarney")' + "{offers" * levels + "}" * levels + "}"


def _chained_fragments(links: int) -> str:
    """Twice as many fields with each link, for whoever enters a fragment as often as it is spread."""
    names = [f"F{number}" for number in range(links)]
    chain = [f"fragment {one} on Hotel {{...{other} ...{other}}}" for one, other in pairwise(names)]
    return " ".join(["{hotels{edges{node{...F0}}}}", *chain, f"fragment {names[-1]} on Hotel {{id}}"])
