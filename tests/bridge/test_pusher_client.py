"""The pusher library, on backends of ours, sends what it is given and says plainly how that went."""

import time
from email.utils import formatdate
from typing import Any

import pytest
from pydantic import SecretStr

from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.bridge.sending import LegacyMessage, Refused, Unreachable
from hotelmate.channels import App, ChannelsServer, Request
from tests.bridge.pusher_endpoint import SECRET, PusherEndpoint


def message(data: str = '{"is":"data"}', channel: str = "hotel-killarney") -> LegacyMessage:
    return LegacyMessage(channel, "offer-deleted", data)


async def test_a_batch_arrives_as_it_is_over_one_connection(
    endpoint: PusherEndpoint, sender: PusherSender
) -> None:
    text = '{"quotes":"\\"","emoji":"🏨","accents":"Áine Ní Bhriain"}'
    await sender.send_batch([message(), message(text, "booking.BK-2025-0002")])
    await sender.send_batch([message()])
    first, second = await endpoint.requests()
    assert first["batch"] == [
        {"channel": "hotel-killarney", "name": "offer-deleted", "data": '{"is":"data"}'},
        {"channel": "booking.BK-2025-0002", "name": "offer-deleted", "data": text},
    ]
    assert first["connection"] == second["connection"]


@pytest.mark.parametrize(
    "data",
    ["x" * 10_240, "é" * 5_120, "🏨" * 2_560, "x" * 10_236 + "🏨"],
    ids=["ascii", "two bytes each", "four bytes each", "one wide character"],
)
async def test_data_is_measured_in_bytes_of_utf8(
    endpoint: PusherEndpoint, sender: PusherSender, data: str
) -> None:
    await sender.send_batch([message(data)])
    with pytest.raises(Refused, match="the data has 10241 bytes, 10240 are allowed"):
        await sender.send_batch([message(), message(data + "x")])
    assert len(await endpoint.requests()) == 1


@pytest.mark.parametrize("status", [400, 413])
async def test_what_pusher_refuses_for_good_is_refused(
    endpoint: PusherEndpoint, sender: PusherSender, status: int
) -> None:
    await endpoint.fail(status=status, body="Not like this")
    with pytest.raises(Refused, match=f"^{status} Not like this$"):
        await sender.send_batch([message()])


@pytest.mark.parametrize(
    ("fault", "reason", "seconds"),
    [
        ({"status": 401, "body": "Timestamp expired"}, "401 Timestamp expired", 0),
        ({"status": 403, "body": "Over quota"}, "403 Over quota", 0),
        ({"status": 404}, "404", 0),
        ({"status": 429, "headers": {"Retry-After": "7"}}, "429", 7),
        ({"status": 429, "headers": {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}}, "429", 0),
        ({"status": 429, "headers": {"Retry-After": "soon"}}, "429", 0),
        ({"status": 503, "headers": {"Retry-After": "120"}}, "503", 120),
        ({"status": 307, "headers": {"Location": "/elsewhere"}}, "307", 0),
        ({"status": 200, "body": "<html>"}, "not a Pusher service's answer: <html>", 0),
        ({"status": 204, "body": ""}, "204", 0),
    ],
)
async def test_everything_else_may_pass(
    endpoint: PusherEndpoint, sender: PusherSender, fault: dict[str, Any], reason: str, seconds: float
) -> None:
    await endpoint.fail(**fault)
    with pytest.raises(Unreachable) as raised:
        await sender.send_batch([message()])
    assert str(raised.value).startswith(reason)
    assert raised.value.retry_after_seconds == seconds


async def test_a_pause_may_be_asked_for_as_a_date(endpoint: PusherEndpoint, sender: PusherSender) -> None:
    await endpoint.fail(status=503, headers={"Retry-After": formatdate(time.time() + 100, usegmt=True)})
    with pytest.raises(Unreachable) as raised:
        await sender.send_batch([message()])
    assert 60 < raised.value.retry_after_seconds <= 100


async def test_a_wrong_secret_may_pass_once_it_is_put_right(endpoint: PusherEndpoint) -> None:
    sender = PusherSender.to_service(endpoint.settings.model_copy(update={"secret": SecretStr("wrong")}))
    with pytest.raises(Unreachable, match="401 Invalid signature"):
        await sender.send_batch([message()])
    await sender.close()


@pytest.mark.parametrize(
    ("seconds", "says"),
    [
        (-3600, r"^401 Timestamp expired; this machine's clock is 360\d s ahead of Pusher's$"),
        (3600, r"^401 Timestamp expired; this machine's clock is 3(600|59\d) s behind Pusher's$"),
        (0, r"^401 Timestamp expired$"),
        (None, r"^401 Timestamp expired$"),
    ],
)
async def test_a_clock_that_is_wrong_is_named_as_the_reason(
    endpoint: PusherEndpoint, sender: PusherSender, seconds: int | None, says: str
) -> None:
    date = "not a date" if seconds is None else formatdate(time.time() + seconds, usegmt=True)
    await endpoint.fail(status=401, body="Timestamp expired", headers={"Date": date})
    with pytest.raises(Unreachable, match=says):
        await sender.send_batch([message()])


async def test_a_long_reason_is_cut(endpoint: PusherEndpoint, sender: PusherSender) -> None:
    await endpoint.fail(status=500, body="x" * 100_000)
    with pytest.raises(Unreachable) as raised:
        await sender.send_batch([message()])
    assert len(str(raised.value)) == 500


async def test_the_embedded_server_is_reached_within_the_process() -> None:
    server = ChannelsServer([App(id="1000", key="a-key", secret=SECRET)])
    seen: list[Request] = []

    async def door(*request: Any) -> Any:
        seen.append(Request(*request))
        return await server.handle(seen[-1])

    sender = PusherSender.in_process(app_id="1000", key="a-key", secret=SECRET, door=door)
    await sender.send_batch([message()])
    assert [(request.method, request.path) for request in seen] == [("POST", "/apps/1000/batch_events")]
    stranger = PusherSender.in_process(app_id="1000", key="a-key", secret="wrong", door=door)
    with pytest.raises(Unreachable, match=r"^401 "):
        await stranger.send_batch([message()])
    with pytest.raises(Refused, match=r"^400 "):
        await sender.send_batch([message(channel="not a channel")])
    await sender.close()
