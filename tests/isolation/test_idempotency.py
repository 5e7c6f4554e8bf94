"""What came of a request is told to nobody else, whatever they know of it."""

from io import BytesIO
from typing import Any

import pytest

from hotelmate.database import Database
from hotelmate.schema.uploads import Upload
from tests.isolation.callers import CALLERS, credentials, references
from tests.isolation.test_graphql import FIELDS, GUEST, STAFF_OF_IT
from tests.media.uploads import encoded, quarters
from tests.schema.api import Api

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"
OF_THIS_HOTEL = [
    name for name, (_, row) in FIELDS.items() if name.startswith("Mutation.") and row in (STAFF_OF_IT, GUEST)
]


@pytest.fixture
def api(sqlite_database: Database) -> Api:
    return Api(sqlite_database, booking_rate="unlimited")


@pytest.mark.parametrize("name", OF_THIS_HOTEL)
def test_who_may_not_make_a_change_is_not_told_what_came_of_it(api: Api, name: str) -> None:
    document, row = FIELDS[name]
    for state, reference in references(api.database).items():
        document = document.replace(f"${state}", reference)
    files = {"file": encoded(quarters(), "PNG")} if "$file" in document else {}
    of_caller = credentials(api.database, api.guest_tokens)
    assert api.keyed(KEY, document, of_caller["staff"], **opened(files))[1] == []
    refusals = dict(zip(CALLERS, row, strict=True))
    if name == "Mutation.renewGuestToken":
        # What was the guest's token is nobody's by now.
        refusals["guest"] = "UNAUTHENTICATED"
    for caller, outcome in refusals.items():
        if outcome == "ok":
            continue
        data, errors = api.keyed(KEY, document, of_caller[caller], **opened(files))
        assert data is None
        assert [error["extensions"]["code"] for error in errors] == [outcome], caller


def test_each_caller_has_a_booking_of_their_own_under_the_same_key(api: Api) -> None:
    document, _ = FIELDS["Mutation.createBooking"]
    of_caller = credentials(api.database, api.guest_tokens)

    def book(caller: str) -> Any:
        data, errors = api.keyed(KEY, document, of_caller[caller])
        assert errors == []
        return data

    # Whose credentials open nothing any more is as anonymous as anybody else.
    known = ("anonymous", "guest of another booking", "guest", "staff of another hotel", "staff")
    made = {caller: book(caller) for caller in known}
    assert len({str(answer) for answer in made.values()}) == len(known)
    assert {caller: book(caller) for caller in known} == made


def test_a_guest_whose_token_was_renewed_is_another_caller(api: Api) -> None:
    document, _ = FIELDS["Mutation.createBooking"]
    reference = api.reference("Grace O'Malley")
    first = api.keyed(KEY, document, api.guest(reference))
    api.data(f'mutation {{ renewGuestToken(id: "{reference}") }}', "Token demo-anna")
    assert api.keyed(KEY, document, api.guest(reference)) != first


def opened(files: dict[str, bytes]) -> dict[str, Any]:
    return {name: Upload(BytesIO(content)) for name, content in files.items()}
