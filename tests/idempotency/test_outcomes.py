"""Each change is made once, however often it comes under its key, and answered alike each time."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import orjson
import pytest
from sqlmodel import select

from hotelmate.database import Database
from hotelmate.idempotency import outcomes
from hotelmate.models import Hotel, IdempotencyRecord
from hotelmate.schema import build_schema
from hotelmate.schema.uploads import Upload
from tests.isolation.test_graphql import FIELDS
from tests.media.uploads import encoded, quarters
from tests.resolvers.steps import everything
from tests.schema.api import ANNA, BEN, Api

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
BOOK = """mutation($name: String!) { createBooking(hotelSlug: "killarney", input: {
    roomTypeId: "1", guestName: $name, guestEmail: "ada@guests.example",
    arrival: "2040-06-15", departure: "2040-06-17"
}) {
    guestToken statusUrl booking { id guestName status cursor seq createdAt hotel { cursor } wifi { name } }
} }"""
TOGGLE = "mutation { toggleClock { action clockTime staff { isOnDuty lastClockIn hotel { cursor } } } }"
# A log-in is repeated by logging in; after a log-out there is nobody to be answered.
WITHOUT_KEYS = {"logIn", "logOut"}
WITH_KEYS = {
    name.removeprefix("Mutation."): document
    for name, (document, _) in FIELDS.items()
    if name.startswith("Mutation.") and name.removeprefix("Mutation.") not in WITHOUT_KEYS
}
FULLER = {
    "toggleClock": TOGGLE,
    "createBooking": BOOK.replace("$name: String!", '$name: String = "Ada"'),
    "updateSettings": """mutation { updateSettings(input: { tagline: "x", wifiPassword: "y" }) {
        id cursor seq settings { tagline updatedAt theme { mode } amenities } } }""",
    "createOffer": """mutation { createOffer(input: {
        title: "Spa", shortDescription: "", validFrom: "2040-06-15"
    }) { id title validFrom validTo createdAt } }""",
    "confirmBooking": """mutation { confirmBooking(id: "$pending") {
        id status arrival cursor seq wifi { name password } roomType { name } hotel { seq } } }""",
    "assignRoom": """mutation { assignRoom(id: "$pending", roomId: "1") {
        roomAssignedAt room { number isOccupied } cursor } }""",
}

Answer = tuple[dict[str, Any] | None, list[dict[str, Any]]]


@pytest.fixture
def pending(api: Api) -> str:
    return api.reference("Grace O'Malley")


def filled_in(api: Api, document: str) -> str:
    names = {"pending": "Grace O'Malley", "confirmed": "Brian Boru", "checked_in": "Maeve Connacht"}
    for state, name in names.items():
        if f"${state}" in document:
            document = document.replace(f"${state}", api.reference(name))
    return document


def picture() -> dict[str, Upload]:
    return {"file": Upload(BytesIO(encoded(quarters(), "PNG")))}


def codes(answer: Answer) -> Sequence[str]:
    return [error["extensions"]["code"] for error in answer[1]]


def test_every_mutation_is_one_or_the_other() -> None:
    mutation = build_schema()._schema.mutation_type
    assert mutation is not None
    assert {*WITH_KEYS, *WITHOUT_KEYS} == mutation.fields.keys()


@pytest.mark.parametrize("name", WITH_KEYS)
def test_a_change_that_comes_again_is_answered_as_the_first_time_and_not_made(api: Api, name: str) -> None:
    document = filled_in(api, FULLER.get(name, WITH_KEYS[name]))
    files = picture() if "$file" in document else {}
    first = api.keyed(KEY, document, ANNA, **files)
    assert codes(first) == (["CONFLICT"] if name == "clockOut" else [])
    # What others do in between changes nothing of what is answered.
    api.data('mutation { updateSettings(input: { tagline: "z" }) { id } }', BEN)
    before = everything(api.database)
    for _ in range(2):
        assert api.keyed(KEY, document, ANNA, **files) == first
    assert everything(api.database) == before


@pytest.mark.parametrize("name", ["clockIn", "createBooking"])
def test_without_a_key_or_under_another_it_is_made_again(api: Api, name: str) -> None:
    document = filled_in(api, WITH_KEYS[name])
    first = api.keyed(KEY, document, ANNA)
    for key in (None, f"{KEY}2"):
        assert api.keyed(key, document, ANNA) != first


def test_anything_else_under_the_key_is_a_conflict_and_changes_nothing(api: Api, pending: str) -> None:
    first = api.keyed(KEY, BOOK, name="Ada")
    before = everything(api.database)
    for document, variables in (
        (BOOK, {"name": "Eve"}),
        (BOOK.replace("createBooking", "again: createBooking"), {"name": "Ada"}),
        (BOOK.replace("2040-06-17", "2040-06-18"), {"name": "Ada"}),
        (f'mutation {{ cancelBooking(id: "{pending}") {{ id }} }}', {}),
    ):
        data, errors = api.keyed(KEY, document, **variables)
        assert data is None
        assert [(error["message"], error["extensions"]) for error in errors] == [
            ("This key was used for another request.", {"code": "CONFLICT"})
        ]
    assert everything(api.database) == before
    assert api.keyed(KEY, BOOK, name="Ada") == first


def test_another_picture_is_something_else(api: Api) -> None:
    document = "mutation($file: Upload!) { uploadGalleryImage(image: $file) { url } }"
    api.keyed(KEY, document, ANNA, **picture())
    other = {"file": Upload(BytesIO(encoded(quarters((48, 48)), "PNG")))}
    assert codes(api.keyed(KEY, document, ANNA, **other)) == ["CONFLICT"]


def test_a_refusal_for_how_things_stand_is_an_outcome(api: Api, pending: str) -> None:
    """Else an answer that comes late could contradict the one that a later attempt has got."""
    check_in = f'mutation {{ checkIn(id: "{pending}") {{ status }} }}'
    first = api.keyed(KEY, check_in, ANNA)
    assert first[1][0]["message"] == "The booking is PENDING_PAYMENT, which does not allow this."
    for step in ("confirmBooking", 'assignRoom, roomId: "1"'):
        name, _, room = step.partition(",")
        api.data(f'mutation {{ {name}(id: "{pending}"{room and f",{room}"}) {{ id }} }}', ANNA)
    assert api.keyed(KEY, check_in, ANNA) == first
    assert api.keyed(None, check_in, ANNA) == ({"checkIn": {"status": "CHECKED_IN"}}, [])
    gone = 'mutation { deleteOffer(id: "4711") { id } }'
    absent = api.keyed("another", gone, ANNA)
    assert codes(absent) == ["NOT_FOUND"]
    assert api.keyed("another", gone, ANNA) == absent


def test_what_was_refused_for_itself_or_for_who_asks_may_come_again_under_the_key(api: Api) -> None:
    before = everything(api.database)
    assert codes(api.keyed(KEY, BOOK.replace("2040-06-15", "2001-06-15"), name="Ada")) == ["BAD_USER_INPUT"]
    assert codes(api.keyed(KEY, TOGGLE)) == ["UNAUTHENTICATED"]
    assert everything(api.database) == before
    assert codes(api.keyed(KEY, BOOK, name="Ada")) == []
    assert codes(api.keyed(KEY, TOGGLE, ANNA)) == []


def test_a_refused_operation_leaves_and_tells_nothing_but_its_refusal(api: Api, pending: str) -> None:
    announced: list[object] = []
    api.database.on_commit(announced.extend)
    before = everything(api.database)
    step = f'mutation {{ assignRoom(id: "{pending}", roomId: "4711") {{ id }} }}'
    assert codes(api.keyed(KEY, step, ANNA)) == ["NOT_FOUND"]
    after = everything(api.database)
    assert len(after.pop("idempotency_record")) == 1
    assert before.pop("idempotency_record") == []
    assert after == before
    assert announced == []


def test_an_answer_that_was_lost_after_the_commit_is_given_when_it_is_asked_for_again(api: Api) -> None:
    def lose(_notices: object) -> None:
        raise ConnectionAbortedError("the process ended here")

    api.database._listeners.append(lose)
    assert codes(api.keyed(KEY, BOOK, name="Ada")) == ["INTERNAL"]
    api.database._listeners.remove(lose)
    [made] = api.log()
    data, errors = api.keyed(KEY, BOOK, name="Ada")
    assert errors == []
    assert data is not None
    assert data["createBooking"]["booking"]["cursor"] == made.cursor
    assert api.log() == [made]
    guest = f"GuestToken {data['createBooking']['guestToken']}"
    assert api.data("{ viewer { ... on Guest { booking { guestName } } } }", guest) == {
        "viewer": {"booking": {"guestName": "Ada"}}
    }


def test_a_change_that_fails_leaves_no_outcome(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ConnectionAbortedError("the disk is gone")

    before = everything(api.database)
    with monkeypatch.context() as broken:
        broken.setattr(outcomes, "_record", fail)
        assert codes(api.keyed(KEY, BOOK, name="Ada")) == ["INTERNAL"]
    assert everything(api.database) == before
    assert codes(api.keyed(KEY, BOOK, name="Ada")) == []


def test_each_field_of_a_document_is_done_once_and_those_that_were_not_are_done_then(
    api: Api, pending: str
) -> None:
    document = f"""mutation {{
        confirmed: confirmBooking(id: "{pending}") {{ status }}
        again: confirmBooking(id: "{pending}") {{ status }}
        assignRoom(id: "{pending}", roomId: "1") {{ status }}
    }}"""
    stopped = api.keyed(KEY, document, ANNA)
    assert stopped[0] is None
    assert [(error["path"], error["extensions"]) for error in stopped[1]] == [
        (["again"], {"code": "CONFLICT"})
    ]
    assert [event.type for event in api.log()] == ["BookingStatusChanged"]
    assert api.keyed(KEY, document, ANNA) == stopped
    several = f"""mutation {{
        one: toggleClock {{ action }}
        other: toggleClock {{ action }}
        cancelBooking(id: "{pending}") {{ status }}
    }}"""
    first = api.keyed("several", several, ANNA)
    assert first == (
        {
            "one": {"action": "CLOCK_IN"},
            "other": {"action": "CLOCK_OUT"},
            "cancelBooking": {"status": "CANCELLED"},
        },
        [],
    )
    # As if the process had ended after the first field.
    with api.database.transaction() as transaction:
        kept = transaction.exec(select(IdempotencyRecord)).all()
        [record] = [one for one in kept if "other" in one.outcomes]
        record.outcomes = orjson.dumps({"one": orjson.loads(record.outcomes)["one"]}).decode()
        transaction.add(record)
    events = len(api.log())
    data, errors = api.keyed("several", several, ANNA)
    assert data is None
    assert [error["path"] for error in errors] == [["cancelBooking"]]
    assert len(api.log()) == events + 1


def test_a_key_that_others_could_guess_is_refused_to_nobody_but_the_anonymous(api: Api) -> None:
    before = everything(api.database)
    short = api.keyed("x" * 15, BOOK, name="Ada")
    assert short[1][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "idempotencyKey"}
    assert codes(api.keyed("x" * 15, TOGGLE)) == ["UNAUTHENTICATED"]
    assert everything(api.database) == before
    assert codes(api.keyed("x" * 16, BOOK, name="Ada")) == []
    assert codes(api.keyed("1", BOOK, ANNA, name="Ada")) == []


def test_neither_key_nor_content_nor_token_is_kept(api: Api) -> None:
    data, _ = api.keyed(KEY, BOOK, name="Ada")
    assert data is not None
    password = 'mutation { updateSettings(input: { wifiPassword: "planted" }) { id } }'
    api.keyed("the key of this", password, ANNA)
    with api.database.reading() as reading:
        kept = " ".join(repr(record) for record in reading.exec(select(IdempotencyRecord)))
    assert "Ada" in kept
    for secret in (KEY, data["createBooking"]["guestToken"], "the key of this", "planted"):
        assert secret not in kept


def test_the_token_of_a_booking_whose_token_was_renewed_since_is_the_old_one(api: Api) -> None:
    first = api.keyed(KEY, BOOK, name="Ada")
    assert first[0] is not None
    created = first[0]["createBooking"]
    renewal = f'mutation {{ renewGuestToken(id: "{created["booking"]["id"]}") }}'
    renewed = api.keyed(KEY, renewal, ANNA)
    assert renewed[0] is not None
    assert api.keyed(KEY, renewal, ANNA) == renewed
    assert api.keyed(KEY, BOOK, name="Ada") == first
    viewer = "{ viewer { __typename } }"
    assert api.data(viewer, f"GuestToken {created['guestToken']}") == {"viewer": None}
    assert api.data(viewer, f"GuestToken {renewed[0]['renewGuestToken']}") == {
        "viewer": {"__typename": "Guest"}
    }


async def test_what_was_kept_for_a_day_is_removed(database: Database, killarney: Hotel) -> None:
    now = datetime.now(UTC)
    with database.transaction() as transaction:
        for name, age in (("new", timedelta(hours=23, minutes=59)), ("old", timedelta(hours=24, seconds=1))):
            transaction.add(
                IdempotencyRecord(key_hash=name, fingerprint="", outcomes="{}", created_at=now - age)
            )
    await outcomes.prune(database)
    with database.reading() as reading:
        assert reading.exec(select(IdempotencyRecord.key_hash)).all() == ["new"]
