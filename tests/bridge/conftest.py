"""An endpoint to deliver to, and what is needed to watch a bridge at work."""

from collections.abc import AsyncIterator, Iterator

import pytest

from hotelmate.bridge.pusher_client import PusherSender
from tests.bridge.pusher_endpoint import PusherEndpoint


@pytest.fixture(scope="session")
def running_endpoint() -> Iterator[PusherEndpoint]:
    with PusherEndpoint.run() as endpoint:
        yield endpoint


@pytest.fixture
async def endpoint(running_endpoint: PusherEndpoint) -> PusherEndpoint:
    """A Pusher that has heard of nothing yet and has no faults."""
    await running_endpoint.reset()
    return running_endpoint


@pytest.fixture
async def sender(endpoint: PusherEndpoint) -> AsyncIterator[PusherSender]:
    """What sends to it, as a server does."""
    sender = PusherSender.to_service(endpoint.settings)
    yield sender
    await sender.close()
