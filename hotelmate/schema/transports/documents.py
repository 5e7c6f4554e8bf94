"""Parse, weigh and validate a document once, however often it is sent.

Parsing and validating are most of a small query's cost, and a frontend sends the same few documents again
and again.
"""

from collections import Counter, OrderedDict
from dataclasses import dataclass
from threading import Lock

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    NoSchemaIntrospectionCustomRule,
    VariableNode,
    Visitor,
    specified_rules,
    validate,
    visit,
)

from hotelmate.errors import QueryTooComplex
from hotelmate.schema.transports.guard import Guard

# Some 400 ordinary documents. The densest possible text takes 300 times its length as a document, so at
# worst they hold 60 MB.
_KEPT_CHARACTERS = 200_000
# A long text would push out many that are used; most of what is long is sent once.
_LONGEST_KEPT = 20_000


@dataclass(frozen=True, slots=True)
class Document:
    """A text that has been parsed and validated: either it has errors, or it can be executed.

    `used_once` names the variables that are used in one single place; `cost_varies` says whether what it
    costs depends on variables.
    """

    text: str
    node: DocumentNode
    errors: tuple[GraphQLError, ...]
    used_once: frozenset[str] = frozenset()
    cost_varies: bool = False


class Documents:
    """The documents that were used last. Any thread may ask."""

    def __init__(self, schema: GraphQLSchema, guard: Guard, *, introspection: bool) -> None:
        """Prepare to read documents; without `introspection` nobody learns from here what the schema has."""
        self._schema = schema
        self._hide_suggestions = not introspection
        self._rules = (
            specified_rules if introspection else (*specified_rules, NoSchemaIntrospectionCustomRule)
        )
        self._guard = guard
        self._kept: OrderedDict[str, Document] = OrderedDict()
        self._kept_characters = 0
        self._lock = Lock()

    def get(self, text: str) -> Document:
        """Return the document that `text` is, with the errors that it has."""
        with self._lock:
            document = self._kept.get(text)
            if document is not None:
                self._kept.move_to_end(text)
                return document
        # Outside the lock: two threads may do the same work at the same time, none waits for another's.
        document = self._read(text)
        self._keep(document)
        return document

    def _read(self, text: str) -> Document:
        try:
            node = self._guard.parse(text)
            cost_varies = self._guard.check(node)
        except GraphQLError as error:
            return _refused(text, error)
        except QueryTooComplex as refusal:
            return _refused(text, GraphQLError(refusal.message, original_error=refusal))
        errors = validate(self._schema, node, self._rules, hide_suggestions=self._hide_suggestions)
        return Document(text, node, tuple(errors), _variables_used_once(node), cost_varies)

    def _keep(self, document: Document) -> None:
        with self._lock:
            if document.text in self._kept or len(document.text) > _LONGEST_KEPT:
                return
            self._kept[document.text] = document
            self._kept_characters += len(document.text)
            while self._kept_characters > _KEPT_CHARACTERS:
                forgotten, _ = self._kept.popitem(last=False)
                self._kept_characters -= len(forgotten)


def _refused(text: str, error: GraphQLError) -> Document:
    return Document(text, DocumentNode(definitions=()), (error,))


class _VariableCounter(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.mentions: Counter[str] = Counter()

    def enter_variable(self, node: VariableNode, *_: object) -> None:
        self.mentions[node.name.value] += 1


def _variables_used_once(node: DocumentNode) -> frozenset[str]:
    counter = _VariableCounter()
    visit(node, counter)
    # Once where it is defined, and once where it is used.
    return frozenset(name for name, mentions in counter.mentions.items() if mentions == 2)
