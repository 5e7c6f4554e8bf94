"""Small checks of callers' values, which can be combined.

A check takes a field's name, as the GraphQL contract spells it, and a value, and returns what to keep. Types
are checked as well, because a JSON body of the REST doors can hold anything.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Any, TypeVar

from hotelmate.errors import BadUserInput

Kept = TypeVar("Kept")
Choice = TypeVar("Choice", bound=StrEnum)
Check = Callable[[str, object], Kept]
"""Returns what to keep of a field's value.

Raises:
    BadUserInput: the value cannot be accepted.
"""

TITLE = 200
SHORT_TEXT = 500
LONG_TEXT = 20_000
NAME = 200
URL = 2_000
EMAIL = 254
PHONE = 50

INT_32 = 2**31
"""The first number that is too large for the databases' integer columns."""

_ROW_ID = re.compile(r"[1-9]\d{0,9}", re.ASCII)
_NO_ROW = 0
# RFC 3339's form; `fromisoformat` would take week dates and missing separators too.
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_HTTP_URL = re.compile(r"https?://[^\s/?#]\S*", re.IGNORECASE)
_MEDIA_PATH = re.compile(r"/media/\S+")


def accept(
    values: Mapping[str, object], checks: Mapping[str, Check[object]], *, within: str = ""
) -> dict[str, Any]:
    """Return what to keep of each value.

    Args:
        values: by name in snake_case.
        checks: what each name that there is must be like.
        within: comes before the name of a field that is refused, such as `theme.`.

    Raises:
        BadUserInput: the first value that cannot be accepted, or a name that there is not.
    """
    return {
        name: checks.get(name, _unknown)(within + camel_case(name), value) for name, value in values.items()
    }


def camel_case(name: str) -> str:
    """Return a snake_case name as the GraphQL contract spells it."""
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)


def row_id(written: str) -> int:
    """Return the number of the row that a client's id stands for.

    For text that cannot be an id it is 0, which no row has. So the operation runs as for any unknown id: it
    first decides whether the caller may ask at all, and then finds nothing.
    """
    number = int(written) if _ROW_ID.fullmatch(written) else _NO_ROW
    return number if number < INT_32 else _NO_ROW


def parse_day(written: str) -> date:
    """Return the day that is written as YYYY-MM-DD.

    Raises:
        ValueError: it is written otherwise, or there is no such day.
    """
    if not _DAY.fullmatch(written):
        raise ValueError("write a day as YYYY-MM-DD")
    return date.fromisoformat(written)


def is_storable(value: str) -> bool:
    """Whether every database can hold the text: PostgreSQL takes no NUL, and UTF-8 no lone surrogate."""
    return "\0" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def text(*, at_most: int) -> Check[str]:
    """Text of up to so many characters, possibly empty."""

    def check(field: str, value: object) -> str:
        if not isinstance(value, str):
            raise BadUserInput(field, "This must be text.")
        if not is_storable(value):
            raise BadUserInput(field, "This holds characters that no text has.")
        if len(value) > at_most:
            raise BadUserInput(field, f"This is longer than {at_most} characters.")
        return value

    return check


def stripped(*, at_most: int) -> Check[str]:
    """Text without the white space around it, of up to so many characters, possibly empty."""
    limited = text(at_most=at_most)

    def check(field: str, value: object) -> str:
        return limited(field, value.strip() if isinstance(value, str) else value)

    return check


def filled(*, at_most: int) -> Check[str]:
    """Text without the white space around it, of 1 to so many characters."""
    limited = stripped(at_most=at_most)

    def check(field: str, value: object) -> str:
        kept = limited(field, value)
        if not kept:
            raise BadUserInput(field, "This must not be empty.")
        return kept

    return check


def matching(pattern: re.Pattern[str], message: str, *, at_most: int) -> Check[str]:
    """Text of a form, without the white space around it; the message tells which form."""
    limited = stripped(at_most=at_most)

    def check(field: str, value: object) -> str:
        kept = limited(field, value)
        if not pattern.fullmatch(kept):
            raise BadUserInput(field, message)
        return kept

    return check


def integer(*, at_least: int = -INT_32, at_most: int = INT_32 - 1) -> Check[int]:
    """A whole number within bounds; without any, one of 32 bits."""

    def check(field: str, value: object) -> int:
        if not isinstance(value, int) or isinstance(value, bool):
            raise BadUserInput(field, "This must be a whole number.")
        if not at_least <= value <= at_most:
            raise BadUserInput(field, f"This must be from {at_least} to {at_most}.")
        return value

    return check


def boolean(field: str, value: object) -> bool:
    """True or false."""
    if not isinstance(value, bool):
        raise BadUserInput(field, "This must be true or false.")
    return value


def day(field: str, value: object) -> date:
    """A date."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadUserInput(field, "This must be a date.")
    return value


def one_of(choices: type[Choice]) -> Check[Choice]:
    """A member of an enumeration, or its value."""

    def check(field: str, value: object) -> Choice:
        if not isinstance(value, str) or value not in {*choices}:
            raise BadUserInput(field, f"This must be one of {', '.join(choices)}.")
        return choices(value)

    return check


def list_of(item: Check[Kept], *, at_most: int) -> Check[list[Kept]]:
    """A list of up to so many items."""

    def check(field: str, value: object) -> list[Kept]:
        if not isinstance(value, list | tuple):
            raise BadUserInput(field, "This must be a list.")
        if len(value) > at_most:
            raise BadUserInput(field, f"This has more than {at_most} entries.")
        return [item(field, entry) for entry in value]

    return check


def optional(present: Check[Kept]) -> Check[Kept | None]:
    """None, or what passes the check."""

    def check(field: str, value: object) -> Kept | None:
        return None if value is None else present(field, value)

    return check


def none_if_empty(present: Check[str]) -> Check[str | None]:
    """What passes the check; None and an empty text stand for nothing."""

    def check(field: str, value: object) -> str | None:
        return None if value is None or value == "" else present(field, value)

    return check


def cleared_by_null(present: Check[Kept], empty: Callable[[], Kept]) -> Check[Kept]:
    """What passes the check; None stands for an empty value."""

    def check(field: str, value: object) -> Kept:
        return empty() if value is None else present(field, value)

    return check


def empty_or(present: Check[str]) -> Check[str]:
    """An empty text, or what passes the check."""

    def check(field: str, value: object) -> str:
        return "" if value == "" else present(field, value)

    return check


def _unknown(field: str, _value: object) -> object:
    raise BadUserInput(field, "There is no such field.")


colour = matching(_COLOUR, "This must be a colour as #RRGGBB.", at_most=7)
email = matching(_EMAIL, "This must be an email address.", at_most=EMAIL)
url = matching(_HTTP_URL, "This must be an http or https address.", at_most=URL)
image_url = matching(
    re.compile(f"{_HTTP_URL.pattern}|{_MEDIA_PATH.pattern}", re.IGNORECASE),
    "This must be an http or https address, or a path under /media/.",
    at_most=URL,
)
