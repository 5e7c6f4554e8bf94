"""Refuse documents that would take too long, before anything else is done with them.

Everything is counted in one walk that enters each fragment once, however often and deeply it is spread, so
the guard's own time grows with the document's length and with nothing else.

Source: the cheat sheet "GraphQL" of OWASP, "Query Limiting" and "Query Cost Analysis".
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLSyntaxError,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_object_type,
    parse,
)

from hotelmate.errors import QueryTooComplex
from hotelmate.schema.transports.introspection import ListSizes, list_sizes, what_tools_ask

# What a list is taken to hold when the document does not say how much of it is asked for.
_LIST_SIZE = 10
# The argument that says it.
_SIZE = "first"
# Such a list is as long as its connection was asked to be, which has been counted there.
_PAGED_LIST = "edges"
# What graphql-core says when it has read enough, be it tokens, comments or braces.
_ABORTED = "Parsing aborted."
# Numbers beyond it are all the same: too much. A document can name sizes of hundreds of digits.
_MOST = 10**9

# Validation compares the fields of a selection that have one name in the answer each with each, and so the
# fragments that are spread in it. This many comparisons take some 100 ms.
_COMPARISONS = 40_000
_SPREAD_WEIGHT = 2

# What is asked about the schema, in what tools ask to learn the whole of it: they do not all ask the same.
_WHOLE_SCHEMAS = 2


@dataclass(frozen=True, slots=True)
class QueryLimits:
    """What one document may ask for; all of it is counted with fragments where they are spread."""

    tokens: int
    """Words and signs, before anything is read out of them."""

    depth: int
    """Fields within fields; those of the schema about itself do not count."""

    aliases: int

    root_fields: int

    cost: int
    """Fields in the answer, each list taken to be as long as `first` allows, or ten where it says nothing."""


@dataclass(frozen=True, slots=True)
class Weight:
    """What a selection set amounts to; `fields` are those that stand in it themselves.

    `about_schema` is what the schema may answer with about itself, which is not in `cost`.
    """

    depth: int = 0
    aliases: int = 0
    fields: int = 0
    cost: int = 0
    about_schema: int = 0

    def beside(self, other: "Weight") -> "Weight":
        """Return what both amount to, side by side."""
        return Weight(
            depth=max(self.depth, other.depth),
            aliases=min(self.aliases + other.aliases, _MOST),
            fields=min(self.fields + other.fields, _MOST),
            cost=min(self.cost + other.cost, _MOST),
            about_schema=min(self.about_schema + other.about_schema, _MOST),
        )


_NOTHING = Weight()


class Guard:
    """Weighs the documents of one schema."""

    def __init__(self, schema: GraphQLSchema, limits: QueryLimits) -> None:
        self._schema = schema
        self._limits = limits
        self._list_sizes = list_sizes(schema)
        [whole] = self._walk(what_tools_ask(), lambda _: 0).weigh_all()
        self._most_about_schema = _WHOLE_SCHEMAS * whole.about_schema

    def parse(self, text: str) -> DocumentNode:
        """Parse a document, as far as it may be long.

        Raises:
            GraphQLSyntaxError: it is none.
            QueryTooComplex: it has too many tokens, or is nested too deeply to be read.
        """
        tokens = self._limits.tokens
        try:
            return parse(text, max_lexical_tokens=tokens, max_comments=tokens)
        except GraphQLSyntaxError as error:
            if _ABORTED not in error.message:
                raise
            raise QueryTooComplex(error.message.removeprefix("Syntax Error: ")) from error

    def check(self, document: DocumentNode) -> bool:
        """Check all that does not depend on variables; the document need not be valid.

        Returns:
            Whether the cost depends on variables, so that `check_cost` is to be asked with them.

        Raises:
            QueryTooComplex: one of the limits is exceeded.
        """
        walk = self._walk(document, lambda _: 0)
        try:
            weights = walk.weigh_all()
        except RecursionError:
            # Of a chain of fragments, which the parser does not see as nested.
            raise QueryTooComplex("The document is nested too deeply.") from None
        for weight in weights:
            self._check_shape(weight)
            self._refuse_over(weight.cost)
        if walk.comparisons > _COMPARISONS:
            raise QueryTooComplex("Too many fields or fragments stand side by side.")
        return walk.depends_on_variables

    def check_cost(
        self, document: DocumentNode, operation: OperationDefinitionNode, variables: Mapping[str, Any]
    ) -> None:
        """Check what a valid operation costs with these values.

        Raises:
            QueryTooComplex: it costs more than is allowed.
        """
        defaults = {
            node.variable.name.value: int(node.default_value.value)
            for node in operation.variable_definitions or ()
            if isinstance(node.default_value, IntValueNode)
        }
        self._refuse_over(self._walk(document, {**defaults, **variables}.get).weigh(operation).cost)

    def _walk(self, document: DocumentNode, value_of: Callable[[str], Any]) -> "_Walk":
        return _Walk(self._schema, document, value_of, self._list_sizes)

    def _check_shape(self, weight: Weight) -> None:
        for what, found, most in (
            ("levels of fields", weight.depth, self._limits.depth),
            ("aliases", weight.aliases, self._limits.aliases),
            ("fields at the top", weight.fields, self._limits.root_fields),
        ):
            if found > most:
                raise QueryTooComplex(f"At most {most} {what} are allowed; there are {found}.")
        if weight.about_schema > self._most_about_schema:
            raise QueryTooComplex("This asks too much about the schema at once.")

    def _refuse_over(self, cost: int) -> None:
        if cost > self._limits.cost:
            raise QueryTooComplex(
                f"This may answer with {cost} fields; at most {self._limits.cost} are allowed."
                " Ask for fewer, or for shorter lists."
            )


class _Walk:
    """One pass over a document. `value_of` gives the value of a variable, None where there is none."""

    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        value_of: Callable[[str], Any],
        list_sizes: ListSizes,
    ) -> None:
        self.comparisons = 0
        self.depends_on_variables = False
        self._schema = schema
        self._value_of = value_of
        self._list_sizes = list_sizes
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._document = document
        self._weights: dict[str, Weight] = {}

    def weigh(self, operation: OperationDefinitionNode) -> Weight:
        """Return what an operation amounts to."""
        return self._of_selections(operation.selection_set, self._schema.get_root_type(operation.operation))

    def weigh_all(self) -> list[Weight]:
        """Return what each operation amounts to; a fragment that none spreads is weighed all the same."""
        for fragment in self._fragments.values():
            self._of_fragment(fragment)
        return [
            self.weigh(definition)
            for definition in self._document.definitions
            if isinstance(definition, OperationDefinitionNode)
        ]

    def _of_selections(self, selections: SelectionSetNode, parent: GraphQLNamedType | None) -> Weight:
        names: Counter[str] = Counter()
        weight = self._sum(selections, parent, names)
        spread = names.pop("", 0)
        self.comparisons += (max(names.values(), default=0) + _SPREAD_WEIGHT * spread) ** 2
        return weight

    def _sum(
        self, selections: SelectionSetNode, parent: GraphQLNamedType | None, names: Counter[str]
    ) -> Weight:
        """Add up a selection set; `names` counts fields by their name in the answer, spread ones as ""."""
        always = _NOTHING
        # A value of an abstract type is one object, so of selections on different objects only one applies.
        by_object: dict[str, Weight] = {}
        for selection in selections.selections:
            match selection:
                case FieldNode():
                    names[(selection.alias or selection.name).value] += 1
                    always = always.beside(self._of_field(selection, parent))
                    continue
                case InlineFragmentNode():
                    condition = selection.type_condition
                    on = self._schema.get_type(condition.name.value) if condition else parent
                    weight = self._sum(selection.selection_set, on, names)
                case FragmentSpreadNode():
                    fragment = self._fragments.get(selection.name.value)
                    on = self._schema.get_type(fragment.type_condition.name.value) if fragment else None
                    weight = self._of_fragment(fragment)
                    names[""] += weight.fields
            if is_abstract_type(parent) and is_object_type(on):
                by_object[on.name] = by_object.get(on.name, _NOTHING).beside(weight)
            else:
                always = always.beside(weight)
        return always.beside(_either(by_object.values()))

    def _of_fragment(self, fragment: FragmentDefinitionNode | None) -> Weight:
        if fragment is None:
            return _NOTHING
        name = fragment.name.value
        if name not in self._weights:
            # Until it is known: a fragment that is spread in itself, which validation refuses, adds nothing.
            self._weights[name] = _NOTHING
            parent = self._schema.get_type(fragment.type_condition.name.value)
            self._weights[name] = self._of_selections(fragment.selection_set, parent)
        return self._weights[name]

    def _of_field(self, node: FieldNode, parent: GraphQLNamedType | None) -> Weight:
        definition = _definition(self._schema, node, parent)
        below = _NOTHING
        if node.selection_set is not None:
            named = get_named_type(definition.type) if definition is not None else None
            below = self._of_selections(node.selection_set, named)
        aliases = min(below.aliases + (node.alias is not None), _MOST)
        if parent is not None and parent.name.startswith("__"):
            size = self._list_sizes.get((parent.name, node.name.value), 1)
            about_schema = min(1 + size * below.about_schema, _MOST)
            return Weight(aliases=aliases, fields=1, about_schema=about_schema)
        size = 1 if definition is None else self._size(node, definition)
        return Weight(
            depth=below.depth + 1,
            aliases=aliases,
            fields=1,
            cost=min(1 + size * below.cost, _MOST),
            # It is asked at the top only, and so once for each time that it stands there.
            about_schema=below.about_schema,
        )

    def _size(self, node: FieldNode, definition: GraphQLField) -> int:
        """Return how many objects a field may hold."""
        argument = definition.args.get(_SIZE)
        if argument is None:
            is_list = is_list_type(get_nullable_type(definition.type))
            return _LIST_SIZE if is_list and node.name.value != _PAGED_LIST else 1
        given = next((given.value for given in node.arguments or () if given.name.value == _SIZE), None)
        size: Any = argument.default_value
        if isinstance(given, VariableNode):
            self.depends_on_variables = True
            value = self._value_of(given.name.value)
            size = size if value is None else value
        elif isinstance(given, IntValueNode):
            # Nine digits are more than is allowed already.
            size = int(given.value[:10])
        # JSON's 100.0 is an Int as well. What is no number is refused when the field is executed.
        return int(min(max(size, 0), _MOST)) if isinstance(size, int | float) else 0


def _either(weights: Iterable[Weight]) -> Weight:
    """Return the most that selections on different object types can add to the answer: only one applies."""
    weights = tuple(weights)
    return Weight(
        depth=max((weight.depth for weight in weights), default=0),
        aliases=min(sum(weight.aliases for weight in weights), _MOST),
        fields=min(sum(weight.fields for weight in weights), _MOST),
        cost=max((weight.cost for weight in weights), default=0),
        about_schema=max((weight.about_schema for weight in weights), default=0),
    )


def _definition(
    schema: GraphQLSchema, node: FieldNode, parent: GraphQLNamedType | None
) -> GraphQLField | None:
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    return schema.get_field(parent, node.name.value)
