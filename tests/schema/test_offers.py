"""Offers: reading, making, changing and removing them."""

from tests.schema.api import ANNA, CARLA, Api

ALL = """
    id title shortDescription detailsText detailsHtml validFrom validTo tag bookNowUrl photoUrl sortOrder
    isActive createdAt
"""
CREATE = "mutation($input: OfferInput!) { createOffer(input: $input) {" + ALL + "} }"
UPDATE = "mutation($id: ID!, $input: OfferPatch!) { updateOffer(id: $id, input: $input) {" + ALL + "} }"
OFFER = "query($id: ID!) { offer(id: $id) {" + ALL + "} }"


def test_a_new_offer_with_nothing_but_what_it_needs(api: Api) -> None:
    offer = api.data(CREATE, ANNA, input={"title": "Spa day", "shortDescription": "Warm water."})[
        "createOffer"
    ]
    assert offer.pop("createdAt").endswith("+00:00")
    assert offer == {
        "id": "7",
        "title": "Spa day",
        "shortDescription": "Warm water.",
        "detailsText": "",
        "detailsHtml": "",
        "validFrom": None,
        "validTo": None,
        "tag": "",
        "bookNowUrl": "",
        "photoUrl": None,
        "sortOrder": 0,
        "isActive": True,
    }
    assert [(event.type, event.hotel_slug) for event in api.log()] == [("OfferCreated", "killarney")]


def test_a_new_offer_with_everything(api: Api) -> None:
    everything = {
        "title": "Spa day",
        "shortDescription": "Warm water.",
        "detailsText": "All day.",
        "detailsHtml": "<p>All day.</p>",
        "validFrom": "2040-06-15",
        "validTo": "2040-06-16",
        "tag": "Wellness",
        "bookNowUrl": "https://killarney.example/spa",
        "sortOrder": 5,
        "isActive": False,
    }
    made = api.data(CREATE, ANNA, input=everything)["createOffer"]
    assert {name: made[name] for name in everything} == everything
    assert api.data(OFFER, ANNA, id=made["id"])["offer"] == made


def test_fields_left_out_stay_and_null_takes_a_date_away(api: Api) -> None:
    api.data(UPDATE, ANNA, id="1", input={"validFrom": "2040-06-15", "validTo": "2040-06-16"})
    offer = api.data(UPDATE, ANNA, id="1", input={"validFrom": None, "tag": "New"})["updateOffer"]
    assert (offer["title"], offer["validFrom"], offer["validTo"], offer["tag"]) == (
        "Two nights, one dinner",
        None,
        "2040-06-16",
        "New",
    )
    assert [event.type for event in api.log()] == ["OfferUpdated", "OfferUpdated"]


def test_an_offer_that_was_left_as_it_is_is_no_event(api: Api) -> None:
    offer = api.data(UPDATE, ANNA, id="1", input={})["updateOffer"]
    assert offer["title"] == "Two nights, one dinner"
    assert api.log() == []


def test_a_removed_offer_is_gone(api: Api) -> None:
    document = 'mutation { deleteOffer(id: "1") { id title } }'
    assert api.data(document, ANNA) == {"deleteOffer": {"id": "1", "title": "Two nights, one dinner"}}
    assert api.data(OFFER, ANNA, id="1") == {"offer": None}
    assert api.refusal(document, ANNA) == {"code": "NOT_FOUND"}
    assert [event.type for event in api.log()] == ["OfferDeleted"]


def test_an_inactive_offer_is_for_staff_of_its_hotel(api: Api) -> None:
    api.data(UPDATE, ANNA, id="1", input={"isActive": False})
    guest = api.guest(api.reference("Grace O'Malley"))
    assert api.data(OFFER, ANNA, id="1")["offer"]["isActive"] is False
    for caller in (None, guest, CARLA):
        assert api.data(OFFER, caller, id="1") == {"offer": None}

    document = """{ hotel(slug: "killarney") {
        public: offers { id }
        same: offers(includeInactive: null) { id }
        all: offers(includeInactive: true) { id }
    } }"""
    assert api.data(document, ANNA)["hotel"] == {
        "public": [{"id": "2"}, {"id": "3"}],
        "same": [{"id": "2"}, {"id": "3"}],
        "all": [{"id": "1"}, {"id": "2"}, {"id": "3"}],
    }


def test_only_offers_that_are_valid_today_are_shown(api: Api) -> None:
    api.data(UPDATE, ANNA, id="1", input={"validTo": "2020-01-01"})
    api.data(UPDATE, ANNA, id="2", input={"validFrom": "2140-01-01"})
    document = '{ hotel(slug: "killarney") { offers { id } } }'
    assert api.data(document)["hotel"]["offers"] == [{"id": "3"}]
