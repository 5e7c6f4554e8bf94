"""What callers may send: each bound from both sides."""

from datetime import UTC, date, datetime

import pytest

from hotelmate.errors import BadUserInput
from hotelmate.models import ThemeMode
from hotelmate.resolvers import checks
from hotelmate.resolvers.checks import Check

HALF_OF_A_PAIR = "\ud800"


@pytest.mark.parametrize(
    ("check", "value", "kept"),
    [
        (checks.text(at_most=3), "abc", "abc"),
        (checks.text(at_most=3), "", ""),
        (checks.text(at_most=3), " a ", " a "),
        (checks.text(at_most=1), "\N{HOTEL}", "\N{HOTEL}"),
        (checks.stripped(at_most=3), "  abc  ", "abc"),
        (checks.filled(at_most=3), " a ", "a"),
        (checks.integer(), -(2**31), -(2**31)),
        (checks.integer(), 2**31 - 1, 2**31 - 1),
        (checks.integer(at_least=1, at_most=2), 2, 2),
        (checks.boolean, False, False),
        (checks.day, date(2040, 6, 15), date(2040, 6, 15)),
        (checks.one_of(ThemeMode), "DARK", ThemeMode.DARK),
        (checks.one_of(ThemeMode), ThemeMode.DARK, ThemeMode.DARK),
        (checks.list_of(checks.boolean, at_most=2), [True, False], [True, False]),
        (checks.optional(checks.boolean), None, None),
        (checks.optional(checks.boolean), True, True),
        (checks.none_if_empty(checks.url), "", None),
        (checks.none_if_empty(checks.url), None, None),
        (checks.cleared_by_null(checks.text(at_most=3), str), None, ""),
        (checks.cleared_by_null(checks.text(at_most=3), str), "abc", "abc"),
        (checks.empty_or(checks.url), "", ""),
        (checks.colour, "#1f4E5F", "#1f4E5F"),
        (checks.email, " ada@guests.example ", "ada@guests.example"),
        (checks.email, "a" * 252 + "@b", "a" * 252 + "@b"),
        (checks.url, "https://hotel.example/a?b=c#d", "https://hotel.example/a?b=c#d"),
        (checks.url, "HTTP://hotel.example", "HTTP://hotel.example"),
        (checks.url, "http://h/" + "a" * 1991, "http://h/" + "a" * 1991),
        (checks.image_url, "/media/killarney/lobby.jpg", "/media/killarney/lobby.jpg"),
        (checks.image_url, "https://pictures.example/a.jpg", "https://pictures.example/a.jpg"),
    ],
)
def test_a_value_that_is_as_it_must_be_is_kept(check: Check[object], value: object, kept: object) -> None:
    assert check("field", value) == kept


@pytest.mark.parametrize(
    ("check", "value"),
    [
        (checks.text(at_most=3), "abcd"),
        (checks.text(at_most=3), "a\0"),
        (checks.text(at_most=3), HALF_OF_A_PAIR),
        (checks.text(at_most=3), None),
        (checks.text(at_most=3), 5),
        (checks.stripped(at_most=3), " abcd "),
        (checks.filled(at_most=3), " \n\t"),
        (checks.filled(at_most=3), None),
        (checks.integer(), 2**31),
        (checks.integer(), -(2**31) - 1),
        (checks.integer(), True),
        (checks.integer(), 1.0),
        (checks.integer(), "1"),
        (checks.integer(at_least=1), 0),
        (checks.boolean, 1),
        (checks.boolean, "true"),
        (checks.boolean, None),
        (checks.day, datetime(2040, 6, 15, tzinfo=UTC)),
        (checks.day, "2040-06-15"),
        (checks.one_of(ThemeMode), "dark"),
        (checks.one_of(ThemeMode), None),
        (checks.list_of(checks.boolean, at_most=2), [True, True, True]),
        (checks.list_of(checks.boolean, at_most=2), ["true"]),
        (checks.list_of(checks.text(at_most=3), at_most=9), "abc"),
        (checks.empty_or(checks.url), " "),
        (checks.colour, "#12345"),
        (checks.colour, "#1234567"),
        (checks.colour, "123456"),
        (checks.colour, "#12345G"),
        (checks.colour, "red"),
        (checks.colour, "#12345\N{FULLWIDTH DIGIT ONE}"),
        (checks.email, "ada"),
        (checks.email, "ada@"),
        (checks.email, "@guests.example"),
        (checks.email, "a@b@c"),
        (checks.email, "ada l@guests.example"),
        (checks.email, "a" * 253 + "@b"),
        (checks.url, "javascript:alert(1)"),
        (checks.url, "ftp://hotel.example"),
        (checks.url, "//hotel.example"),
        (checks.url, "https://"),
        (checks.url, "https://?a"),
        (checks.url, "https://hotel.example/a b"),
        (checks.url, "http://h/" + "a" * 1992),
        (checks.image_url, "/media/"),
        (checks.image_url, "/etc/passwd"),
        (checks.image_url, "media/a.jpg"),
        (checks.image_url, "data:image/png;base64,AAAA"),
    ],
)
def test_a_value_that_is_not_is_refused_under_its_fields_name(check: Check[object], value: object) -> None:
    with pytest.raises(BadUserInput) as refused:
        check("field", value)
    assert refused.value.field == "field"


def test_values_are_checked_by_name_and_refused_as_graphql_spells_it() -> None:
    known = {"valid_to": checks.day, "title": checks.filled(at_most=3)}
    assert checks.accept({"title": " a "}, known) == {"title": "a"}
    with pytest.raises(BadUserInput) as refused:
        checks.accept({"title": "a", "valid_to": None}, known, within="offer.")
    assert refused.value.field == "offer.validTo"


def test_a_name_that_there_is_not_is_refused() -> None:
    with pytest.raises(BadUserInput) as refused:
        checks.accept({"sub_title": "a"}, {"title": checks.filled(at_most=3)})
    assert refused.value.field == "subTitle"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1),
        ("2147483647", 2147483647),
        ("2147483648", 0),
        ("9" * 40, 0),
        ("0", 0),
        ("01", 0),
        ("-1", 0),
        ("+1", 0),
        ("1_0", 0),
        ("1.0", 0),
        (" 1", 0),
        ("1\n", 0),
        ("١", 0),
        ("", 0),
    ],
)
def test_what_cannot_be_an_id_is_that_of_no_row(text: str, number: int) -> None:
    assert checks.row_id(text) == number
