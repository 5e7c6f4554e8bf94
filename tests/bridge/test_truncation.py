"""What is too large for Pusher goes out without its long texts, and says so; nothing else is touched."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.database import Database
from hotelmate.events.catalogue import (
    EventData,
    GalleryReordered,
    OfferCreated,
    OfferUpdated,
    SettingsUpdated,
)
from hotelmate.models import Hotel
from tests.bridge.helpers import deletion, delivered, delivering, letters_of, record
from tests.bridge.pusher_endpoint import PusherEndpoint
from tests.bridge.test_legacy import LEGACY, LEGACY_OFFER, META, OFFER, SETTINGS, event

LIMIT = 10_240


def payload(data: EventData) -> dict[str, Any]:
    """What goes out for an event, which in any case fits."""
    [message] = LEGACY.messages_of(event(data))
    assert len(message.data.encode()) <= LIMIT
    decoded: dict[str, Any] = json.loads(message.data)
    return decoded


def offer(**texts: str) -> OfferCreated:
    return OfferCreated(offer=OFFER.model_copy(update=texts))


def filled_up_to(size: int, letter: str) -> OfferCreated:
    """An offer whose event has exactly so many bytes, by letters in its text."""
    [message] = LEGACY.messages_of(event(offer(details_text="")))
    room = size - len(message.data.encode())
    width = len(letter.encode())
    return offer(details_text=letter * (room // width) + "." * (room % width))


@pytest.mark.parametrize("letter", ["x", "é", "🏨"], ids=["one byte", "two bytes", "four bytes"])
def test_an_event_is_whole_up_to_10240_bytes_of_utf8_and_shortened_from_there(letter: str) -> None:
    assert "truncated" not in payload(filled_up_to(LIMIT, letter))
    assert payload(filled_up_to(LIMIT + 1, letter))["truncated"] is True


def without(*texts: str) -> dict[str, Any]:
    return {name: value for name, value in LEGACY_OFFER.items() if name not in texts}


@pytest.mark.parametrize(
    ("texts", "left"),
    [
        ({"details_html": "é" * 6_000}, without("details_html")),
        (
            {"details_html": "x" * 11_000, "details_text": "x" * 11_000},
            without("details_html", "details_text"),
        ),
        (
            {"short_description": "x" * 11_000},
            without("details_html", "details_text", "short_description"),
        ),
    ],
    ids=["the html", "and the text", "and the short description"],
)
def test_an_offer_loses_its_long_texts_one_after_the_other_until_it_fits(
    texts: dict[str, str], left: dict[str, Any]
) -> None:
    assert payload(offer(**texts)) == {"offer": left, "action": "created", "meta": META, "truncated": True}
    updated = payload(OfferUpdated(offer=OFFER.model_copy(update=texts), was_active=True))
    assert updated == {"offer": left, "action": "updated", "meta": META, "truncated": True}


PICTURES = tuple(f"https://killarney.example/gallery/{number:03}.jpg" for number in range(300))


def test_a_gallery_keeps_as_many_of_its_first_pictures_as_there_is_room_for() -> None:
    settings = SettingsUpdated(settings=SETTINGS, gallery=PICTURES, changed=("tagline",))
    for data in (GalleryReordered(gallery=PICTURES), settings):
        shortened = payload(data)
        kept: Sequence[str] = shortened["gallery"]
        assert shortened["truncated"] is True
        assert tuple(kept) == PICTURES[: len(kept)]
        one_more = {**shortened, "gallery": [*kept, PICTURES[len(kept)]]}
        assert len(json.dumps(one_more, separators=(",", ":"), ensure_ascii=False).encode()) > LIMIT
        assert shortened.keys() - {"truncated"} == payload(data.model_copy(update={"gallery": ()})).keys()


def test_every_attempt_shortens_alike() -> None:
    large = event(offer(details_html="x" * 11_000))
    assert LEGACY.messages_of(large) == LEGACY.messages_of(large)


async def test_what_does_not_fit_even_then_is_a_dead_letter_with_its_reason(
    database: Database, killarney: Hotel, sender: PusherSender, endpoint: PusherEndpoint
) -> None:
    boundless = OFFER.model_copy(update={"book_now_url": f"https://killarney.example/{'x' * 11_000}"})
    record(database, killarney, OfferCreated(offer=boundless), deletion())
    async with delivering(database, sender, legacy=LEGACY):
        await delivered(database, killarney, up_to=2)
    assert [message.seq for message in await endpoint.received()] == [2]
    [letter] = letters_of(database, killarney)
    assert letter.event_name == "offer-created"
    assert letter.error.endswith("bytes, 10240 are allowed")
