"""The cursor in an answer: to subscribe with it as `after` misses nothing."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event

from tests.schema.api import ANNA, BEN, Api

HOTEL = "hotel { cursor settings { tagline } }"


@pytest.mark.parametrize(
    "change",
    [
        f"confirmBooking(id: $id) {{ cursor {HOTEL} }}",
        f"clockIn {{ staff {{ {HOTEL} }} }}",
        'updateSettings(input: { tagline: "New" }) { cursor settings { tagline } gallery { url } }',
    ],
)
def test_a_cursor_is_not_past_the_change_that_it_comes_with(api: Api, change: str) -> None:
    """Between a change and the reading of what hangs on it, others go on recording."""
    grace = api.reference("Grace O'Malley")
    document = f"mutation {{ {change} }}".replace("$id", f'"{grace}"')
    with at_the_next_reading_after_a_commit(
        api, lambda: api.data("mutation { toggleClock { action } }", BEN)
    ):
        answer = api.data(document, ANNA)
    changed, between = api.log()
    assert between.type == "ClockStatusUpdated"
    assert cursors(answer) == {changed.cursor}


def test_a_hotel_tells_where_its_log_stands(api: Api) -> None:
    document = (
        '{ killarney: hotel(slug: "killarney") { cursor } staff { edges { node { hotel { cursor } } } } }'
    )
    for number in range(2):
        api.data("mutation { toggleClock { action } }", BEN)
        assert cursors(api.data(document, ANNA)) == {api.log()[number].cursor}


def cursors(answer: object) -> set[str]:
    """Every place in a hotel's log that an answer tells; those of list entries are another matter."""
    match answer:
        case dict():
            inner = (cursors(value) for name, value in answer.items() if name != "cursor")
            return set().union(*inner, {answer["cursor"]} if "cursor" in answer else set())
        case list():
            return set().union(*map(cursors, answer))
        case _:
            return set()


@contextmanager
def at_the_next_reading_after_a_commit(api: Api, do: Callable[[], object]) -> Iterator[None]:
    """Do something once, between the first commit in the block and whatever is read after it."""
    waiting = ["for a commit"]

    def committed(_notices: object) -> None:
        if waiting == ["for a commit"]:
            waiting[:] = ["for a reading"]

    def begun(_connection: object) -> None:
        if waiting == ["for a reading"]:
            waiting.clear()
            do()

    api.database.on_commit(committed)
    for engine in api.database.engines:
        event.listen(engine, "begin", begun)
    yield
    assert waiting == []
