"""Who may join which of killarney's channels, as the demo has it."""

import aiohttp
import pytest

from hotelmate.bridge.names import ChannelKind
from hotelmate.database import Database
from tests.isolation.callers import CALLERS, credentials, references
from tests.rest.conftest import GUEST_TOKENS

Row = tuple[int, int, int, int, int, int, int]
"""The statuses, in the order of CALLERS."""

STAFF: Row = (401, 401, 401, 403, 403, 403, 200)
GUEST: Row = (401, 401, 401, 403, 200, 403, 200)
# A public channel is joined without leave, and leave for it might be meant for something else.
PUBLIC: Row = (401, 401, 401, 403, 403, 403, 403)

CHANNELS: dict[ChannelKind, tuple[str, Row]] = {
    ChannelKind.HOTEL: ("hotel-killarney", PUBLIC),
    ChannelKind.PRIVATE_HOTEL: ("private-hotel-killarney", STAFF),
    ChannelKind.PRESENCE_HOTEL: ("presence-hotel-killarney", STAFF),
    ChannelKind.BOOKING: ("booking.{pending}", PUBLIC),
    ChannelKind.PRIVATE_BOOKING: ("private-guest-booking.{pending}", GUEST),
}


def test_every_kind_of_channel_has_its_callers_above() -> None:
    assert CHANNELS.keys() == set(ChannelKind)


@pytest.mark.parametrize("kind", CHANNELS)
async def test_a_channel_is_joined_or_not_by_who_asks(
    client: aiohttp.ClientSession, sqlite_database: Database, kind: ChannelKind
) -> None:
    name, row = CHANNELS[kind]
    of_caller = credentials(sqlite_database, GUEST_TOKENS)
    body = {"socket_id": "1.1", "channel_name": name.format(**references(sqlite_database))}
    for caller, status in zip(CALLERS, row, strict=True):
        headers = {"Authorization": authorization} if (authorization := of_caller[caller]) else {}
        async with client.post("/pusher/auth", headers=headers, data=body) as response:
            assert response.status == status, caller
            assert ("auth" in await response.json()) == (status == 200)
