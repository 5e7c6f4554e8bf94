"""Reading who did what."""

from collections.abc import Sequence

from sqlmodel import col, func, select
from sqlmodel.sql.expression import Select

from hotelmate.database import Reading
from hotelmate.identity.actors import Actor
from hotelmate.identity.permissions import require_staff
from hotelmate.models import AuditEntry, Hotel, Staff, User
from hotelmate.resolvers.paging import Page, page

Named = tuple[AuditEntry, str | None, str | None]
"""An entry, the slug of its hotel and the user name of its member of the staff, as far as it has them."""


def audit_page(reading: Reading, actor: Actor, *, first: int, after: str | None) -> Page[AuditEntry]:
    """[staff] Return what was done in the hotel, newest first.

    Raises:
        BadUserInput: `first` or `after`.
    """
    of_hotel = select(AuditEntry).where(AuditEntry.hotel_id == require_staff(actor).hotel_id)
    return page(reading, of_hotel, keys=(AuditEntry.id,), descending=True, first=first, after=after)


def newest(reading: Reading, *, hotel_slug: str | None, limit: int) -> Sequence[Named]:
    """Return the newest entries, oldest of them first: of one hotel, or of all and of none."""
    ordered = _named(hotel_slug).order_by(col(AuditEntry.id).desc())
    return reading.exec(ordered.limit(limit)).all()[::-1]


def following(reading: Reading, *, hotel_slug: str | None, after: int, limit: int) -> Sequence[Named]:
    """Return entries with ids above `after`, oldest first."""
    later = _named(hotel_slug).where(col(AuditEntry.id) > after)
    return reading.exec(later.order_by(col(AuditEntry.id)).limit(limit)).all()


def latest_id(reading: Reading) -> int:
    """Return the id of the newest entry; 0 when there is none."""
    return reading.exec(select(func.max(AuditEntry.id))).one() or 0


def _named(hotel_slug: str | None) -> Select[AuditEntry, str | None, str | None]:
    statement = (
        select(AuditEntry, Hotel.slug, User.username)
        .outerjoin(Hotel, col(Hotel.id) == AuditEntry.hotel_id)
        .outerjoin(Staff, col(Staff.id) == AuditEntry.staff_id)
        .outerjoin(User, col(User.id) == Staff.user_id)
    )
    return statement if hotel_slug is None else statement.where(Hotel.slug == hotel_slug)
