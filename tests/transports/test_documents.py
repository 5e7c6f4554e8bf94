import pytest
import strawberry
from graphql import GraphQLSchema

from hotelmate.schema.transports.documents import Documents
from hotelmate.schema.transports.guard import Guard, QueryLimits

LIMITS = QueryLimits(tokens=2_000, depth=12, aliases=30, root_fields=20, cost=20_000)


@strawberry.type
class Query:
    name: str = "x"


@pytest.fixture
def documents() -> Documents:
    schema: GraphQLSchema = strawberry.Schema(query=Query)._schema
    return Documents(schema, Guard(schema, LIMITS), introspection=True)


def test_a_document_is_read_once(documents: Documents) -> None:
    assert documents.get("{ name }") is documents.get("{ name }")


def test_errors_are_kept_like_documents(documents: Documents) -> None:
    for text in ("{", "{ nothing }"):
        document = documents.get(text)
        assert len(document.errors) == 1
        assert documents.get(text) is document


def test_what_was_not_used_for_longest_is_forgotten_first(documents: Documents) -> None:
    """Twenty times 10,000 characters are kept."""
    texts = [f"{{ name }} # {number}".ljust(10_000) for number in range(21)]
    read = [documents.get(text) for text in texts[:20]]
    assert documents.get(texts[0]) is read[0]
    documents.get(texts[20])
    assert documents.get(texts[0]) is read[0]
    assert documents.get(texts[2]) is read[2]
    assert documents.get(texts[1]) is not read[1]


def test_a_long_document_pushes_out_nothing(documents: Documents) -> None:
    short = documents.get("{ name }")
    long = "{ name }".ljust(300_000)
    assert documents.get(long) is not documents.get(long)
    assert documents.get("{ name }") is short


def test_variables_that_are_used_once_are_known(documents: Documents) -> None:
    once = documents.get("query ($a: Int, $b: Int, $c: Int) { a(x: $a, y: [$b, {z: $b}]) }").used_once
    assert once == {"a"}
