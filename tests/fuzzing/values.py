"""Values that lead somewhere in the demo's hotels, and values that something may trip over."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random

from tests.fuzzing.twins import CURSOR, REFERENCE

ODD_TEXTS = (
    *("", " ", "\t\n", "\0", "a\0b", "\x1b[31m", "\x7f", "\u200b", "\u202egnp", "\ufeff", "\ufffd", "\uffff"),
    *("\U0001f468\u200d\U0001f469", "\U0010ffff", "e\u0301" * 40, "ﷺ" * 100, "İstanbul", "ß", "ΐ" * 100),
    *("%", "_", "%_%", "\\", "'", '"', "' OR 1=1 --", "${x}", "{{x}}", "$(id)", "<b>", "../../etc/passwd"),
    *("http://", "http://[", "https://[::1", "http://a:99999999", "http://\u2100.example", "javascript:x"),
    *("https://a.example/\ud7ff", "//a", "/media/", "/media/../x", "a@b", "@", "a@b@c", "#12345", "#GGGGGG"),
    *("null", "undefined", "NaN", "Infinity", "-0", "1e999", "0x1F", "１２", "٣", "1_000", "9" * 5000),
    *("x" * 199, "x" * 200, "x" * 201, "x" * 501, "x" * 2001, "x" * 20_001),
    *("====", "bm9uc2Vuc2U", "eyJhIjoxfQ", "W10", "WzFd", "W251bGxd", "WyJcdTAwMDAiXQ", "WzFlOTk5XQ", "Og"),
)
ODD_NUMBERS = (
    *(0, -1, 1, 2, 99, 100, 101, 500, 501, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**53 + 1),
    *(2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**18, 10**40, -(10**400), 0.5, -0.0, 1e300, 1.0),
)
ODD_DAYS = (
    *("0000-01-01", "0001-01-01", "9999-12-31", "9999-12-30", "10000-01-01", "2026-02-30", "2024-02-29"),
    *("2026-W01-1", "20260101", "2026-1-1", " 2026-01-01", "２０２６-０１-０１", "2026-01-01T00:00:00Z"),
    *("-0001-01-01", "+2026-01-01", "", "today", "1900-02-29", "2026-01-01\0"),
)
ODD_TIMES = (
    *("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00Z"),
    *("9999-12-31T23:59:59.999999999Z", "2026-01-01T24:00:00Z", "2026-01-01T00:00:60Z"),
    *("2026-01-01T00:00:00", "2026-01-01T00:00:00+99:99", "2026-01-01T00:00:00+23:59", "2026-01-01 00:00Z"),
    *("2026-03-29T01:30:00+00:00", "", "now", "0000-00-00T00:00:00Z", "2026-01-01T00:00:00.Z"),
)
ODD_IDS = (
    *("0", "-1", "01", "1.0", "1e0", "١", "2147483647", "2147483648", "9223372036854775808", "9" * 60),
    *("", " ", "abc", "1\0", "BK-", "BK-0000-0000", "BK-99999-1", "bk-2026-0001", "' OR 1=1 --", "\uffff"),
)
KEYS = (*("a", "b", "c", "d"), "", " ", '"a"', "a b", "x" * 64, "x" * 300, "é", "\u202e", "{}", "null")
"""Idempotency keys, some of which are used more than once."""


def near_day(random: Random) -> str:
    """A day from a few days ago to a few months ahead."""
    return (datetime.now(UTC).date() + timedelta(days=random.randrange(-3, 120))).isoformat()


def near_time(random: Random) -> str:
    """A time of these weeks, with some offset."""
    moment = datetime.now(UTC) + timedelta(hours=random.randrange(-500, 500))
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + random.choice(("Z", "+00:00", "-11:30", "+14:00"))


def reference(random: Random) -> str:
    """The reference of a booking that there probably is."""
    number = random.randrange(1, 40)
    return random.choice((REFERENCE, REFERENCE, f"BK-{datetime.now(UTC).year}-{number:04}"))


def number_id(random: Random) -> str:
    """The id of a row that there may be."""
    return str(random.randrange(1, 12))


def text(random: Random) -> str:
    """Some text."""
    choice = random.random()
    if choice < 0.12:
        return random.choice(("\0", "a\0b", "Spa\0"))  # PostgreSQL holds no such text
    if choice < 0.5:
        return random.choice(("Spa", "Zwölf Austern", "Sea view", "Ο Ποσειδών", "海", "a", "<p>b</p>"))
    return random.choice(ODD_TEXTS)


def one_of(*choices: str) -> Callable[[Random], str]:
    """Any of these."""
    return lambda random: random.choice(choices)


LIKELY: Mapping[str, Callable[[Random], object]] = {
    "slug": one_of("killarney", "killarney", "dublin", "nowhere"),
    "hotelSlug": one_of("killarney", "killarney", "dublin", "nowhere"),
    "username": one_of("anna", "nobody"),
    "password": one_of("demo", "wrong"),
    "after": one_of(CURSOR, CURSOR, "nonsense"),
    "guestEmail": one_of("ada@guests.example", "ada"),
    "contactEmail": one_of("desk@killarney.example", ""),
    "website": one_of("https://killarney.example", ""),
    "bookNowUrl": one_of("https://killarney.example/book", ""),
    "url": one_of(*(f"https://pictures.example/killarney/{name}.jpg" for name in ("garden", "lobby"))),
    "first": lambda random: random.randrange(0, 8),
    "adults": lambda random: random.randrange(1, 4),
    "children": lambda random: random.randrange(0, 3),
    "arrival": near_day,
    "departure": near_day,
    "freeFrom": near_day,
    "freeTo": near_day,
    "roomTypeId": one_of("1", "2", "3", "4"),
    "roomId": number_id,
    "staffId": one_of("1", "2", "3"),
}
"""What an argument or field of this name probably takes."""
