"""Dates, times and ids are read strictly, and written in one form."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from graphql import GraphQLScalarType

from hotelmate.schema import build_schema

TYPES = build_schema()._schema.type_map


def scalar(name: str) -> GraphQLScalarType:
    type_ = TYPES[name]
    assert isinstance(type_, GraphQLScalarType)
    return type_


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-06-15T09:30:00Z", datetime(2026, 6, 15, 9, 30, tzinfo=UTC)),
        ("2026-06-15T09:30:00+01:00", datetime(2026, 6, 15, 8, 30, tzinfo=UTC)),
        ("2026-06-15T00:30:00-05:30", datetime(2026, 6, 15, 6, 0, tzinfo=UTC)),
        ("2026-06-15T09:30:00.5Z", datetime(2026, 6, 15, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-06-15T09:30:00.123456789Z", datetime(2026, 6, 15, 9, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_time_with_its_offset_is_understood(text: str, meant: datetime) -> None:
    parsed = scalar("DateTime").parse_value(text)
    assert parsed == meant
    assert parsed.tzinfo is UTC


@pytest.mark.parametrize(
    "text",
    [
        "2026-06-15T09:30:00",  # no offset: whose clock?
        "2026-06-15",
        "2026-06-15 09:30:00Z",
        "2026-06-15T09:30Z",
        "20260615T093000Z",
        "2026-W25-1T09:30:00Z",
        "2026-06-15T09:30:00+0100",
        "2026-06-15T09:30:60Z",
        "2026-02-30T09:30:00Z",
        "2026-06-15T24:30:00Z",
        "0001-01-01T00:00:00+23:59",  # before the first year
        "9999-12-31T23:59:59-23:59",
        "２０２６-06-15T09:30:00Z",
        "2026-06-15T09:30:00Z\n",
        "",
        1_750_000_000,
        True,
    ],
)
def test_what_is_no_time_with_its_offset_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        scalar("DateTime").parse_value(text)


@pytest.mark.parametrize(
    "text",
    ["2026-6-15", "20260615", "2026-W25-1", "2026-02-30", "2026-06-15T00:00:00Z", "2026-06-15\n", "", 7],
)
def test_what_is_no_day_is_refused(text: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        scalar("Date").parse_value(text)


def test_days_and_times_are_written_in_one_form() -> None:
    assert scalar("Date").parse_value("2024-02-29") == date(2024, 2, 29)
    assert scalar("Date").serialize(date(2024, 2, 29)) == "2024-02-29"
    in_india = datetime(2026, 6, 15, 9, 30, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    assert scalar("DateTime").serialize(in_india) == "2026-06-15T04:00:00+00:00"
