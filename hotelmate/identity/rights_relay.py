"""Rights that end in one process end in all of them, at once.

Processes announce to each other what has ended. What such a message does not reach is found by asking the
database, now and then, whether the rights that open connections rely on are still there.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

import orjson
from sqlmodel import col, select

from hotelmate.database import Reading
from hotelmate.identity.rights import GuestTokenRenewed, RightsEnded, SessionEnded
from hotelmate.models import Booking, LoginSession, Staff, User
from hotelmate.processes.pubsub import PubSub, Subscriber

_CHANNEL = "rights"
# A statement takes so many values on every database.
_AT_ONCE = 1_000

Item = TypeVar("Item")


class RightsRelay:
    """Carries ended rights between processes."""

    def __init__(
        self, pubsub: PubSub, *, on_end: Callable[[RightsEnded], None], on_missed: Callable[[], None]
    ) -> None:
        """Hand over what ended elsewhere; `on_missed` is called when some of it may not have come."""
        self._pubsub = pubsub
        self._on_end = on_end
        self._on_missed = on_missed

    def publish(self, ended: RightsEnded) -> None:
        """Tell the other processes of rights that were ended here."""
        self._pubsub.publish(_CHANNEL, encode(ended))

    @contextmanager
    def follow(self) -> Iterator[None]:
        """Hear of what ends elsewhere while the block runs."""
        subscriber = Subscriber(lambda message: self._on_end(decode(message)), on_ready=self._on_missed)
        with self._pubsub.subscribed(_CHANNEL, subscriber):
            yield


def encode(ended: RightsEnded) -> bytes:
    """Return what another process needs to end the same rights."""
    match ended:
        case SessionEnded(session_id=session_id):
            return orjson.dumps({"session_id": session_id})
        case GuestTokenRenewed(reference=reference, nonce=nonce):
            return orjson.dumps({"reference": reference, "nonce": nonce})


def decode(message: bytes) -> RightsEnded:
    """Return the end that a message tells of."""
    fields = orjson.loads(message)
    return SessionEnded(**fields) if "session_id" in fields else GuestTokenRenewed(**fields)


def ended_among(reading: Reading, rights: Iterable[RightsEnded]) -> set[RightsEnded]:
    """Return those of the rights that have ended by what the database says."""
    ended = set(rights)
    session_ids = [right.session_id for right in ended if isinstance(right, SessionEnded)]
    references = [right.reference for right in ended if isinstance(right, GuestTokenRenewed)]
    for some_ids in _in_parts(session_ids):
        sessions = select(LoginSession.id).where(
            col(LoginSession.id).in_(some_ids),
            Staff.id == LoginSession.staff_id,
            User.id == Staff.user_id,
            col(User.is_active),
        )
        ended -= {SessionEnded(session_id) for session_id in reading.exec(sessions)}
    for some in _in_parts(references):
        tokens = select(Booking.reference, Booking.guest_token_nonce).where(col(Booking.reference).in_(some))
        ended -= {GuestTokenRenewed(reference, nonce) for reference, nonce in reading.exec(tokens)}
    return ended


def _in_parts(items: Sequence[Item]) -> Iterator[Sequence[Item]]:
    return (items[start : start + _AT_ONCE] for start in range(0, len(items), _AT_ONCE))
