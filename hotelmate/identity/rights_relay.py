"""Rights that end in one process end in all of them, at once.

The processes tell each other; what such a message does not reach is found by looking whether the rights that
somebody relies on are still there.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

import orjson
from sqlmodel import col, select

from hotelmate.database import Reading
from hotelmate.identity.rights import GuestTokenRenewed, RightsEnded, SessionEnded
from hotelmate.models import Booking, LoginSession
from hotelmate.processes.pubsub import PubSub, Subscriber

_CHANNEL = "rights"


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
    """Return those of the rights that the database no longer grants."""
    rights = set(rights)
    session_ids = {right.session_id for right in rights if isinstance(right, SessionEnded)}
    references = {right.reference for right in rights if isinstance(right, GuestTokenRenewed)}
    sessions = reading.exec(select(LoginSession.id).where(col(LoginSession.id).in_(session_ids)))
    tokens = reading.exec(
        select(Booking.reference, Booking.guest_token_nonce).where(col(Booking.reference).in_(references))
    )
    held: set[RightsEnded] = {SessionEnded(session_id) for session_id in sessions}
    held |= {GuestTokenRenewed(reference, nonce) for reference, nonce in tokens}
    return rights - held
