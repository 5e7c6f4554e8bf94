"""Staff read who did what in their hotel."""

from tests.schema.api import ANNA, CARLA, Api

AUDIT = """query($first: Int, $after: String) { audit(first: $first, after: $after) {
    edges { cursor node { action actor staff { firstName } subject } }
    pageInfo { hasNextPage endCursor }
} }"""
SETTINGS = "mutation($tagline: String) { updateSettings(input: { tagline: $tagline }) { id } }"


def test_staff_read_what_was_done_in_their_hotel_newest_first(api: Api) -> None:
    api.answer('mutation { logIn(username: "anna", password: "guess") { token } }')
    api.data(SETTINGS, CARLA, tagline="On the Liffey")
    for tagline in ("One", "Two"):
        api.data(SETTINGS, ANNA, tagline=tagline)
    changed = {
        "action": "SETTINGS_UPDATED",
        "actor": "STAFF",
        "staff": {"firstName": "Anna"},
        "subject": "tagline",
    }
    failed = {"action": "LOG_IN_FAILED", "actor": "ANONYMOUS", "staff": None, "subject": "anna"}
    page = api.data(AUDIT, ANNA, first=2)["audit"]
    assert [edge["node"] for edge in page["edges"]] == [changed, changed]
    assert page["pageInfo"]["hasNextPage"]
    page = api.data(AUDIT, ANNA, first=2, after=page["pageInfo"]["endCursor"])["audit"]
    assert [edge["node"] for edge in page["edges"]] == [failed]
    assert not page["pageInfo"]["hasNextPage"]
    [edge] = api.data(AUDIT, CARLA, first=2)["audit"]["edges"]
    assert edge["node"]["staff"] == {"firstName": "Carla"}
