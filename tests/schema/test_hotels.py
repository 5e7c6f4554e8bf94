"""Hotels and their public pages: what they show, and changing it."""

from hotelmate.events.catalogue import GalleryImageRemoved, GalleryReordered, SettingsUpdated
from tests.schema.api import ANNA, Api

LOBBY, GARDEN, RESTAURANT = (
    f"https://pictures.example/killarney/{name}.jpg" for name in ("lobby", "garden", "restaurant")
)
UPDATE = """mutation($input: SettingsPatch!) { updateSettings(input: $input) {
    slug cursor settings { tagline heroImage amenities theme { mode primaryColor linkColor } }
} }"""


def test_the_public_page_of_a_hotel(api: Api) -> None:
    page = api.data("""{ hotel(slug: "killarney") {
        id slug name
        settings {
            heroImage heroImageDisplay landingPageImage logo tagline shortDescription longDescription
            welcomeMessage amenities contactEmail contactPhone contactAddress website
            theme {
                mode primaryColor secondaryColor accentColor backgroundColor textColor buttonColor linkColor
            }
        }
        gallery { url publicId }
        roomTypes { id code name shortDescription maxOccupancy photoUrl sortOrder }
        offers { id title }
    } }""")["hotel"]
    assert page == {
        "id": "1",
        "slug": "killarney",
        "name": "Hotel Killarney",
        "settings": {
            "heroImage": "https://pictures.example/killarney/hero.jpg",
            "heroImageDisplay": "https://pictures.example/killarney/hero.jpg",
            "landingPageImage": None,
            "logo": None,
            "tagline": "Between the lakes and the mountains",
            "shortDescription": "Hotel Killarney is a family-run hotel.",
            "longDescription": "Hotel Killarney has been looking after its guests for three generations.",
            "welcomeMessage": "Céad míle fáilte!",
            "amenities": ["Free WiFi", "Breakfast", "Parking"],
            "contactEmail": "hello@killarney.example",
            "contactPhone": "+353 1 555 0100",
            "contactAddress": "Muckross Road, Killarney, Co. Kerry",
            "website": "https://killarney.example",
            "theme": {
                "mode": "LIGHT",
                "primaryColor": "#1F4E5F",
                "secondaryColor": "#79A8A9",
                "accentColor": "#F4A261",
                "backgroundColor": "#FFFFFF",
                "textColor": "#1A1A1A",
                "buttonColor": "#1F4E5F",
                "linkColor": "#1F6F8B",
            },
        },
        "gallery": [
            {"url": LOBBY, "publicId": "killarney/lobby"},
            {"url": GARDEN, "publicId": "killarney/garden"},
            {"url": RESTAURANT, "publicId": "killarney/restaurant"},
        ],
        "roomTypes": [
            {
                "id": "1",
                "code": "standard",
                "name": "Standard Double",
                "shortDescription": "A quiet double room.",
                "maxOccupancy": 2,
                "photoUrl": None,
                "sortOrder": 0,
            },
            {
                "id": "2",
                "code": "family",
                "name": "Family Room",
                "shortDescription": "A double and two single beds.",
                "maxOccupancy": 4,
                "photoUrl": None,
                "sortOrder": 1,
            },
            {
                "id": "3",
                "code": "suite",
                "name": "Corner Suite",
                "shortDescription": "Two rooms and a view.",
                "maxOccupancy": 3,
                "photoUrl": None,
                "sortOrder": 2,
            },
        ],
        "offers": [
            {"id": "1", "title": "Two nights, one dinner"},
            {"id": "2", "title": "Families welcome"},
            {"id": "3", "title": "Midweek escape"},
        ],
    }


def test_a_hotel_that_is_not_there_is_null(api: Api) -> None:
    assert api.data('{ hotel(slug: "atlantis") { id } }') == {"hotel": None}


def test_hotels_come_a_page_at_a_time(api: Api) -> None:
    document = """query($after: String) { hotels(first: 1, after: $after) {
        edges { cursor node { slug } } pageInfo { hasNextPage endCursor }
    } }"""
    first = api.data(document)["hotels"]
    assert [edge["node"]["slug"] for edge in first["edges"]] == ["killarney"]
    assert first["pageInfo"] == {"hasNextPage": True, "endCursor": first["edges"][0]["cursor"]}
    second = api.data(document, after=first["pageInfo"]["endCursor"])["hotels"]
    assert [edge["node"]["slug"] for edge in second["edges"]] == ["dublin"]
    assert second["pageInfo"]["hasNextPage"] is False
    beyond = api.data(document, after=second["pageInfo"]["endCursor"])["hotels"]
    assert beyond == {"edges": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}


def test_settings_that_are_sent_change_and_the_others_stay(api: Api) -> None:
    changes = {"tagline": "New", "theme": {"primaryColor": "#abcdef", "mode": "CUSTOM"}, "wifiName": "Guests"}
    hotel = api.data(UPDATE, ANNA, input=changes)["updateSettings"]
    assert hotel["slug"] == "killarney"
    assert hotel["settings"] == {
        "tagline": "New",
        "heroImage": "https://pictures.example/killarney/hero.jpg",
        "amenities": ["Free WiFi", "Breakfast", "Parking"],
        "theme": {"mode": "CUSTOM", "primaryColor": "#abcdef", "linkColor": "#1F6F8B"},
    }
    (event,) = api.log()
    assert isinstance(event.data, SettingsUpdated)
    assert sorted(event.data.changed) == ["tagline", "theme", "wifi_name"]
    assert hotel["cursor"] == event.cursor


def test_null_clears_a_text_an_image_and_a_list(api: Api) -> None:
    changes = {"tagline": None, "heroImage": None, "amenities": None}
    settings = api.data(UPDATE, ANNA, input=changes)["updateSettings"]["settings"]
    assert (settings["tagline"], settings["heroImage"], settings["amenities"]) == ("", None, [])


def test_settings_with_nothing_sent_record_nothing(api: Api) -> None:
    hotel = api.data(UPDATE, ANNA, input={"theme": {}})["updateSettings"]
    assert hotel["settings"]["tagline"] == "Between the lakes and the mountains"
    assert api.log() == []


def test_a_gallery_gets_a_new_order(api: Api) -> None:
    document = "mutation($urls: [String!]!) { reorderGallery(urls: $urls) { url publicId } }"
    pictures = api.data(document, ANNA, urls=[GARDEN, RESTAURANT, LOBBY])["reorderGallery"]
    assert [picture["publicId"] for picture in pictures] == [
        "killarney/garden",
        "killarney/restaurant",
        "killarney/lobby",
    ]
    assert [event.data for event in api.log()] == [GalleryReordered(gallery=(GARDEN, RESTAURANT, LOBBY))]
    assert (
        api.data('{ hotel(slug: "killarney") { gallery { url publicId } } }')["hotel"]["gallery"] == pictures
    )


def test_a_picture_is_taken_out_of_the_gallery(api: Api) -> None:
    document = "mutation($url: String!) { removeGalleryImage(url: $url) { url } }"
    pictures = api.data(document, ANNA, url=GARDEN)["removeGalleryImage"]
    assert pictures == [{"url": LOBBY}, {"url": RESTAURANT}]
    (event,) = api.log()
    assert isinstance(event.data, GalleryImageRemoved)
    assert (event.data.url, event.data.gallery) == (GARDEN, (LOBBY, RESTAURANT))
    assert api.refusal(document, ANNA, url=GARDEN) == {"code": "NOT_FOUND"}
