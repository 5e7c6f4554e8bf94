"""Tell subscribers how many they are.

Source:
    Pusher docs, "Subscription count event": after each change, and above 100 every 5 seconds at most.
"""

import asyncio

from hotelmate.channels import frames
from hotelmate.channels.channel import Channel
from hotelmate.channels.webhooks import Notify

LARGE = 100
PAUSE_SECONDS = 5.0


class SubscriptionCounts:
    """Sends counts as channels change; a large channel's changes are gathered for a while."""

    def __init__(self, notify: Notify) -> None:
        self._notify = notify
        self._timers: dict[Channel, asyncio.TimerHandle] = {}

    def changed(self, channel: Channel, *, is_here: bool) -> None:
        """Note that somebody has come or gone, here or on another server, whose webhook it then is."""
        if channel in self._timers:
            return
        if len(channel) > LARGE:
            loop = asyncio.get_running_loop()
            self._timers[channel] = loop.call_later(PAUSE_SECONDS, self._send_later, channel, is_here)
        else:
            self._send(channel, is_here=is_here)

    def _send_later(self, channel: Channel, is_here: bool) -> None:
        del self._timers[channel]
        self._send(channel, is_here=is_here)

    def _send(self, channel: Channel, *, is_here: bool) -> None:
        count = len(channel)
        channel.send(frames.subscription_count(channel.name, count))
        if is_here:
            self._notify({"name": "subscription_count", "channel": channel.name, "subscription_count": count})
