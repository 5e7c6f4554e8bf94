"""The hotel's rooms."""

from datetime import timedelta

from tests.schema.api import ANNA, Api

ROOMS = """query($type: ID, $from: Date, $to: Date) {
    rooms(roomTypeId: $type, freeFrom: $from, freeTo: $to) { number isOccupied roomType { code } }
}"""


def test_rooms_are_listed_by_number_and_can_be_chosen(api: Api) -> None:
    def numbers(**arguments: object) -> list[str]:
        return [room["number"] for room in api.data(ROOMS, ANNA, **arguments)["rooms"]]

    assert numbers() == ["101", "102", "103", "104", "201", "202", "203", "301"]
    assert numbers(type="2") == ["201", "202", "203"]
    arrival = api.booking(api.reference("Brian Boru")).arrival  # tonight, as is Maeve's second night
    tonight = {"from": arrival.isoformat(), "to": (arrival + timedelta(days=1)).isoformat()}
    assert numbers(type="1", **tonight) == ["101", "104"]


def test_a_room_type_of_another_hotel_is_not_found(api: Api) -> None:
    for room_type in ("4", "nonsense"):
        assert api.refusal(ROOMS, ANNA, type=room_type) == {"code": "NOT_FOUND"}


def test_a_room_is_occupied_while_its_guests_are_checked_in(api: Api) -> None:
    occupied = [room for room in api.data(ROOMS, ANNA)["rooms"] if room["isOccupied"]]
    assert occupied == [{"number": "103", "isOccupied": True, "roomType": {"code": "standard"}}]
