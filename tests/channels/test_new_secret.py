"""While an app's secret is being replaced, what the old one has signed counts as well."""

from collections.abc import AsyncIterator
from dataclasses import replace

import pusher
import pytest

from hotelmate.channels import ChannelsServer
from tests.channels.running import APP, Running, running
from tests.channels.signed import ask, signed

NEW, OLD = "a new secret", APP.secret
PRIVATE = "private-hotel-killarney"
EVENT = {"name": "foo", "channels": ["project-3"], "data": "{}"}


@pytest.fixture
async def channels() -> AsyncIterator[Running]:
    server = ChannelsServer([replace(APP, secret=NEW, previous_secret=OLD)])
    async with running(server) as served:
        yield served


@pytest.mark.parametrize(("secret", "is_good"), [(NEW, True), (OLD, True), ("another", False)])
async def test_requests_subscriptions_and_sign_ins_are_signed_with_either(
    channels: Running, secret: str, is_good: bool
) -> None:
    status, _ = await ask(channels.server, signed("POST", f"/apps/{APP.id}/events", EVENT, secret=secret))
    assert status == (200 if is_good else 401)
    library = pusher.Pusher(APP.id, APP.key, secret)
    async with channels.client() as client:
        auth = library.authenticate(PRIVATE, client.socket_id)["auth"]
        answer = await client.subscribe(PRIVATE, auth=auth)
        wanted = "pusher_internal:subscription_succeeded" if is_good else "pusher:subscription_error"
        assert answer["event"] == wanted
        await client.say("pusher:signin", data=library.authenticate_user(client.socket_id, {"id": "anna"}))
        answer = await client.hear()
        assert answer["event"] == ("pusher:signin_success" if is_good else "pusher:error")


async def test_a_secret_that_was_replaced_counts_no_more() -> None:
    server = ChannelsServer([replace(APP, secret=NEW)])
    assert (await ask(server, signed("POST", f"/apps/{APP.id}/events", EVENT)))[0] == 401
