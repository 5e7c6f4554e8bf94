"""Pages of a list: connections, as Relay describes them, of every type that is listed."""

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import strawberry

from hotelmate.errors import BadUserInput
from hotelmate.resolvers.paging import Page

Node = TypeVar("Node")
Row = TypeVar("Row")


@strawberry.type(description="Whether a list goes on, and the cursor to go on with as `after`.")
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type(description="One place in a list.")
class Edge(Generic[Node]):
    cursor: str
    node: Node


@strawberry.type(description="A page of a list.")
class Connection(Generic[Node]):
    edges: list[Edge[Node]]
    page_info: PageInfo


def connection(
    page: Page[Row], node: Callable[[Row], Node], *, expect: Callable[[Iterable[Row]], None]
) -> Connection[Node]:
    """Return a page as GraphQL shows it, its rows announced to the loaders with `expect`."""
    expect(page.rows)
    return Connection(
        edges=[
            Edge(cursor=cursor, node=node(row)) for row, cursor in zip(page.rows, page.cursors, strict=True)
        ],
        page_info=PageInfo(
            has_next_page=page.has_next, end_cursor=page.cursors[-1] if page.cursors else None
        ),
    )


def size(first: int | None) -> int:
    """Return how many were asked for.

    Raises:
        BadUserInput: null was sent, which is not a number.
    """
    if first is None:
        raise BadUserInput("first", "This must be a whole number.")
    return first
