"""Ask a Pusher service whether it can be used, without sending anything to anybody."""

import asyncio
from typing import Any

from pusher.http import Request

from hotelmate.bridge.backends import Pool, PooledBackend, result_of, seconds_until
from hotelmate.bridge.pusher_client import service_client
from hotelmate.bridge.sending import Unreachable
from hotelmate.settings import PusherSettings

_PATIENCE_SECONDS = 5


class _DatingBackend(PooledBackend):
    """Answers with how far this machine's clock is ahead of the service's."""

    async def send_request(self, request: Request) -> Any:
        status, headers, body = await self.exchange(request)
        result_of(status, headers, body)
        return -seconds_until(headers.get("date", ""))


async def probe(settings: PusherSettings) -> float:
    """Ask for the occupied channels, which only the right credentials are told.

    Returns:
        How many seconds this machine's clock is ahead of the service's; 0 when it does not say.

    Raises:
        Refused: the service does not understand the question.
        Unreachable: it does not answer, or not to these credentials.
    """
    pool = Pool()
    client = service_client(settings, backend=_DatingBackend, pool=pool)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            ahead: float = await client.channels_info()
            return ahead
    except TimeoutError as error:
        raise Unreachable(f"no answer within {_PATIENCE_SECONDS} s") from error
    finally:
        await pool.close()
