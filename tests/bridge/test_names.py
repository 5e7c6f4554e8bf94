"""A channel's name is read as what it was made from, or not at all."""

import pytest

from hotelmate.bridge.names import ChannelKind, ChannelName, parse


@pytest.mark.parametrize(
    ("text", "kind", "id_"),
    [
        ("hotel-killarney", ChannelKind.HOTEL, "killarney"),
        ("hotel-hotel-killarney", ChannelKind.HOTEL, "hotel-killarney"),
        ("private-hotel-killarney", ChannelKind.PRIVATE_HOTEL, "killarney"),
        ("presence-hotel-The_Quays-2", ChannelKind.PRESENCE_HOTEL, "The_Quays-2"),
        ("booking.BK-2025-0002", ChannelKind.BOOKING, "BK-2025-0002"),
        ("private-guest-booking.BK-2025-12345", ChannelKind.PRIVATE_BOOKING, "BK-2025-12345"),
    ],
)
def test_a_name_and_what_it_stands_for_are_the_same(text: str, kind: ChannelKind, id_: str) -> None:
    assert parse(text) == ChannelName(kind, id_)
    assert str(ChannelName(kind, id_)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "killarney",
        "hotel-",
        "hotel-killarney ",
        "hotel-killarney\n",
        "hotel-kill.arney",
        "hotel-kíllarney",
        f"hotel-{'a' * 101}",
        "Hotel-killarney",
        "private-hotels-killarney",
        "private-private-hotel-killarney",
        "private-encrypted-hotel-killarney",
        "private-booking.BK-2025-0002",
        "presence-guest-booking.BK-2025-0002",
        "private-guest-booking.",
        "private-guest-booking.2",
        "private-guest-booking.BK-2025-002",
        "private-guest-booking.BK-2025-0002,private-hotel-dublin",
        "private-guest-booking.BK-٢٠٢٥-0002",
        "booking.bk-2025-0002",
        "#server-to-user-1",
    ],
)
def test_anything_else_is_none_of_ours(text: str) -> None:
    assert parse(text) is None
