"""Files come with a request as the multipart request specification says, and never from a form elsewhere."""

import asyncio
import gc
import json
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from hotelmate.schema.transports import Limits
from hotelmate.settings import Settings
from tests.transports.running import Served, eventually

RECORD = "mutation ($sound: Upload!) { record(sound: $sound) { size digest } }"
TWO = "mutation ($sound: Upload!, $echo: Upload) { record(sound: $sound, echo: $echo) { size digest } }"
ONE_PLACE = {"0": ["variables.sound"]}
NOTHING = {"query": RECORD, "variables": {"sound": None}}
DING = b"\x00ding\r\n--dong\xff"
BOB = "Token demo-ben"
MOST_BYTES = 200_000

Part = tuple[str, Any]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, media_max_bytes=MOST_BYTES)


@pytest.fixture
def limits() -> Limits:
    return Limits(body_bytes=10_000)


@pytest.fixture(autouse=True)
def every_file_is_closed(served: Served) -> Iterator[None]:
    """Whatever came of the request."""
    yield
    assert all(upload.file.closed for upload in served.bells.files)
    # One that nothing holds any more warns as it goes, which fails the test.
    gc.collect()


def form(*parts: Part) -> aiohttp.FormData:
    """A form in the given order; bytes are files, everything else is sent as JSON."""
    data = aiohttp.FormData(default_to_multipart=True)
    for name, content in parts:
        if isinstance(content, bytes):
            data.add_field(name, content, filename="sound.wav")
        else:
            data.add_field(name, json.dumps(content))
    return data


async def send(
    served: Served, *parts: Part, caller: str | None = BOB, header: str | None = "GraphQL-Require-Preflight"
) -> tuple[int, Any]:
    headers = {"accept": "application/graphql-response+json"}
    headers |= {"authorization": caller} if caller else {}
    headers |= {header: "1"} if header else {}
    async with served.request(data=form(*parts), headers=headers) as response:
        return response.status, await response.json(content_type=None)


def recording(content: bytes) -> dict[str, object]:
    return {"size": len(content), "digest": sha256(content).hexdigest()}


async def test_a_file_comes_whole_to_the_field_that_wants_it(
    served: Served, subtests: pytest.Subtests
) -> None:
    for content in (DING, b"", bytes(range(256)) * 700):
        with subtests.test(size=len(content)):
            status, body = await send(served, ("operations", NOTHING), ("map", ONE_PLACE), ("0", content))
            assert (status, body) == (200, {"data": {"record": [recording(content)]}})


async def test_each_file_comes_to_its_own_variable(served: Served) -> None:
    _, body = await send(
        served,
        ("operations", {"query": TWO, "variables": {}}),
        ("map", {"a": ["variables.echo"], "b": ["variables.sound"]}),
        ("b", b"ding"),
        ("a", b"dong"),
    )
    assert body == {"data": {"record": [recording(b"ding"), recording(b"dong")]}}


async def test_without_files_it_is_a_request_like_any_other(served: Served) -> None:
    status, body = await send(served, ("operations", {"query": "{ secret }"}), ("map", {}))
    assert (status, body) == (200, {"data": {"secret": "42"}})


@pytest.mark.parametrize(
    "header", ["GraphQL-Require-Preflight", "Apollo-Require-Preflight", "x-graphql-yoga-csrf"]
)
async def test_each_of_the_headers_that_no_form_can_send_will_do(served: Served, header: str) -> None:
    status, _ = await send(served, ("operations", NOTHING), ("map", ONE_PLACE), ("0", DING), header=header)
    assert status == 200


async def test_a_client_that_names_its_caller_needs_no_other_header(
    served: Served, subtests: pytest.Subtests
) -> None:
    """Browsers say which page is behind a form, and other clients send none by themselves."""
    ours = f"http://127.0.0.1:{served.port}"
    for origin, status in ((None, 200), (ours, 200), ("https://elsewhere.example", 400), ("null", 400)):
        with subtests.test(origin=origin):
            headers = {"authorization": BOB} | ({"origin": origin} if origin else {})
            parts = ("operations", NOTHING), ("map", ONE_PLACE), ("0", DING)
            async with served.request(data=form(*parts), headers=headers) as response:
                assert response.status == status


async def test_a_form_of_another_site_is_refused_and_told_which_header_is_missing(served: Served) -> None:
    """A browser sends it without asking first, with no header but its own."""
    status, body = await send(
        served, ("operations", NOTHING), ("map", ONE_PLACE), ("0", DING), header="Origin"
    )
    assert status == 400
    [error] = body["errors"]
    assert "graphql-require-preflight" in error["message"]
    assert error["extensions"] == {"code": "BAD_REQUEST"}
    assert served.bells.files == []


async def test_nobody_anonymous_sends_files(served: Served) -> None:
    for caller in (None, "Token nobodys"):
        status, body = await send(
            served, ("operations", NOTHING), ("map", ONE_PLACE), ("0", DING), caller=caller
        )
        assert (status, body["errors"][0]["extensions"]) == (400, {"code": "UNAUTHENTICATED"})
    assert served.bells.files == []


MALFORMED: dict[str, list[Part]] = {
    "no operations": [],
    "no map": [("operations", NOTHING)],
    "files before the map": [("operations", NOTHING), ("0", DING), ("map", ONE_PLACE)],
    "map before operations": [("map", ONE_PLACE), ("operations", NOTHING), ("0", DING)],
    "a batch": [("operations", [NOTHING]), ("map", {"0": ["0.variables.sound"]}), ("0", DING)],
    "operations that are no request": [("operations", "ding"), ("map", {}), ("0", DING)],
    "a map that is no object": [("operations", NOTHING), ("map", [["variables.sound"]]), ("0", DING)],
    "no place": [("operations", NOTHING), ("map", {"0": []}), ("0", DING)],
    "a place that is no list": [("operations", NOTHING), ("map", {"0": "variables.sound"}), ("0", DING)],
    "a place that is no text": [("operations", NOTHING), ("map", {"0": [7]}), ("0", DING)],
    "two places": [
        ("operations", {"query": TWO}),
        ("map", {"0": ["variables.sound", "variables.echo"]}),
        ("0", DING),
    ],
    "one place for two files": [
        ("operations", NOTHING),
        ("map", {"0": ["variables.sound"], "1": ["variables.sound"]}),
        ("0", DING),
        ("1", DING),
    ],
    "a place outside of the variables": [("operations", NOTHING), ("map", {"0": ["query"]}), ("0", DING)],
    "a place in a list": [("operations", NOTHING), ("map", {"0": ["variables.sound.0"]}), ("0", DING)],
    "a variable that is not declared": [
        ("operations", NOTHING),
        ("map", {"0": ["variables.other"]}),
        ("0", DING),
    ],
    "a variable of another type": [
        ("operations", {"query": "mutation ($text: String!) { ring(text: $text) }"}),
        ("map", {"0": ["variables.text"]}),
        ("0", DING),
    ],
    "a variable of another operation": [
        (
            "operations",
            {
                "query": f"{RECORD.replace('mutation', 'mutation a')} query b {{ caller }}",
                "operationName": "b",
            },
        ),
        ("map", ONE_PLACE),
        ("0", DING),
    ],
    "a variable that has a value": [
        ("operations", {"query": RECORD, "variables": {"sound": "ding"}}),
        ("map", ONE_PLACE),
        ("0", DING),
    ],
    "a file that has no place": [
        ("operations", NOTHING),
        ("map", ONE_PLACE),
        ("0", DING),
        ("1", DING),
    ],
    "a file twice": [("operations", NOTHING), ("map", ONE_PLACE), ("0", DING), ("0", DING)],
    "a place that gets no file": [
        ("operations", {"query": TWO}),
        ("map", {"0": ["variables.sound"], "1": ["variables.echo"]}),
        ("0", DING),
    ],
    "four files": [
        ("operations", NOTHING),
        ("map", {str(number): [f"variables.s{number}"] for number in range(4)}),
        *((str(number), DING) for number in range(4)),
    ],
}


@pytest.mark.parametrize("parts", MALFORMED.values(), ids=MALFORMED)
async def test_anything_but_one_file_for_one_declared_variable_is_refused(
    served: Served, parts: list[Part]
) -> None:
    status, body = await send(served, *parts)
    assert (status, body["errors"][0]["extensions"]) == (400, {"code": "BAD_REQUEST"})
    assert served.bells.files == []


async def test_what_is_no_such_form_is_refused(served: Served, subtests: pytest.Subtests) -> None:
    whole = form(("operations", NOTHING), ("map", ONE_PLACE), ("0", DING))()
    body = await whole.as_bytes()
    for content_type, content in [
        (whole.content_type, body[:-10]),
        (whole.content_type, b""),
        ("multipart/form-data", body),
        ("multipart/form-data; boundary=other", body),
    ]:
        with subtests.test(content_type=content_type):
            headers = {"authorization": BOB, "graphql-require-preflight": "", "content-type": content_type}
            async with served.request(data=content, headers=headers) as response:
                assert response.status == 400
    assert served.bells.files == []


async def test_of_a_file_that_is_too_large_one_byte_too_many_is_kept(served: Served) -> None:
    """So the field sees that it is, and nobody fills the disk."""
    for size, kept in [
        (MOST_BYTES, MOST_BYTES),
        (MOST_BYTES + 1, MOST_BYTES + 1),
        (2 * MOST_BYTES, MOST_BYTES + 1),
    ]:
        _, body = await send(served, ("operations", NOTHING), ("map", ONE_PLACE), ("0", bytes(size)))
        assert body["data"]["record"][0]["size"] == kept


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(
            [("operations", NOTHING), ("map", ONE_PLACE), ("0", bytes(4 * MOST_BYTES))], id="all of it"
        ),
        pytest.param(
            [("operations", {**NOTHING, "extensions": {"long": "x" * 10_000}})], id="the operations"
        ),
        pytest.param([("operations", NOTHING), ("map", {"0" * 10_000: ["variables.sound"]})], id="the map"),
    ],
)
async def test_more_than_is_taken_is_413(served: Served, parts: list[Part]) -> None:
    status, _ = await send(served, *parts)
    assert status == 413
    assert served.bells.files == []


async def test_without_room_for_files_it_is_503(
    served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "not-there"))
    status, body = await send(served, ("operations", NOTHING), ("map", ONE_PLACE), ("0", DING))
    assert status == 503
    [error] = body["errors"]
    assert (
        error["message"] == "Pictures cannot be stored at the moment. Nothing was changed; try again later."
    )
    assert error["extensions"]["code"] == "INTERNAL"


async def test_while_files_are_dealt_with_everybody_else_is_answered(served: Served) -> None:
    """However many come at once: the database has four threads."""
    document = {"query": "mutation ($sound: Upload!) { listen(sound: $sound) }"}
    parts = (("operations", document), ("map", ONE_PLACE), ("0", DING))
    with served.bells.gate.closed():
        sending = [asyncio.create_task(send(served, *parts)) for _ in range(6)]
        await eventually(lambda: len(served.bells.files) == 6)
        async with served.request(json={"query": '{ echo(text: "ding") }'}) as response:
            assert await response.json() == {"data": {"echo": "ding"}}
    assert await asyncio.gather(*sending) == [(200, {"data": {"listen": "heard"}})] * 6


async def test_a_client_that_leaves_in_the_middle_of_a_file_leaves_nothing(served: Served) -> None:
    whole = form(("operations", NOTHING), ("map", ONE_PLACE), ("0", DING * 1000))()
    body, before = await whole.as_bytes(), files_on_disk()
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    head = [
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        f"Authorization: {BOB}",
        "GraphQL-Require-Preflight: 1",
        f"Content-Type: {whole.content_type}",
        f"Content-Length: {len(body)}",
    ]
    writer.write("\r\n".join([*head, "", ""]).encode() + body[:-2000])
    await writer.drain()
    await eventually(lambda: files_on_disk() > before)
    writer.close()
    await eventually(lambda: files_on_disk() == before)
    assert served.bells.files == []
    await writer.wait_closed()


def files_on_disk() -> set[str]:
    """The files without a name that this process has open, the server's among them."""
    opened = set()
    for descriptor in Path("/proc/self/fd").iterdir():
        try:
            opened.add(str(descriptor.readlink()))
        except FileNotFoundError:
            continue
    return {path for path in opened if path.endswith("(deleted)")}


async def test_a_file_can_be_nothing_but_a_file(served: Served) -> None:
    refused = {"code": "BAD_USER_INPUT", "field": "sound"}
    for variables in ({"sound": "ding"}, {"sound": {}}, {"sound": None}, {}):
        headers = {"accept": "application/json", "authorization": BOB}
        async with served.request(
            json={"query": RECORD, "variables": variables}, headers=headers
        ) as response:
            [error] = (await response.json())["errors"]
            assert error["extensions"] == refused
    async with served.introduced(BOB) as socket:
        await socket.subscribe("a", RECORD, sound="ding")
        told = await socket.hear()
        assert (told["type"], told["payload"][0]["extensions"]) == ("error", refused)


async def test_a_subscription_can_come_as_a_form_too(served: Served) -> None:
    [event] = await served.ring("ding")
    headers = {"accept": "text/event-stream", "authorization": BOB, "graphql-require-preflight": ""}
    document = {"query": "subscription ($after: String) { rings(after: $after) { text } }"}
    parts = (("operations", {**document, "variables": {"after": served.beginning}}), ("map", {}))
    async with served.request(data=form(*parts), headers=headers) as response:
        assert await response.content.readuntil(b"\n\n") == b":\n\n"
        told = await response.content.readuntil(b"\n\n")
    assert event.cursor.encode() in told
    assert b'{"data":{"rings":{"text":"ding"}}}' in told
