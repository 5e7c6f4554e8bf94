"""A sender with a time limit for each request, and figures about them."""

import asyncio
from collections.abc import Sequence

from hotelmate.bridge.metrics import BridgeMetrics
from hotelmate.bridge.sending import LegacyMessage, Sender, Unreachable


class TimedSender:
    """Sends through another sender."""

    def __init__(self, sender: Sender, *, seconds: float, metrics: BridgeMetrics) -> None:
        self._sender = sender
        self._seconds = seconds
        self._metrics = metrics

    async def send_batch(self, batch: Sequence[LegacyMessage]) -> None:
        """See `sending.Sender`; no answer in time counts as unreachable."""
        with self._metrics.request():
            try:
                async with asyncio.timeout(self._seconds):
                    await self._sender.send_batch(batch)
            except TimeoutError as error:
                raise Unreachable(f"no answer within {self._seconds:g} s") from error
