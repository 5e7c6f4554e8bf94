"""Offers are made, changed and removed by the hotel's staff, and shown to the public while they hold."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import col, delete, select

from hotelmate.database import Database
from hotelmate.errors import BadUserInput, Forbidden, NotFound, Unauthenticated
from hotelmate.events.catalogue import (
    OfferCreated,
    OfferDeleted,
    OfferImageUpdated,
    OfferSnapshot,
    OfferUpdated,
)
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.media.storage import Location
from hotelmate.models import Hotel, Offer
from hotelmate.resolvers.offers import (
    OfferDraft,
    check_changes,
    check_draft,
    create_offer,
    delete_offer,
    get_offer,
    offers_by_hotel,
    own_offer,
    require_all_offers,
    set_offer_photo,
    update_offer,
)
from tests.resolvers.steps import AT, change, look, recorded, refused

PHOTO = Location("https://pictures.example/spa.jpg", "spa")
SPA = OfferDraft(title="  Spa day ", short_description="Warm water.", tag="Wellness")
LONGEST: dict[str, Any] = {
    "title": "t" * 200,
    "short_description": "s" * 500,
    "details_text": "d" * 20_000,
    "details_html": "h" * 20_000,
    "valid_from": date(2040, 6, 15),
    "valid_to": date(2040, 6, 15),
    "tag": "g" * 50,
    "book_now_url": "https://hotel.example/" + "u" * 1978,
    "sort_order": 2**31 - 1,
    "is_active": False,
}
BAD_VALUES = [
    ("title", "", "title"),
    ("title", "   ", "title"),
    ("title", "t" * 201, "title"),
    ("title", "a\0b", "title"),
    ("title", None, "title"),
    ("short_description", "s" * 501, "shortDescription"),
    ("short_description", None, "shortDescription"),
    ("details_text", "d" * 20_001, "detailsText"),
    ("details_html", "h" * 20_001, "detailsHtml"),
    ("tag", "g" * 51, "tag"),
    ("book_now_url", "javascript:alert(1)", "bookNowUrl"),
    ("book_now_url", "https://hotel.example/" + "u" * 1979, "bookNowUrl"),
    ("valid_from", "2040-06-15", "validFrom"),
    ("sort_order", 2**31, "sortOrder"),
    ("sort_order", None, "sortOrder"),
    ("is_active", None, "isActive"),
]


def make(database: Database, actor: StaffActor, **values: Any) -> Offer:
    given: dict[str, Any] = {"title": "Spa day", "short_description": "Warm water."}
    return change(database, create_offer, actor, OfferDraft(**(given | values)), at=AT)


def stored(database: Database, offer_id: int) -> Offer | None:
    with database.reading() as reading:
        return reading.get(Offer, offer_id)


def test_a_new_offer_is_kept_and_told_in_full(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    with recorded(database, killarney) as events:
        offer = change(database, create_offer, anna, SPA, at=AT)
    snapshot = OfferSnapshot(
        id=offer.id,
        title="Spa day",
        short_description="Warm water.",
        details_text="",
        details_html="",
        valid_from=None,
        valid_to=None,
        tag="Wellness",
        book_now_url="",
        photo_url=None,
        sort_order=0,
        is_active=True,
        created_at=AT,
    )
    assert events == [OfferCreated(offer=snapshot)]
    kept = stored(database, offer.id)
    assert kept is not None
    assert (kept.hotel_id, kept.title, kept.created_at) == (killarney.id, "Spa day", AT)


def test_an_offer_may_be_as_long_as_the_limits_say(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    offer = make(database, anna, **LONGEST)
    kept = stored(database, offer.id)
    assert kept is not None
    assert {name: getattr(kept, name) for name in LONGEST} == LONGEST


def test_an_offer_with_a_value_that_cannot_be_is_not_made(database: Database, anna: StaffActor) -> None:
    for name, value, field in BAD_VALUES:
        with refused(database, BadUserInput, field=field):
            make(database, anna, **{name: value})


def test_an_offer_is_not_changed_to_a_value_that_cannot_be(database: Database, anna: StaffActor) -> None:
    offer = make(database, anna)
    for name, value, field in BAD_VALUES:
        with refused(database, BadUserInput, field=field):
            change(database, update_offer, anna, offer.id, {"tag": "New", name: value}, at=AT)


def test_the_last_day_is_not_before_the_first(database: Database, anna: StaffActor) -> None:
    with refused(database, BadUserInput, field="validTo"):
        make(database, anna, valid_from=date(2040, 6, 2), valid_to=date(2040, 6, 1))


def test_changing_one_day_keeps_the_last_not_before_the_first(database: Database, anna: StaffActor) -> None:
    for changes in [{"valid_to": date(2040, 5, 31)}, {"valid_from": date(2040, 7, 1)}]:
        offer = make(database, anna, valid_from=date(2040, 6, 1), valid_to=date(2040, 6, 30))
        with refused(database, BadUserInput, field="validTo"):
            change(database, update_offer, anna, offer.id, changes, at=AT)


def test_only_what_is_sent_is_changed(database: Database, killarney: Hotel, anna: StaffActor) -> None:
    offer = make(database, anna, tag="Wellness", valid_from=date(2040, 6, 1), valid_to=date(2040, 6, 30))
    with recorded(database, killarney) as events:
        change(
            database,
            update_offer,
            anna,
            offer.id,
            {"title": "Spa night", "valid_to": None},
            at=AT + timedelta(hours=1),
        )
    snapshot = OfferSnapshot(
        id=offer.id,
        title="Spa night",
        short_description="Warm water.",
        details_text="",
        details_html="",
        valid_from=date(2040, 6, 1),
        valid_to=None,
        tag="Wellness",
        book_now_url="",
        photo_url=None,
        sort_order=0,
        is_active=True,
        created_at=AT,
    )
    assert events == [OfferUpdated(offer=snapshot, was_active=True)]
    kept = stored(database, offer.id)
    assert kept is not None
    assert (kept.title, kept.valid_to, kept.tag) == ("Spa night", None, "Wellness")


def test_an_update_tells_whether_the_public_saw_the_offer_before(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    offer = make(database, anna, is_active=False)
    with recorded(database, killarney) as events:
        change(database, update_offer, anna, offer.id, {"is_active": True}, at=AT)
        change(database, update_offer, anna, offer.id, {"is_active": False}, at=AT)
    assert [
        (event.was_active, event.offer.is_active) for event in events if isinstance(event, OfferUpdated)
    ] == [(False, True), (True, False)]


def test_an_update_that_changes_nothing_records_nothing(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    for changes in [{}, {"title": "Spa day", "tag": ""}]:
        offer = make(database, anna)
        with recorded(database, killarney) as events:
            assert change(database, update_offer, anna, offer.id, changes, at=AT).id == offer.id
        assert events == []


def test_an_offer_made_with_its_photo_is_told_once_and_with_it(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    with recorded(database, killarney) as events:
        offer = change(database, create_offer, anna, SPA, at=AT, photo=PHOTO)
    [event] = events
    assert isinstance(event, OfferCreated)
    assert event.offer.photo_url == offer.photo_url == PHOTO.url


def test_an_offer_changed_with_its_photo_is_told_once_and_with_it(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    offer = make(database, anna)
    with recorded(database, killarney) as events:
        change(database, update_offer, anna, offer.id, {"tag": "New"}, at=AT, photo=PHOTO)
        change(database, update_offer, anna, offer.id, {"tag": "Newer"}, at=AT)
        change(database, update_offer, anna, offer.id, {}, at=AT, photo=PHOTO)
    assert [
        (event.offer.tag, event.offer.photo_url) for event in events if isinstance(event, OfferUpdated)
    ] == [("New", PHOTO.url), ("Newer", PHOTO.url), ("Newer", PHOTO.url)]


def test_a_photo_alone_is_told_as_an_image_every_time(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    offer = make(database, anna, is_active=False)
    with recorded(database, killarney) as events:
        changed = change(database, set_offer_photo, anna, offer.id, PHOTO, at=AT)
        change(database, set_offer_photo, anna, offer.id, PHOTO, at=AT)
    assert changed.photo_url == PHOTO.url
    told = OfferImageUpdated(offer_id=offer.id, offer_title="Spa day", photo_url=PHOTO.url, is_active=False)
    assert events == [told, told]
    kept = stored(database, offer.id)
    assert kept is not None
    assert kept.photo_url == PHOTO.url


def test_what_would_be_refused_is_known_before_a_photo_is_kept(
    database: Database, anna: StaffActor, carla: StaffActor
) -> None:
    june = {"valid_from": date(2040, 6, 1), "valid_to": date(2040, 6, 30)}
    offer = make(database, anna, **june)
    check_draft(anna, SPA)
    look(database, check_changes, anna, offer.id, {"valid_from": date(2040, 6, 30)})
    with refused(database, BadUserInput, field="title"):
        check_draft(anna, OfferDraft(title=" ", short_description=""))
    with refused(database, BadUserInput, field="validTo"):
        look(database, check_changes, anna, offer.id, {"valid_from": date(2040, 7, 1)})
    with refused(database, NotFound):
        look(database, check_changes, carla, offer.id, {})


def test_a_removed_offer_is_gone_and_told_by_name(
    database: Database, killarney: Hotel, anna: StaffActor
) -> None:
    offer = make(database, anna, is_active=False)
    with recorded(database, killarney) as events:
        removed = change(database, delete_offer, anna, offer.id, at=AT)
    assert (removed.id, removed.title) == (offer.id, "Spa day")
    assert events == [OfferDeleted(offer_id=offer.id, offer_title="Spa day", was_active=False)]
    assert stored(database, offer.id) is None


def test_a_removed_offers_id_is_never_given_again(database: Database, anna: StaffActor) -> None:
    first = make(database, anna)
    change(database, delete_offer, anna, first.id, at=AT)
    assert make(database, anna).id > first.id


def test_another_hotels_offer_is_not_found(database: Database, anna: StaffActor, carla: StaffActor) -> None:
    offer = make(database, anna)
    with refused(database, NotFound):
        change(database, update_offer, carla, offer.id, {"title": "Mine"}, at=AT)
    with refused(database, NotFound):
        change(database, delete_offer, carla, offer.id, at=AT)
    with refused(database, NotFound):
        change(database, set_offer_photo, carla, offer.id, PHOTO, at=AT)


def test_an_offer_that_there_is_not_is_not_found(database: Database, anna: StaffActor) -> None:
    for unknown in (0, -1, 2**31 - 1):
        assert look(database, get_offer, anna, unknown) is None
        with refused(database, NotFound):
            change(database, update_offer, anna, unknown, {}, at=AT)
        with refused(database, NotFound):
            change(database, delete_offer, anna, unknown, at=AT)


def test_an_inactive_offer_is_for_the_hotels_staff_only(
    database: Database, killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    active, inactive = make(database, anna), make(database, anna, is_active=False)
    guest = GuestActor("BK-2040-0001", killarney.id, "nonce")
    others: list[Actor] = [Anonymous(), guest, carla]
    for actor in (anna, *others):
        assert look(database, get_offer, actor, active.id) is not None
    assert look(database, get_offer, anna, inactive.id) is not None
    for actor in others:
        assert look(database, get_offer, actor, inactive.id) is None


def test_all_offers_are_for_the_hotels_staff_only(
    killarney: Hotel, anna: StaffActor, carla: StaffActor
) -> None:
    require_all_offers(anna, killarney.id)
    with pytest.raises(Forbidden):
        require_all_offers(carla, killarney.id)
    with pytest.raises(Forbidden):
        require_all_offers(GuestActor("BK-2040-0001", killarney.id, "nonce"), killarney.id)
    with pytest.raises(Unauthenticated):
        require_all_offers(Anonymous(), killarney.id)


@pytest.fixture
def no_offers(database: Database) -> Database:
    with database.transaction() as transaction:
        transaction.exec(delete(Offer))
    return database


def titles(
    database: Database, *slugs: str, include_inactive: bool = False, at: datetime = AT
) -> list[list[str]]:
    with database.reading() as reading:
        rows = reading.exec(select(Hotel).where(col(Hotel.slug).in_(slugs)).order_by(col(Hotel.id))).all()
        found = offers_by_hotel(reading, rows, include_inactive=include_inactive, at=at)
        return [[offer.title for offer in found[hotel.id]] for hotel in rows]


def test_offers_are_listed_by_sort_order_then_newest(no_offers: Database, anna: StaffActor) -> None:
    for title, sort_order, hours in (("d", 2, 9), ("c", 1, 0), ("b", 1, 1), ("a", 1, 1)):
        draft = OfferDraft(title=title, short_description="", sort_order=sort_order)
        change(no_offers, create_offer, anna, draft, at=AT + timedelta(hours=hours))
    assert titles(no_offers, "killarney") == [["a", "b", "c", "d"]]


def test_the_public_sees_what_is_active_and_valid_today(no_offers: Database, anna: StaffActor) -> None:
    today, day = date(2040, 6, 15), timedelta(days=1)
    make(no_offers, anna, title="hidden", is_active=False)
    make(no_offers, anna, title="over", valid_to=today - day)
    make(no_offers, anna, title="to come", valid_from=today + day)
    make(no_offers, anna, title="always")
    make(no_offers, anna, title="from today", valid_from=today)
    make(no_offers, anna, title="to today", valid_to=today)
    make(no_offers, anna, title="only today", valid_from=today, valid_to=today)
    [public] = titles(no_offers, "killarney")
    [everything] = titles(no_offers, "killarney", include_inactive=True)
    assert public == ["only today", "to today", "from today", "always"]
    assert everything == [*public, "to come", "over", "hidden"]


def test_today_is_each_hotels_own(no_offers: Database, anna: StaffActor, carla: StaffActor) -> None:
    with no_offers.transaction() as transaction:
        transaction.exec(select(Hotel).where(Hotel.slug == "dublin")).one().timezone = "America/New_York"
    for actor in (anna, carla):
        make(no_offers, actor, title="the 15th", valid_to=date(2040, 6, 15))
        make(no_offers, actor, title="the 16th", valid_from=date(2040, 6, 16))
    # Half past midnight on the 16th in Killarney, still the 15th in New York.
    late = datetime(2040, 6, 15, 23, 30, tzinfo=UTC)
    assert titles(no_offers, "killarney", "dublin", at=late) == [["the 16th"], ["the 15th"]]


def test_no_hotels_have_no_offers(database: Database) -> None:
    assert look(database, offers_by_hotel, [], include_inactive=False, at=AT) == {}
    assert look(database, offers_by_hotel, [], include_inactive=True, at=AT) == {}


def test_staff_find_offers_of_their_own_hotel_active_or_not(
    database: Database, anna: StaffActor, carla: StaffActor
) -> None:
    offer_id = make(database, anna, is_active=False).id
    assert look(database, own_offer, anna, offer_id).id == offer_id
    for staff, unknown in ((carla, offer_id), (anna, offer_id + 1)):
        with refused(database, NotFound):
            look(database, own_offer, staff, unknown)
