"""The operation that a request means, ready to be executed, and its result as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from graphql import (
    ExecutionResult,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    InlineFragmentNode,
    NamedTypeNode,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    TypeNode,
    get_operation_ast,
)

from hotelmate.schema.errors import formatted_errors
from hotelmate.schema.transports.documents import Document
from hotelmate.schema.transports.requests import GraphQLRequest, MalformedRequest


class RequestError(Exception):
    """The operation is not carried out, or not any further; there are errors and no data.

    Source: the GraphQL specification, "Request errors".
    """

    def __init__(self, errors: Sequence[GraphQLError]) -> None:
        super().__init__(*errors)
        self.errors = tuple(errors)

    @classmethod
    def of(cls, error: Exception) -> "RequestError":
        """Make one of an exception that says why."""
        return cls([GraphQLError(str(error), original_error=error)])


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a valid document, with the values that were sent for its variables."""

    document: Document
    definition: OperationDefinitionNode
    name: str | None
    variables: dict[str, Any]

    @property
    def kind(self) -> OperationType:
        """Query, mutation or subscription."""
        return self.definition.operation


def select_operation(document: Document, request: GraphQLRequest) -> Operation:
    """Return the operation that the request means.

    Raises:
        RequestError: the document has errors, or it does not say which of its operations is meant.
        MalformedRequest: there is a file for a variable that takes none.
    """
    if document.errors:
        raise RequestError(document.errors)
    definition = get_operation_ast(document.node, request.operation_name)
    if definition is None:
        unknown = request.operation_name is not None
        named = f"Unknown operation named '{request.operation_name}'."
        raise RequestError([GraphQLError(named if unknown else "Send operationName: there are several.")])
    _require_places(definition, request)
    return Operation(document, definition, request.operation_name, {**request.variables, **request.files})


def _require_places(definition: OperationDefinitionNode, request: GraphQLRequest) -> None:
    """Refuse files for variables that are not of type Upload, or whose value is not null."""
    declared = {
        node.variable.name.value for node in definition.variable_definitions or () if _is_upload(node.type)
    }
    for name in request.files:
        if name not in declared or request.variables.get(name) is not None:
            raise MalformedRequest(f"There must be a variable ${name} of type Upload, its value null.")


def _is_upload(type_: TypeNode) -> bool:
    named = type_.type if isinstance(type_, NonNullTypeNode) else type_
    return isinstance(named, NamedTypeNode) and named.name.value == "Upload"


def root_fields(operation: Operation) -> set[str]:
    """Return the names of the fields that a valid operation asks for, fragments included."""
    fragments = {
        node.name.value: node.selection_set
        for node in operation.document.node.definitions
        if isinstance(node, FragmentDefinitionNode)
    }
    names: set[str] = set()
    unread = [operation.definition.selection_set]
    while unread:
        for selection in unread.pop().selections:
            match selection:
                case FieldNode():
                    names.add(selection.name.value)
                case InlineFragmentNode():
                    unread.append(selection.selection_set)
                # Each but once, however often it is spread.
                case FragmentSpreadNode() if spread := fragments.pop(selection.name.value, None):
                    unread.append(spread)
    return names


def encode_result(result: ExecutionResult) -> bytes:
    """Return the JSON of an executed operation, its data null when an error left nothing of it."""
    if not result.errors:
        return orjson.dumps({"data": result.data})
    return orjson.dumps({"data": result.data, "errors": formatted_errors(result.errors)})


def encode_errors(error: RequestError) -> bytes:
    """Return the JSON of an operation that was not executed, which has no data."""
    return orjson.dumps({"errors": formatted_errors(error.errors)})
