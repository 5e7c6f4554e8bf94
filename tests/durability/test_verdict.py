"""The verdict names what is lost, doubled or out of order, wherever that is."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.durability.followers import Arrival, Notes
from tests.durability.verdict import Recorded, Verdict
from tests.durability.writers import Ledger

AT = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = ("anna-1;", "anna-2;", "anna-3;")
LOG = {"killarney": [Recorded(seq, 70 + seq, text, AT) for seq, text in enumerate(TEXTS, 1)]}


def found(verdict: Verdict) -> tuple[int, int, int]:
    assert bool(verdict.faults) == any((verdict.lost, verdict.doubled, verdict.reordered))
    return verdict.lost, verdict.doubled, verdict.reordered


@pytest.mark.parametrize(
    ("acknowledged", "attempted", "recorded", "expected"),
    [
        pytest.param(TEXTS, TEXTS, TEXTS, (0, 0, 0), id="as it should be"),
        pytest.param(TEXTS[:2], TEXTS, TEXTS, (0, 0, 0), id="made and not acknowledged"),
        pytest.param(TEXTS[:2], TEXTS, TEXTS[:2], (0, 0, 0), id="neither made nor acknowledged"),
        pytest.param(TEXTS, TEXTS, TEXTS[:2], (1, 0, 0), id="acknowledged and not made"),
        pytest.param(TEXTS, TEXTS, (*TEXTS, "anna-2;"), (0, 1, 0), id="made twice"),
        pytest.param(TEXTS, TEXTS, (*TEXTS, "ben-1;"), (0, 1, 0), id="made for nobody"),
    ],
)
def test_the_log_is_held_to_what_was_acknowledged(
    acknowledged: Sequence[str],
    attempted: Sequence[str],
    recorded: Sequence[str],
    expected: tuple[int, int, int],
) -> None:
    log = {"killarney": [Recorded(seq, 70 + seq, text, AT) for seq, text in enumerate(recorded, 1)]}
    verdict = Verdict(seed=0)
    verdict.judge_log(log, {"killarney": len(recorded)}, Ledger(list(attempted), set(acknowledged)))
    assert found(verdict) == expected


def test_a_hole_at_the_end_of_the_log_is_found_by_its_count() -> None:
    verdict = Verdict(seed=0)
    verdict.judge_log(LOG, {"killarney": 4}, Ledger(list(TEXTS), set(TEXTS)))
    assert found(verdict) == (1, 0, 0)


ORDERS = [
    # what came, in order; lost, doubled and reordered at a subscriber; and at Pusher, where it may come again
    ((1, 2, 3), (0, 0, 0), (0, 0, 0)),
    ((1, 2), (1, 0, 0), (1, 0, 0)),
    ((2, 3), (1, 0, 0), (1, 0, 0)),
    ((), (3, 0, 0), (3, 0, 0)),
    ((1, 2, 2, 3), (0, 1, 0), (0, 0, 0)),
    ((1, 2, 1, 2, 3), (0, 2, 1), (0, 0, 0)),
    ((1, 3, 2), (0, 0, 1), (0, 0, 1)),
]


@pytest.mark.parametrize(("came", "expected", "_"), ORDERS)
def test_a_subscriber_is_to_have_each_event_once_and_in_order(
    came: Sequence[int], expected: tuple[int, int, int], _: object
) -> None:
    notes = Notes("socket", "killarney", "cursor")
    notes.arrivals = [Arrival(seq, 70 + seq, TEXTS[seq - 1], str(seq), 0.5) for seq in came]
    verdict = Verdict(seed=0)
    verdict.judge_subscriber(LOG["killarney"], notes)
    assert found(verdict) == expected


@pytest.mark.parametrize(("came", "_", "expected"), ORDERS)
def test_pusher_is_to_have_each_event_and_their_first_arrivals_in_order(
    came: Sequence[int], _: object, expected: tuple[int, int, int]
) -> None:
    verdict = Verdict(seed=0)
    verdict.judge_pusher(LOG, [request(seq, event_id=70 + seq) for seq in came], clocks_apart=0)
    assert found(verdict) == expected


def test_another_event_under_a_number_counts_as_lost() -> None:
    notes = Notes("socket", "killarney", "cursor")
    notes.arrivals = [Arrival(seq, 80 + seq, TEXTS[seq - 1], str(seq), 0.5) for seq in (1, 2, 3)]
    verdict = Verdict(seed=0)
    verdict.judge_subscriber(LOG["killarney"], notes)
    assert found(verdict) == (3, 0, 0)
    verdict = Verdict(seed=0)
    verdict.judge_pusher(LOG, [request(seq, event_id=80 + seq) for seq in (1, 2, 3)], clocks_apart=0)
    assert verdict.lost > 0


def test_what_clients_should_never_have_been_told_is_a_fault() -> None:
    notes = Notes("socket", "killarney", "cursor")
    notes.take_errors([{"extensions": {"code": "INTERNAL"}}])
    assert notes.surprises == []
    notes.take_errors([{"extensions": {"code": "CURSOR_EXPIRED"}}])
    notes.arrivals = [Arrival(seq, 70 + seq, TEXTS[seq - 1], str(seq), 0.5) for seq in (1, 2, 3)]
    verdict = Verdict(seed=0)
    verdict.judge_subscriber(LOG["killarney"], notes)
    assert len(verdict.faults) == 1


def request(seq: int, *, event_id: int) -> dict[str, Any]:
    data = json.dumps({"meta": {"seq": seq, "event_id": event_id}})
    return {"status": 200, "at": 0, "batch": [{"channel": "hotel-killarney", "data": data}]}
