"""What a key is, whose it is, and what counts as the same request."""

from datetime import UTC, datetime
from io import BytesIO

import pytest

from hotelmate.errors import BadUserInput
from hotelmate.idempotency.keys import KeyedRequest, hash_of, parse
from hotelmate.identity.actors import Anonymous, GuestActor, StaffActor

NOW = datetime.now(UTC)
ANNA = StaffActor(session_id=1, staff_id=1, user_id=1, hotel_id=1, expires_at=NOW)
BEN = StaffActor(session_id=2, staff_id=2, user_id=2, hotel_id=1, expires_at=NOW)
UUID = "8e03978e-40d5-43dd-bc93-6894a57f9324"


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("1", "1"),
        (UUID, UUID),
        (f'"{UUID}"', UUID),
        ('"a \\"b\\" \\\\"', 'a "b" \\'),
        ('"half', '"half'),
        ("x" * 255, "x" * 255),
        ("two words, one comma", "two words, one comma"),
    ],
)
def test_a_key_is_printable_text_in_quotes_or_not(sent: str, key: str) -> None:
    assert parse(sent) == key


@pytest.mark.parametrize(
    "sent", ["", '""', "x" * 256, "caf\u00e9", "two\nlines", "\x7f", 7, True, None, ["a"], {}]
)
def test_nothing_else_is_one(sent: object) -> None:
    with pytest.raises(BadUserInput) as refused:
        parse(sent)
    assert refused.value.field == "idempotencyKey"


def test_a_key_is_its_callers_own() -> None:
    again = StaffActor(session_id=9, staff_id=1, user_id=1, hotel_id=1, expires_at=NOW)
    assert hash_of(again, UUID) == hash_of(ANNA, UUID)
    guest = GuestActor("BK-2025-0002", 1, "first-a")
    others = [
        BEN,
        guest,
        GuestActor("BK-2025-0002", 1, "renewed-b"),
        GuestActor("BK-2025-0003", 1, "first-a"),
    ]
    hashes = [hash_of(actor, UUID) for actor in (ANNA, Anonymous(), *others)]
    assert len(set(hashes)) == 6
    assert hash_of(ANNA, UUID[:-1]) != hash_of(ANNA, UUID)


def test_it_is_the_same_request_if_its_content_and_its_files_are() -> None:
    def fingerprint(content: object, *, key: str = UUID, **files: bytes) -> str:
        opened = {name: BytesIO(file) for name, file in files.items()}
        made = KeyedRequest.of(ANNA, key, content, opened).fingerprint
        # Whoever reads the files next begins where they begin.
        assert [file.read() for file in opened.values()] == list(files.values())
        return made

    content = ["mutation", {"a": 1, "b": [None, "\u00e9"]}]
    same = fingerprint(content, photo=b"picture")
    assert fingerprint(["mutation", {"b": [None, "\u00e9"], "a": 1}], photo=b"picture") == same
    others = [
        fingerprint(["mutation", {"a": 2, "b": [None, "\u00e9"]}], photo=b"picture"),
        fingerprint(content, photo=b"another"),
        fingerprint(content, logo=b"picture"),
        fingerprint(content),
        # Who reads the database cannot try out what was sent without the key.
        fingerprint(content, key=UUID[:-1], photo=b"picture"),
    ]
    assert len({same, *others}) == 6


def test_what_is_nested_beyond_measure_is_refused() -> None:
    content: object = 1
    for _ in range(300):
        content = [content]
    with pytest.raises(BadUserInput):
        KeyedRequest.of(ANNA, UUID, content, {})
