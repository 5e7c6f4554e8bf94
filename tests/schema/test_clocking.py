"""The clock, the staff and their shifts."""

from datetime import datetime, timedelta

import pytest

from tests.schema.api import ANNA, BEN, Api

RESULT = "{ staff { firstName isOnDuty lastClockIn lastClockOut hotel { cursor } } action clockTime }"
SHIFTS = """query($staffId: ID, $from: DateTime, $to: DateTime, $first: Int = 50, $after: String) {
    shifts(staffId: $staffId, from: $from, to: $to, first: $first, after: $after) {
        edges { cursor node { id staff { id } clockIn clockOut } }
        pageInfo { hasNextPage endCursor }
    }
}"""


def test_clocking_in_and_out(api: Api) -> None:
    into = api.data(f"mutation {{ clockIn {RESULT} }}", ANNA)["clockIn"]
    assert into["action"] == "CLOCK_IN"
    assert into["staff"]["isOnDuty"] is True
    assert into["staff"]["lastClockIn"] == into["clockTime"]
    assert into["clockTime"].endswith("+00:00")
    assert api.refusal("mutation { clockIn { action } }", ANNA) == {"code": "CONFLICT"}

    out = api.data(f"mutation {{ clockOut {RESULT} }}", ANNA)["clockOut"]
    assert out["action"] == "CLOCK_OUT"
    assert out["staff"]["isOnDuty"] is False
    assert out["staff"]["lastClockOut"] == out["clockTime"]
    assert api.refusal("mutation { clockOut { action } }", ANNA) == {"code": "CONFLICT"}

    assert [event.type for event in api.log()] == ["ClockStatusUpdated"] * 2
    assert [event.cursor for event in api.log()] == [
        into["staff"]["hotel"]["cursor"],
        out["staff"]["hotel"]["cursor"],
    ]


def test_toggling_goes_in_when_out_and_out_when_in(api: Api) -> None:
    document = "mutation { first: toggleClock { action } second: toggleClock { action } }"
    assert api.data(document, BEN) == {"first": {"action": "CLOCK_IN"}, "second": {"action": "CLOCK_OUT"}}


def test_staff_are_listed_by_name_and_can_be_chosen_by_duty(api: Api) -> None:
    api.data("mutation { clockIn { action } }", BEN)
    document = """query($onDuty: Boolean, $first: Int = 50, $after: String) {
        staff(onDuty: $onDuty, first: $first, after: $after) {
            edges { node { lastName } } pageInfo { hasNextPage endCursor }
        }
    }"""

    def names(**arguments: object) -> list[str]:
        return [edge["node"]["lastName"] for edge in api.data(document, ANNA, **arguments)["staff"]["edges"]]

    assert names() == names(onDuty=None) == ["Kelly", "Murphy"]
    assert names(onDuty=True) == ["Murphy"]
    assert names(onDuty=False) == ["Kelly"]
    page = api.data(document, ANNA, first=1)["staff"]["pageInfo"]
    assert page["hasNextPage"] is True
    assert names(first=1, after=page["endCursor"]) == ["Murphy"]


@pytest.fixture
def times(api: Api) -> list[str]:
    """When three shifts began: ben's, then anna's, then ben's again, which is open."""
    began: list[str] = []
    for caller in (BEN, ANNA):
        began.append(api.data("mutation { clockIn { clockTime } }", caller)["clockIn"]["clockTime"])
        api.data("mutation { clockOut { action } }", caller)
    began.append(api.data("mutation { clockIn { clockTime } }", BEN)["clockIn"]["clockTime"])
    return began


def test_shifts_are_listed_newest_first_and_can_be_chosen(api: Api, times: list[str]) -> None:
    def shifts(**arguments: object) -> list[tuple[str, str]]:
        edges = api.data(SHIFTS, ANNA, **arguments)["shifts"]["edges"]
        return [(edge["node"]["staff"]["id"], edge["node"]["clockIn"]) for edge in edges]

    first, second, third = ("2", times[0]), ("1", times[1]), ("2", times[2])
    assert shifts() == [third, second, first]
    assert shifts(staffId="2") == [third, first]
    assert shifts(**{"from": times[1], "to": times[2]}) == [second]
    # The same moments, as a clock in Sydney shows them.
    later = (datetime.fromisoformat(times[1]) + timedelta(hours=10)).isoformat().replace("+00:00", "+10:00")
    assert shifts(**{"from": later}) == [third, second]
    page = api.data(SHIFTS, ANNA, first=2)["shifts"]
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["pageInfo"]["endCursor"] == page["edges"][1]["cursor"]
    assert shifts(after=page["pageInfo"]["endCursor"]) == [first]


def test_an_open_shift_has_no_end(api: Api, times: list[str]) -> None:
    edges = api.data(SHIFTS, ANNA)["shifts"]["edges"]
    assert [edge["node"]["clockOut"] is None for edge in edges] == [True, False, False]
