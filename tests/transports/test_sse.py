import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest

from hotelmate.identity import sessions
from hotelmate.schema.transports import Limits
from tests.transports.bells import SECRET_DETAIL
from tests.transports.running import WAIT_SECONDS, Served, eventually

RINGS = "subscription ($after: String) { rings(after: $after) { seq text } }"


class Stream:
    """An event stream, read as it comes."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def block(self) -> str:
        """Return what comes up to the next empty line."""
        async with asyncio.timeout(WAIT_SECONDS):
            return (await self.response.content.readuntil(b"\n\n")).decode()

    async def event(self) -> dict[str, str]:
        """Return the fields of the next event, passing over comments."""
        while (block := await self.block()) == ":\n\n":
            pass
        lines = (line.partition(":") for line in block.splitlines() if line)
        return {name: value.removeprefix(" ") for name, _, value in lines}

    async def data(self) -> Any:
        """Return the result in the next event."""
        event = await self.event()
        assert event["event"] == "next", event
        return orjson.loads(event["data"])

    async def rest(self) -> str:
        """Return everything up to the end of the response."""
        async with asyncio.timeout(WAIT_SECONDS):
            return (await self.response.read()).decode()


@asynccontextmanager
async def streamed(
    served: Served,
    query: str,
    *,
    method: str = "POST",
    headers: dict[str, str] | None = None,
    **variables: Any,
) -> AsyncIterator[Stream]:
    async with aiohttp.ClientSession() as session:
        options: dict[str, Any] = {"json": {"query": query, "variables": variables}}
        if method == "GET":
            options = {"params": {"query": query, "variables": orjson.dumps(variables).decode()}}
        all_headers = {"accept": "text/event-stream", **(headers or {})}
        async with session.request(method, served.url, headers=all_headers, **options) as response:
            assert response.status == 200, await response.text()
            yield Stream(response)


async def test_a_subscription_is_a_stream_of_events_with_their_cursors(served: Served) -> None:
    async with streamed(served, RINGS) as stream:
        assert stream.response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert stream.response.headers["cache-control"] == "no-cache"
        assert stream.response.headers["x-accel-buffering"] == "no"
        assert await stream.block() == ":\n\n"
        (first, second) = await served.ring("ding", "dong")
        for event, text in ((first, "ding"), (second, "dong")):
            assert await stream.block() == (
                f"id: {event.cursor}\nevent: next\n"
                f'data: {{"data":{{"rings":{{"seq":{event.seq},"text":"{text}"}}}}}}\n\n'
            )


async def test_a_browsers_event_source_goes_on_where_it_was(served: Served) -> None:
    first, *_ = await served.ring("ding", "dong", "dung")
    asked = {"method": "GET", "headers": {"last-event-id": first.cursor}}
    async with streamed(served, RINGS, **asked) as stream:
        assert await stream.data() == {"data": {"rings": {"seq": 2, "text": "dong"}}}
        assert await stream.data() == {"data": {"rings": {"seq": 3, "text": "dung"}}}


async def test_the_last_event_id_counts_more_than_the_argument(served: Served) -> None:
    first, second, _ = await served.ring("ding", "dong", "dung")
    headers = {"last-event-id": second.cursor}
    async with streamed(served, RINGS, headers=headers, after=first.cursor) as stream:
        assert await stream.data() == {"data": {"rings": {"seq": 3, "text": "dung"}}}


async def test_a_query_is_one_result_and_the_end(served: Served, subtests: pytest.Subtests) -> None:
    for method in ["GET", "POST"]:
        with subtests.test(method=method):
            async with streamed(served, "{ caller }", method=method) as stream:
                assert await stream.rest() == (
                    'event: next\ndata: {"data":{"caller":"anonymous"}}\n\nevent: complete\ndata:\n\n'
                )


async def test_a_mutation_is_one_result_and_the_end(served: Served) -> None:
    async with streamed(served, 'mutation { ring(text: "ding") }') as stream:
        assert await stream.rest() == 'event: next\ndata: {"data":{"ring":1}}\n\nevent: complete\ndata:\n\n'


async def test_errors_come_through_the_stream_which_then_ends(
    served: Served, subtests: pytest.Subtests
) -> None:
    for query, code in [
        ("subscription { rings { seq }", "GRAPHQL_PARSE_FAILED"),
        ("subscription { rings { colour } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { a: rings { seq } b: rings { seq } }", "GRAPHQL_VALIDATION_FAILED"),
        (
            "subscription ($no: Boolean = false) { rings @include(if: $no) { seq } }",
            "GRAPHQL_VALIDATION_FAILED",
        ),
        ("subscription { rings(after: 5) { seq } }", "BAD_USER_INPUT"),
        ("subscription ($after: Int = 5) { rings(after: $after) { seq } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { rings(after: "nonsense") { seq } }', "BAD_USER_INPUT"),
        ('subscription { rings(hotelSlug: "atlantis") { seq } }', "NOT_FOUND"),
        ("subscription { staffRings { seq } }", "UNAUTHENTICATED"),
        ("subscription { faulty { seq } }", "INTERNAL"),
    ]:
        with subtests.test(query=query):
            async with streamed(served, query) as stream:
                result = await stream.data()
                assert result.keys() == {"errors"}
                assert result["errors"][0]["extensions"]["code"] == code
                assert SECRET_DETAIL not in str(result)
                assert await stream.rest() == "event: complete\ndata:\n\n"


async def test_a_cursor_of_another_hotel_is_expired(served: Served) -> None:
    (elsewhere,) = await served.ring("ding", slug="dublin")
    async with streamed(served, RINGS, after=elsewhere.cursor) as stream:
        assert (await stream.data())["errors"][0]["extensions"]["code"] == "CURSOR_EXPIRED"


async def test_an_event_that_cannot_be_told_does_not_end_the_stream(served: Served) -> None:
    async with streamed(served, RINGS) as stream:
        assert await stream.block() == ":\n\n"
        await served.ring("broken", "unspeakable", "ding")
        for _ in ("broken", "unspeakable"):
            result = await stream.data()
            assert (result["data"], result["errors"][0]["extensions"]["code"]) == (None, "INTERNAL")
            assert SECRET_DETAIL not in str(result)
        assert await stream.data() == {"data": {"rings": {"seq": 3, "text": "ding"}}}


async def test_a_stream_whose_rights_end_says_so_and_is_over(served: Served) -> None:
    headers = {"authorization": "Token demo-anna"}
    async with streamed(served, "subscription { staffRings { seq } }", headers=headers) as stream:
        assert await stream.block() == ":\n\n"
        with served.services.database.transaction() as transaction:
            actor = sessions.find(transaction, "demo-anna", at=served.now)
            assert actor is not None
            sessions.end(transaction, actor.session_id)
        result = await stream.data()
        assert result["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert await stream.rest() == "event: complete\ndata:\n\n"


async def test_a_server_that_stops_ends_the_stream_as_one_to_come_back_to(served: Served) -> None:
    async with streamed(served, RINGS) as stream:
        assert await stream.block() == ":\n\n"
        await served.endpoint.close()
        assert await stream.rest() == ""


async def test_everything_ends_when_the_client_leaves(served: Served) -> None:
    before = asyncio.all_tasks()
    for _ in range(3):
        async with streamed(served, RINGS) as stream:
            assert await stream.block() == ":\n\n"
            await served.ring("ding")
            await stream.event()
    await eventually(lambda: asyncio.all_tasks() == before)


class TestHeartbeat:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(heartbeat_seconds=0.05)

    async def test_a_quiet_stream_shows_that_it_is_alive(self, served: Served) -> None:
        async with streamed(served, RINGS) as stream:
            for _ in range(4):
                assert await stream.block() == ":\n\n"
