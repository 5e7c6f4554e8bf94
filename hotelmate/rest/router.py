"""The doors for the frontends of today, in one router."""

from datetime import timedelta

from fastapi import APIRouter

from hotelmate.database import Database
from hotelmate.identity.guest_tokens import GuestTokens
from hotelmate.identity.known_sessions import KnownSessions
from hotelmate.identity.rates import Rates
from hotelmate.media.pictures import Pictures
from hotelmate.rest.accounts import AccountDoors
from hotelmate.rest.admission import Admission
from hotelmate.rest.bodies import Bodies
from hotelmate.rest.bookings import BookingDoors
from hotelmate.rest.callers import Callers
from hotelmate.rest.changes import Changes
from hotelmate.rest.channels import ChannelDoors, OnSigned, Signer
from hotelmate.rest.clocking import ClockDoors
from hotelmate.rest.gallery import GalleryDoors
from hotelmate.rest.offers import OfferDoors
from hotelmate.rest.public import PublicDoors
from hotelmate.rest.room_types import RoomTypeDoors
from hotelmate.rest.settings import SettingsDoors
from hotelmate.rest.uploads import Uploads
from hotelmate.settings import Settings


def build_router(
    settings: Settings,
    database: Database,
    *,
    pictures: Pictures,
    guest_tokens: GuestTokens,
    sessions: KnownSessions,
    rates: Rates,
    signer: Signer,
    on_signed: OnSigned,
) -> APIRouter:
    """Return them, to be included in the application.

    Args:
        settings: how long a session lasts, and how large bodies and pictures may be.
        database: what the operations work on.
        pictures: takes uploads in.
        guest_tokens: checks the tokens that guests show.
        sessions: knows whom the last tokens of staff stand for.
        rates: counts what is done.
        signer: signs for the Pusher app that events are sent to (`PusherSender.client`).
        on_signed: is told of each signature.
    """
    callers = Callers(guest_tokens, sessions)
    admit = Admission(database, callers, rates)
    bodies = Bodies(most_bytes=settings.body_bytes, most_file_bytes=settings.media_max_bytes)
    uploads = Uploads(bodies, pictures, rates)
    changes = Changes(database)
    router = APIRouter()
    for doors in (
        AccountDoors(database, bodies, rates, session_lifetime=timedelta(hours=settings.session_hours)),
        ClockDoors(admit, changes),
        OfferDoors(database, admit, uploads, changes),
        SettingsDoors(database, admit, uploads, changes),
        GalleryDoors(admit, bodies, uploads, changes),
        RoomTypeDoors(database, admit, uploads, changes),
        BookingDoors(database, admit, bodies, changes),
        PublicDoors(database, callers),
        ChannelDoors(database, callers, signer, on_signed),
    ):
        doors.open(router)
    return router
