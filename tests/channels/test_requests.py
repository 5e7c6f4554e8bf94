"""Who may use the HTTP API: the signature, the time and the body have to fit."""

import asyncio
import json
from dataclasses import replace
from http.client import HTTPConnection
from typing import Any

import pytest

from hotelmate.channels import App, ChannelsServer, Request
from tests.channels.running import APP, Running
from tests.channels.signed import ask, signed

EVENT = {"name": "foo", "channels": ["project-3"], "data": '{"some":"data"}'}
EVENTS = "/apps/3/events"


@pytest.fixture
def server() -> ChannelsServer:
    return ChannelsServer([APP])


async def test_the_request_of_the_documentation_is_accepted_at_its_time() -> None:
    server = ChannelsServer([APP], clock=lambda: 1353088179.0)
    request = Request(
        method="POST",
        path="/apps/3/events",
        query_string=(
            "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0"
            "&body_md5=ec365a775a4cd0599faeb73354201b6f"
            "&auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
        ),
        headers={},
        body=b'{"name":"foo","channels":["project-3"],"data":"{\\"some\\":\\"data\\"}"}',
    )
    assert await ask(server, request) == (200, {})


NOT_SIGNED = "Invalid signature: auth_signature is not that of POST /apps/3/events."
NOT_THIS_KEY = "auth_key does not belong to this app."
NOT_THIS_VERSION = "auth_version must be 1.0."
NO_TIME = "auth_timestamp must be a number of seconds."
NOT_THIS_BODY = "body_md5 is not the MD5 digest of the body."


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"secret": "another"}, NOT_SIGNED),
        ({"query": {"auth_key": "another"}}, NOT_THIS_KEY),
        ({"without": {"auth_key"}}, NOT_THIS_KEY),
        ({"query": {"auth_version": "2.0"}}, NOT_THIS_VERSION),
        ({"without": {"auth_version"}}, NOT_THIS_VERSION),
        ({"query": {"auth_timestamp": "soon"}}, NO_TIME),
        ({"query": {"auth_timestamp": "²"}}, NO_TIME),
        ({"query": {"auth_timestamp": "9" * 400}}, NO_TIME),
        ({"query": {"auth_timestamp": "9" * 5_000}}, NO_TIME),
        ({"without": {"auth_timestamp"}}, NO_TIME),
        ({"query": {"body_md5": "0" * 32}}, NOT_THIS_BODY),
        ({"without": {"body_md5"}}, NOT_THIS_BODY),
    ],
)
async def test_a_request_that_does_not_prove_itself_is_answered_with_401(
    server: ChannelsServer, wrong: dict[str, Any], message: str
) -> None:
    request = signed("POST", EVENTS, EVENT, **wrong)
    assert await ask(server, request) == (401, {"error": message, "code": 401})


async def test_a_request_without_signature_is_answered_with_401(server: ChannelsServer) -> None:
    request = signed("POST", EVENTS, EVENT)
    unsigned = replace(request, query_string=request.query_string.partition("&auth_signature")[0])
    assert await ask(server, unsigned) == (401, {"error": NOT_SIGNED, "code": 401})


@pytest.mark.parametrize(("age", "status"), [(599, 200), (601, 401), (-599, 200), (-601, 401)])
async def test_a_request_is_good_for_600_seconds_both_ways(age: int, status: int) -> None:
    server = ChannelsServer([APP], clock=lambda: 1_700_000_000.0)
    request = signed("POST", EVENTS, EVENT, query={"auth_timestamp": str(1_700_000_000 - age)})
    assert (await ask(server, request))[0] == status


async def test_a_body_changed_on_its_way_is_refused(server: ChannelsServer) -> None:
    request = signed("POST", EVENTS, EVENT)
    assert (await ask(server, replace(request, body=request.body + b" ")))[0] == 401


@pytest.mark.parametrize("added", ["&more=1", "&auth_timestamp=1"])
async def test_every_parameter_counts_for_the_signature(server: ChannelsServer, added: str) -> None:
    request = signed("POST", EVENTS, EVENT)
    assert (await ask(server, replace(request, query_string=request.query_string + added)))[0] == 401


async def test_parameters_nobody_knows_do_no_harm_when_signed(server: ChannelsServer) -> None:
    assert (await ask(server, signed("POST", EVENTS, EVENT, query={"more": "1"})))[0] == 200


async def test_names_in_capitals_are_signed_in_lower_case(server: ChannelsServer) -> None:
    request = signed("POST", EVENTS, EVENT, query={"more": "1"})
    assert (await ask(server, replace(request, query_string=request.query_string.replace("more", "More"))))[
        0
    ] == 200


async def test_values_are_signed_as_they_are_before_percent_encoding(server: ChannelsServer) -> None:
    request = signed("POST", EVENTS, EVENT, query={"more": "ü+ &"})
    escaped = request.query_string.replace("ü+ &", "%C3%BC%2B%20%26")
    assert (await ask(server, replace(request, query_string=escaped)))[0] == 200


async def test_an_unknown_app_is_answered_with_404(server: ChannelsServer) -> None:
    answer = await ask(server, signed("POST", "/apps/4/events", EVENT))
    assert answer == (404, {"error": "There is no app with the id 4.", "code": 404})


async def test_a_disabled_app_is_answered_with_403() -> None:
    server = ChannelsServer([replace(APP, enabled=False)])
    assert await ask(server, signed("POST", EVENTS, EVENT)) == (
        403,
        {"error": "The app is disabled.", "code": 403},
    )


async def test_the_key_of_one_app_opens_no_other(server: ChannelsServer) -> None:
    other = App(id="4", key="key-of-4", secret=APP.secret)
    assert (await ask(ChannelsServer([APP, other]), signed("POST", "/apps/4/events", EVENT)))[0] == 401


@pytest.mark.parametrize("path", ["/apps/3", "/apps/3/nothing", "/apps/3/events/", "/nothing"])
async def test_an_unknown_path_is_answered_with_404(server: ChannelsServer, path: str) -> None:
    assert await ask(server, signed("POST", path)) == (
        404,
        {"error": f"There is nothing at {path}.", "code": 404},
    )


async def test_a_known_path_with_another_method_is_answered_with_405(server: ChannelsServer) -> None:
    assert await ask(server, signed("GET", EVENTS)) == (
        405,
        {"error": "Only POST is possible here.", "code": 405},
    )
    assert (await server.handle(signed("GET", EVENTS))).headers["allow"] == "POST"


async def test_both_doors_give_the_same_answers(channels: Running) -> None:
    for request in [
        signed("POST", EVENTS, EVENT),
        signed("POST", EVENTS, EVENT, secret="another"),
        signed("POST", EVENTS, body=b"{"),
        signed("GET", "/apps/3/nothing"),
    ]:
        within = await ask(channels.server, request)
        assert await asyncio.to_thread(_over_http, channels.port, request) == within


async def test_a_body_over_the_limit_is_answered_with_413(channels: Running) -> None:
    request = signed("POST", EVENTS, body=b" " * (1024 * 1024 + 1))
    expected = (413, {"error": "A body has at most 1048576 bytes.", "code": 413})
    assert await ask(channels.server, request) == expected
    assert await asyncio.to_thread(_over_http, channels.port, request) == expected


def _over_http(port: int, request: Request) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request(request.method, f"{request.path}?{request.query_string}", request.body)
        response = connection.getresponse()
        assert response.headers["content-type"] == "application/json"
        return response.status, json.loads(response.read())
    finally:
        connection.close()
