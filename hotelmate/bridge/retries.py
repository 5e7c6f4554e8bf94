"""Send dead letters again when somebody asks for it, beside live delivery and never in its way.

A hotel's queued letters go in the order of their events. One that cannot be sent now holds up those behind it
and nothing else.
"""

from datetime import UTC, datetime
from functools import partial

import structlog

from hotelmate.bridge import letters
from hotelmate.bridge.letters import QueuedLetter
from hotelmate.bridge.sending import MessagesOf, Refused, Sender, Unreachable
from hotelmate.bridge.timing import Timing
from hotelmate.bridge.traces import traced_sending
from hotelmate.database import Database

logger = structlog.get_logger(__name__)


class Retries:
    """Sends queued dead letters, each taken for the time of one lease so that no other process sends it."""

    def __init__(
        self, database: Database, sender: Sender, messages_of: MessagesOf, *, timing: Timing
    ) -> None:
        self._database = database
        self._sender = sender
        self._messages_of = messages_of
        self._timing = timing

    async def send_next(self, hotel_id: int) -> bool:
        """Send the hotel's next queued letter, and return whether another may follow at once."""
        at = datetime.now(UTC)
        take = partial(letters.take_next, hotel_id=hotel_id, at=at, until=self._timing.lease_until(at))
        letter = await self._database.write(take)
        if letter is None:
            return False
        try:
            await self._send(letter)
        except Refused as error:
            await self._refuse(letter, str(error))
        except Unreachable as error:
            await self._put_off(letter, error)
            return False
        except Exception as error:
            # One letter's trouble, such as an event that this version cannot tell of: out of the others' way.
            logger.exception("dead_letter_failed", seq=letter.event.seq, **_about(letter))
            await self._refuse(letter, f"{type(error).__name__}, see the log")
        else:
            await self._database.write(partial(letters.drop, which=letters.with_ids([letter.id])))
            logger.info("dead_letter_delivered", seq=letter.event.seq, **_about(letter))
        return True

    async def _send(self, letter: QueuedLetter) -> None:
        messages = [
            message for message in self._messages_of(letter.event) if message.channel == letter.channel
        ]
        if not messages:
            raise Refused("the settings no longer send this event to this channel")
        with traced_sending([letter.event]):
            await self._sender.send_batch(messages)

    async def _refuse(self, letter: QueuedLetter, error: str) -> None:
        refuse = partial(letters.refuse, letter_id=letter.id, error=error, at=datetime.now(UTC))
        await self._database.write(refuse)
        logger.error("dead_letter_refused", seq=letter.event.seq, error=error, **_about(letter))

    async def _put_off(self, letter: QueuedLetter, error: Unreachable) -> None:
        at = datetime.now(UTC)
        pause = self._timing.pause_as_long_again(
            at - letter.queued_at, at_least_seconds=error.retry_after_seconds
        )
        await self._database.write(partial(letters.put_off, letter_id=letter.id, until=at + pause))
        logger.warning("dead_letter_put_off", seq=letter.event.seq, error=str(error), **_about(letter))


def _about(letter: QueuedLetter) -> dict[str, str]:
    return {"hotel": letter.event.hotel_slug, "channel": letter.channel}
