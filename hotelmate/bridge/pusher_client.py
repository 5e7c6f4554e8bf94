"""The sender that speaks to Pusher, or to the embedded Channels server, through the `pusher` library.

The library makes and signs the requests. What of its 3.3.4 is better left alone:

- its HTTP backends: they block or connect anew for each call, and trust the certificates of 2021 only;
- its checks of size, which measure Python's objects and not what is sent;
- encoding a batch, which changes the caller's events, so that a second attempt would encode them twice;
- `terminate_user_connections`, which posts to a path that hosted Pusher does not have;
- `authenticate` for names that were not checked: it signs any (see `resolvers.channels`).

It needs MD5 for the digests that Pusher asks for, so Python must not be built without.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Self

from pusher import Pusher

from hotelmate.bridge.backends import Door, InProcessBackend, Pool, PooledBackend
from hotelmate.bridge.sending import DATA_BYTES, LegacyMessage, Refused
from hotelmate.settings import PusherSettings


class PusherSender:
    """Sends batches; `client` is the library's, and signs for channels with the same key."""

    def __init__(self, client: Pusher, close: Callable[[], Awaitable[None]] | None = None) -> None:
        self.client = client
        self._close = close

    @classmethod
    def to_service(cls, settings: PusherSettings) -> Self:
        """Send to the Pusher service that the settings name, all of which are given."""
        pool = Pool()
        return cls(service_client(settings, backend=PooledBackend, pool=pool), pool.close)

    @classmethod
    def in_process(cls, *, app_id: str, key: str, secret: str, door: Door) -> Self:
        """Send to a server in this process."""
        return cls(Pusher(app_id=app_id, key=key, secret=secret, backend=InProcessBackend, door=door))

    async def send_batch(self, batch: Sequence[LegacyMessage]) -> None:
        """See `sending.Sender`; what is too large is refused without asking."""
        for message in batch:
            size = len(message.data.encode())
            if size > DATA_BYTES:
                raise Refused(f"the data has {size} bytes, {DATA_BYTES} are allowed")
        # Told that the data is encoded, the library neither changes it nor judges its size, which it would
        # measure as that of the Python object in memory.
        events = [
            {"channel": message.channel, "name": message.event_name, "data": message.data}
            for message in batch
        ]
        await self.client.trigger_batch(events, already_encoded=True)

    async def close(self) -> None:
        """Close the connections."""
        if self._close is not None:
            await self._close()


def service_client(settings: PusherSettings, *, backend: type[PooledBackend], pool: Pool) -> Pusher:
    """Return the library's client for the Pusher service that the settings name, all of which are given."""
    return Pusher(
        app_id=settings.app_id,
        key=settings.key,
        secret=settings.secret.get_secret_value() if settings.secret else None,
        cluster=settings.cluster,
        host=settings.host,
        port=settings.port,
        ssl=settings.ssl,
        backend=backend,
        pool=pool,
    )
