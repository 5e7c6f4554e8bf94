"""A list is read page by page, every row once, whatever comes and goes meanwhile."""

import base64
import json

import pytest
from sqlmodel import col, delete, select

from hotelmate.database import Database
from hotelmate.errors import BadUserInput
from hotelmate.identity.actors import StaffActor
from hotelmate.models import Hotel
from hotelmate.resolvers.clocking import shift_page
from hotelmate.resolvers.hotels import hotels
from hotelmate.resolvers.paging import Page, page
from tests.resolvers.steps import look


def add_hotels(database: Database, *names: str, sort_order: int = 0) -> None:
    with database.transaction() as transaction:
        transaction.add_all(
            Hotel(slug=f"{sort_order}-{name}-{number}", name=name, sort_order=sort_order, epoch="e")
            for number, name in enumerate(names)
        )


@pytest.fixture
def only_ours(database: Database) -> Database:
    """A database whose only active hotels are those that the test adds."""
    with database.transaction() as transaction:
        for hotel in transaction.exec(select(Hotel)):
            hotel.is_active = False
    return database


def read(database: Database, *, first: int = 20, after: str | None = None) -> Page[Hotel]:
    return look(database, hotels, first=first, after=after)


def names(found: Page[Hotel]) -> list[str]:
    return [hotel.name for hotel in found.rows]


def cursor(*values: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def test_pages_follow_each_other_without_a_gap_or_a_repeat(only_ours: Database) -> None:
    add_hotels(only_ours, "Clare", "Antrim", "Antrim", sort_order=1)
    add_hotels(only_ours, "Down", "Cork", sort_order=0)
    seen, after, ends = [], None, []
    for _ in range(3):
        found = read(only_ours, first=2, after=after)
        seen += names(found)
        ends.append(found.has_next)
        after = found.cursors[-1]
    assert seen == ["Cork", "Down", "Antrim", "Antrim", "Clare"]
    assert ends == [True, True, False]


def test_a_page_that_ends_with_the_list_has_no_next(only_ours: Database) -> None:
    add_hotels(only_ours, "Cork", "Down")
    assert not read(only_ours, first=2).has_next


def test_a_page_of_nothing_still_tells_whether_there_is_more(only_ours: Database) -> None:
    assert read(only_ours, first=0) == Page([], [], has_next=False)
    add_hotels(only_ours, "Cork")
    assert read(only_ours, first=0) == Page([], [], has_next=True)


def test_each_row_has_a_cursor_to_go_on_from(only_ours: Database) -> None:
    add_hotels(only_ours, "Antrim", "Clare", "Cork")
    whole = read(only_ours)
    rests = [names(read(only_ours, after=place)) for place in whole.cursors]
    assert rests == [["Clare", "Cork"], ["Cork"], []]


def test_rows_that_come_and_go_before_the_place_move_nothing(only_ours: Database) -> None:
    add_hotels(only_ours, "Clare", "Cork", "Down")
    found = read(only_ours, first=2)
    add_hotels(only_ours, "Antrim")
    with only_ours.transaction() as transaction:
        transaction.exec(delete(Hotel).where(col(Hotel.name) == "Cork"))
    assert names(read(only_ours, after=found.cursors[-1])) == ["Down"]


def test_a_descending_list_goes_down(only_ours: Database) -> None:
    add_hotels(only_ours, "Antrim", "Clare", "Cork")

    def down(after: str | None) -> Page[Hotel]:
        with only_ours.reading() as reading:
            return page(
                reading,
                select(Hotel).where(col(Hotel.is_active)),
                keys=(Hotel.name,),
                descending=True,
                first=2,
                after=after,
            )

    first = down(None)
    assert names(first) == ["Cork", "Clare"]
    assert names(down(first.cursors[-1])) == ["Antrim"]


def test_a_page_has_no_less_than_none_and_no_more_than_a_hundred(database: Database) -> None:
    for first in [-1, 101]:
        with pytest.raises(BadUserInput) as refused:
            read(database, first=first)
        assert refused.value.field == "first"


def test_what_was_never_a_cursor_of_the_list_is_refused(database: Database) -> None:
    for after in [
        "",
        "?",
        "\u00e9",
        "AAAA",
        cursor(),
        cursor(0, "Cork"),
        cursor(0, "Cork", 1, 1),
        cursor("0", "Cork", 1),
        cursor(0, 0, 1),
        cursor(0, "Cork", None),
        cursor(0, "Cork", True),
        cursor(0, "Cork", 2**31),
        cursor(-(2**31) - 1, "Cork", 1),
        cursor(0, "Co\0rk", 1),
        cursor(0, "\ud800", 1),
        base64.urlsafe_b64encode(b'{"a": 1}').decode(),
        base64.urlsafe_b64encode(b"[" * 100_000).decode(),
    ]:
        with pytest.raises(BadUserInput) as refused:
            read(database, after=after)
        assert refused.value.field == "after"


def test_a_cursor_holds_times_as_it_was_given_them(database: Database, anna: StaffActor) -> None:
    for moment in ["2040-06-15", "2040-06-15T09:30:00", "2040-06-15T09:30:00+01:00", 5]:
        with pytest.raises(BadUserInput) as refused:
            look(
                database,
                shift_page,
                anna,
                staff_id=None,
                since=None,
                until=None,
                first=1,
                after=cursor(moment, 1),
            )
        assert refused.value.field == "after"
