"""Logging in and out, and whoever the Authorization header names."""

from datetime import UTC, datetime, timedelta

from tests.schema.api import ANNA, CARLA, Api

LOG_IN = """mutation($username: String!, $password: String!) {
    logIn(username: $username, password: $password) { token expiresAt staff { firstName hotel { slug } } }
}"""
VIEWER = """{ viewer {
    __typename
    ... on Staff { id userId firstName lastName isOnDuty lastClockIn lastClockOut hotel { slug } }
    ... on Guest { booking { id guestName } }
} }"""


def test_logging_in_gives_a_token_that_names_the_staff_member(api: Api) -> None:
    before = datetime.now(UTC)
    session = api.data(LOG_IN, username="carla", password="demo")["logIn"]
    assert session["staff"] == {"firstName": "Carla", "hotel": {"slug": "dublin"}}
    expires_in = datetime.fromisoformat(session["expiresAt"]) - before
    assert timedelta(hours=2) <= expires_in < timedelta(hours=2, minutes=1)  # HOTELMATE_SESSION_HOURS
    assert api.data(VIEWER, f"Bearer {session['token']}")["viewer"]["firstName"] == "Carla"


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(api: Api) -> None:
    _, wrong_password = api.answer(LOG_IN, username="anna", password="guess")
    _, wrong_name = api.answer(LOG_IN, username="nobody", password="demo")
    assert wrong_password == wrong_name
    assert wrong_name[0]["extensions"] == {"code": "UNAUTHENTICATED"}


def test_logging_out_ends_the_session_that_was_sent_and_no_other(api: Api) -> None:
    token = api.data(LOG_IN, username="anna", password="demo")["logIn"]["token"]
    assert api.data("mutation { logOut }", f"Bearer {token}") == {"logOut": True}
    assert api.data(VIEWER, f"Bearer {token}") == {"viewer": None}
    assert api.data(VIEWER, ANNA)["viewer"]["firstName"] == "Anna"


def test_the_viewer_is_staff_a_guest_or_nobody(api: Api) -> None:
    grace = api.reference("Grace O'Malley")
    assert api.data(VIEWER) == {"viewer": None}
    assert api.data(VIEWER, api.guest(grace)) == {
        "viewer": {"__typename": "Guest", "booking": {"id": grace, "guestName": "Grace O'Malley"}}
    }
    assert api.data(VIEWER, CARLA) == {
        "viewer": {
            "__typename": "Staff",
            "id": "3",
            "userId": "3",
            "firstName": "Carla",
            "lastName": "Byrne",
            "isOnDuty": False,
            "lastClockIn": None,
            "lastClockOut": None,
            "hotel": {"slug": "dublin"},
        }
    }
