"""Hotels, made and changed by whoever runs the server."""

from datetime import datetime
from zoneinfo import available_timezones

from sqlmodel import col, select

from hotelmate.database import Reading, Transaction, take_turn
from hotelmate.errors import BadUserInput, Conflict, NotFound
from hotelmate.events.cursor import new_epoch
from hotelmate.models import SLUG, Hotel, HotelSettings
from hotelmate.resolvers import checks

_slug = checks.matching(SLUG, "A slug is made of letters, digits, - and _.", at_most=100)
_name = checks.filled(at_most=checks.NAME)
_sort_order = checks.integer()


class SlugTaken(Conflict):
    """Another hotel has this slug."""


def hotels(reading: Reading) -> list[Hotel]:
    """Return every hotel, closed ones included, by sort order then name."""
    return list(reading.exec(select(Hotel).order_by(col(Hotel.sort_order), col(Hotel.name))))


def any_hotel(reading: Reading, slug: str) -> Hotel:
    """Return the hotel with this slug, closed or not.

    Raises:
        NotFound: there is none.
    """
    found = reading.exec(select(Hotel).where(Hotel.slug == slug)).first()
    if found is None:
        raise NotFound(f"There is no hotel {slug!r}; `hotelmate hotel list` shows those that there are.")
    return found


def create_hotel(
    transaction: Transaction, *, slug: str, name: str, timezone: str = "UTC", at: datetime
) -> Hotel:
    """Make a hotel with an empty public page and an empty event log.

    Raises:
        BadUserInput: `slug`, `name` or `timezone`.
        SlugTaken: there is such a hotel.
    """
    slug, name, timezone = _slug("slug", slug), _name("name", name), _timezone(timezone)
    if transaction.exec(select(Hotel).where(Hotel.slug == slug)).first() is not None:
        raise SlugTaken(f"There is a hotel {slug!r} already.")
    created = Hotel(slug=slug, name=name, timezone=timezone, epoch=new_epoch(), log_complete_after=at)
    transaction.add(created)
    transaction.flush()
    transaction.add(HotelSettings(hotel_id=created.id, updated_at=at))
    return created


def change_hotel(
    transaction: Transaction,
    slug: str,
    *,
    name: str | None = None,
    timezone: str | None = None,
    sort_order: int | None = None,
) -> Hotel:
    """Change what is given of a hotel; its slug stays, as addresses and channels have it.

    Raises:
        NotFound: there is no such hotel.
        BadUserInput: `name`, `timezone` or `sortOrder`.
    """
    changed = take_turn(transaction, any_hotel(transaction, slug).id)
    if name is not None:
        changed.name = _name("name", name)
    if timezone is not None:
        changed.timezone = _timezone(timezone)
    if sort_order is not None:
        changed.sort_order = _sort_order("sortOrder", sort_order)
    transaction.add(changed)
    return changed


def _timezone(timezone: str) -> str:
    if timezone not in available_timezones():
        raise BadUserInput("timezone", f"There is no time zone {timezone!r}; one is Europe/Dublin.")
    return timezone
