import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlmodel import col, select, text

from hotelmate.identity import guest_tokens
from hotelmate.models import Booking, EventRecord
from tests.transports.bells import SECRET_DETAIL
from tests.transports.running import WAIT_SECONDS, Served, eventually

GRAPHQL_RESPONSE = "application/graphql-response+json"


async def answer(served: Served, method: str = "POST", **options: Any) -> tuple[int, str, Any]:
    """Send a request; return the status, the media type and the JSON of the response."""
    async with served.request(method, **options) as response:
        return response.status, response.headers["content-type"], json.loads(await response.read())


async def answer_to(
    served: Served, query: str, accept: str = GRAPHQL_RESPONSE, **parameters: Any
) -> tuple[int, Any]:
    body = {"query": query, **parameters}
    status, _, content = await answer(served, json=body, headers={"accept": accept})
    return status, content


def recorded(served: Served) -> int:
    with served.services.database.reading() as reading:
        return len(reading.exec(select(EventRecord)).all())


async def test_the_response_is_of_the_media_type_that_the_client_prefers(
    served: Served, subtests: pytest.Subtests
) -> None:
    for accept, media_type in [
        (None, "application/json; charset=utf-8"),
        ("*/*", "application/json; charset=utf-8"),
        ("application/*", "application/json; charset=utf-8"),
        ("text/html, */*;q=0.8", "application/json; charset=utf-8"),
        ("application/json", "application/json; charset=utf-8"),
        ("Application/JSON; charset=UTF-8", "application/json; charset=utf-8"),
        ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
        (
            "application/json, application/graphql-response+json",
            "application/graphql-response+json; charset=utf-8",
        ),
        ("application/graphql-response+json, */*", "application/graphql-response+json; charset=utf-8"),
        ("application/graphql-response+json;q=0.5, application/json", "application/json; charset=utf-8"),
        ("application/graphql-response+json;q=nonsense, application/json", "application/json; charset=utf-8"),
        ("application/json, text/event-stream", "application/json; charset=utf-8"),
        ("application/json;q=0.1, text/event-stream", "text/event-stream; charset=utf-8"),
    ]:
        with subtests.test(accept=accept):
            headers = {"accept": accept} if accept else {}
            skipped = [] if accept else ["accept"]
            async with served.request(
                json={"query": '{ echo(text: "🏃") }'}, headers=headers, skip_auto_headers=skipped
            ) as response:
                assert (response.status, response.headers["content-type"]) == (200, media_type)
                assert '{"data":{"echo":"🏃"}}' in (await response.read()).decode()


async def test_a_client_that_takes_none_of_our_media_types_is_told_so(
    served: Served, subtests: pytest.Subtests
) -> None:
    for accept in ["text/html", "application/jsonfoo", "application/json;q=0", "image/*"]:
        with subtests.test(accept=accept):
            status, media_type, body = await answer(
                served, json={"query": "{ caller }"}, headers={"accept": accept}
            )
            assert (status, media_type) == (406, "application/json; charset=utf-8")
            assert body["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_a_post_is_json_and_nothing_that_a_form_could_send(
    served: Served, subtests: pytest.Subtests
) -> None:
    body = b'{"query": "mutation { ring(text: \\"ding\\") }"}'
    for content_type in [
        "application/json; charset=utf-16",
        "application/jsonfoo",
        "application/json, text/plain",
        "application/graphql",
        "text/plain",
        "application/x-www-form-urlencoded",
        None,
    ]:
        with subtests.test(content_type=content_type):
            headers = {"content-type": content_type} if content_type else {}
            status, *_ = await answer(served, data=body, headers=headers, skip_auto_headers=["content-type"])
            assert status == 415
    assert recorded(served) == 0
    for content_type in [
        "application/json",
        "Application/JSON;Charset=UTF-8",
        'application/json; charset="utf-8"',
    ]:
        with subtests.test(content_type=content_type):
            status, *_ = await answer(served, data=body, headers={"content-type": content_type})
            assert status == 200
    assert recorded(served) == 3


async def test_what_is_no_request_is_400_whatever_the_client_accepts(
    served: Served, subtests: pytest.Subtests
) -> None:
    for body, message in [
        ("", "The body is not valid JSON."),
        ("{ not JSON", "The body is not valid JSON."),
        ('{"query": NaN}', "The body is not valid JSON."),
        ("[" * 200_000, "The body is not valid JSON."),
        ('"{ caller }"', "A request is one JSON object; batches are not accepted."),
        ('[{"query": "{ caller }"}]', "A request is one JSON object; batches are not accepted."),
        ("{}", "'query' must be a string."),
        ('{"query": null}', "'query' must be a string."),
        ('{"query": 5}', "'query' must be a string."),
        ('{"query": ["{ caller }"]}', "'query' must be a string."),
        ('{"query": "{ caller }", "operationName": 5}', "'operationName' must be a string."),
        ('{"query": "{ caller }", "variables": []}', "'variables' must be an object."),
        ('{"query": "{ caller }", "variables": "{}"}', "'variables' must be an object."),
        ('{"query": "{ caller }", "extensions": 0}', "'extensions' must be an object."),
        # JSON that can be read, but not all of it written again.
        *(
            (f'{{"query": "{{ caller }}", "variables": {nested}}}', "'variables' is nested too deeply.")
            for nested in ('{"a":' * 900 + "1" + "}" * 900, '{"a":' + "[" * 65 + "]" * 65 + "}")
        ),
    ]:
        with subtests.test(body=body[:80]):
            expected = {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}
            for accept, media_type in [
                ("application/json", "application/json; charset=utf-8"),
                ("application/graphql-response+json", "application/graphql-response+json; charset=utf-8"),
                ("text/event-stream", "application/json; charset=utf-8"),
            ]:
                headers = {"content-type": "application/json", "accept": accept}
                assert await answer(served, data=body, headers=headers) == (400, media_type, expected)


async def test_a_body_that_is_not_utf_8_is_400(served: Served) -> None:
    body = '{"query": "{ echo(text: \\"Dún\\") }"}'.encode("latin-1")
    assert (await answer(served, data=body, headers={"content-type": "application/json"}))[0] == 400


async def test_parameters_that_are_null_are_as_if_absent(served: Served) -> None:
    nothing = {"operationName": None, "variables": None, "extensions": None}
    assert await answer_to(served, "{ caller }", **nothing) == (200, {"data": {"caller": "anonymous"}})


async def test_one_of_several_operations_is_chosen_by_its_name(served: Served) -> None:
    document = 'query A { echo(text: "a") } query B { echo(text: "b") }'
    assert await answer_to(served, document, operationName="B") == (200, {"data": {"echo": "b"}})


async def test_a_request_that_cannot_be_executed_has_errors_and_no_data(
    served: Served, subtests: pytest.Subtests
) -> None:
    for query, variables, code in [
        ("{", {}, "GRAPHQL_PARSE_FAILED"),
        ("", {}, "GRAPHQL_PARSE_FAILED"),
        ("{ nothingOfTheKind }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query A { caller } query B { caller }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("fragment F on Query { caller }", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query ($text: String!) { echo(text: $text) }", {"text": 5}, "BAD_USER_INPUT"),
        ("query ($text: String!) { echo(text: $text) }", {}, "BAD_USER_INPUT"),
        ("{ caller" + "{ name" * 12 + "}" * 13, {}, "QUERY_TOO_COMPLEX"),
        ("{ caller" + "{ name" * 199 + "}" * 200, {}, "QUERY_TOO_COMPLEX"),
        ("{ node " * 5_000, {}, "QUERY_TOO_COMPLEX"),
        ("{" + " caller" * 21 + "}", {}, "QUERY_TOO_COMPLEX"),
        ("{" + " caller" * 2_000 + "}", {}, "QUERY_TOO_COMPLEX"),
        ("{ caller }" + "\n#" * 3_000, {}, "QUERY_TOO_COMPLEX"),
    ]:
        with subtests.test(query=query[:80]):
            status, content = await answer_to(served, query, variables=variables)
            assert (status, content.keys()) == (400, {"errors"})
            assert content["errors"][0]["extensions"]["code"] == code
            assert "Traceback" not in str(content)
            assert await answer_to(served, query, "application/json", variables=variables) == (200, content)


async def test_an_unknown_operation_name_is_the_clients_mistake(served: Served) -> None:
    status, content = await answer_to(served, "query A { caller }", operationName="B")
    assert (status, content["errors"][0]["message"]) == (400, "Unknown operation named 'B'.")


async def test_a_field_that_refuses_leaves_the_others(served: Served) -> None:
    error = {
        "message": "Log in first.",
        "locations": [{"line": 1, "column": 10}],
        "path": ["perhaps"],
        "extensions": {"code": "UNAUTHENTICATED"},
    }
    expected = {"data": {"caller": "anonymous", "perhaps": None}, "errors": [error]}
    assert await answer_to(served, "{ caller perhaps }") == (200, expected)


async def test_a_response_that_an_error_has_emptied_is_still_one(served: Served) -> None:
    status, content = await answer_to(served, "{ secret }")
    assert (status, content["data"]) == (200, None)
    assert content["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_what_is_wrong_on_our_side_is_not_told(served: Served) -> None:
    status, content = await answer_to(served, "{ broken }")
    assert (status, content["data"]) == (200, None)
    assert content["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert SECRET_DETAIL not in str(content)


async def test_a_database_that_fails_before_the_operation_is_500(served: Served) -> None:
    with served.services.database.transaction() as transaction:
        transaction.exec(text("DROP TABLE session"))  # type: ignore[call-overload]
    headers = {"authorization": "Token demo-anna", "accept": "text/event-stream"}
    status, media_type, content = await answer(served, json={"query": "{ caller }"}, headers=headers)
    assert (status, media_type) == (500, "application/json; charset=utf-8")
    assert content["errors"][0]["extensions"]["code"] == "INTERNAL"
    assert "session" not in str(content)


async def test_a_query_can_be_sent_by_get(served: Served) -> None:
    params = {"query": "query Q($text: String!) { echo(text: $text) }", "variables": '{"text": "Dún & Co"}'}
    for operation_name in ({}, {"operationName": ""}, {"operationName": "Q"}):
        status, _, content = await answer(served, "GET", params={**params, **operation_name})
        assert (status, content) == (200, {"data": {"echo": "Dún & Co"}})


async def test_a_get_that_is_no_request_is_400(served: Served, subtests: pytest.Subtests) -> None:
    for query_string in [
        "",
        "query=%FF",
        "query={caller}&variables=nonsense",
        "query={caller}&variables=[]",
        "query={caller}&variables=",
        "query={caller}&extensions=5",
        "query={caller}" + "&a=b" * 100,
    ]:
        with subtests.test(query_string=query_string):
            async with served.get(query_string) as response:
                assert response.status == 400
                assert (await response.json())["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_of_a_parameter_that_comes_twice_the_first_counts(served: Served) -> None:
    async with served.get("query={caller}&query={broken}") as response:
        assert await response.json() == {"data": {"caller": "anonymous"}}


async def test_a_mutation_by_get_is_405_and_changes_nothing(
    served: Served, subtests: pytest.Subtests
) -> None:
    for accept in ["application/json", GRAPHQL_RESPONSE, "text/event-stream"]:
        with subtests.test(accept=accept):
            params = {"query": 'query Q { caller } mutation M { ring(text: "ding") }', "operationName": "M"}
            async with served.request("GET", params=params, headers={"accept": accept}) as response:
                assert (response.status, response.headers["allow"]) == (405, "POST")
            assert recorded(served) == 0


async def test_other_methods_are_405(served: Served, subtests: pytest.Subtests) -> None:
    for method in ["PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]:
        with subtests.test(method=method):
            async with served.request(method, json={"query": "{ caller }"}) as response:
                assert (response.status, response.headers["allow"]) == (405, "GET, POST")


async def test_a_subscription_for_a_client_that_takes_no_stream_is_406(served: Served) -> None:
    status, content = await answer_to(served, "subscription { rings { seq } }", "application/json, */*")
    assert status == 406
    assert content["errors"][0]["message"] == "A subscription is sent as text/event-stream only."


async def test_a_mutation_is_committed_when_it_is_answered(served: Served) -> None:
    assert await answer_to(served, 'mutation { ring(text: "ding") }') == (200, {"data": {"ring": 1}})
    assert recorded(served) == 1


async def test_a_mutation_that_refuses_changes_nothing(served: Served) -> None:
    status, content = await answer_to(served, 'mutation { ring(text: "") }')
    assert (status, content["data"]) == (200, None)
    assert content["errors"][0]["extensions"] == {"code": "BAD_USER_INPUT", "field": "text"}
    assert recorded(served) == 0


@asynccontextmanager
async def wire(served: Served) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """Connect to the server to talk to it byte by byte."""
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    try:
        yield reader, writer
    finally:
        writer.close()
        await writer.wait_closed()


async def test_a_body_over_the_limit_is_413_without_being_read(served: Served) -> None:
    async with wire(served) as (reader, writer):
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/json\r\ncontent-length: 1000000000000\r\n\r\n"
        )
        async with asyncio.timeout(WAIT_SECONDS):
            assert await reader.readline() == b"HTTP/1.1 413 Request Entity Too Large\r\n"


async def test_a_body_that_grows_over_the_limit_is_413(served: Served) -> None:
    async def body() -> AsyncIterator[bytes]:
        yield b'{"query": "{ caller }", "extensions": {"padding": "'
        for _ in range(17):
            yield b"x" * 64 * 1024
        yield b'"}}'

    status, _, content = await answer(served, data=body(), headers={"content-type": "application/json"})
    assert (status, content["errors"][0]["message"]) == (413, "Send at most 1048576 bytes.")


async def test_a_body_of_just_the_limit_is_taken(served: Served) -> None:
    start, end = b'{"query": "{ caller }", "extensions": {"padding": "', b'"}}'
    body = start + b"x" * (1024 * 1024 - len(start) - len(end)) + end
    assert (await answer(served, data=body, headers={"content-type": "application/json"}))[0] == 200


async def test_a_request_that_breaks_off_is_not_carried_out(
    served: Served, caplog: pytest.LogCaptureFixture
) -> None:
    """Although what has come of it makes sense."""
    before = asyncio.all_tasks()
    async with wire(served) as (_, writer):
        writer.write(
            b"POST /graphql HTTP/1.1\r\nhost: x\r\n"
            b"content-type: application/json\r\ncontent-length: 99\r\n\r\n"
            b'{"query": "mutation { ring(text: \\"ding\\") }"}'
        )
        await eventually(lambda: asyncio.all_tasks() != before)
    await eventually(lambda: asyncio.all_tasks() == before)
    assert recorded(served) == 0
    assert caplog.records == []


async def test_credentials_name_the_caller_and_bad_ones_nobody(
    served: Served, subtests: pytest.Subtests
) -> None:
    for credentials, caller in [
        (None, "anonymous"),
        ("Token demo-anna", "staff 1"),
        ("Bearer demo-anna", "staff 1"),
        ("bearer demo-ben", "staff 2"),
        ("Token stale", "anonymous"),
        ("GuestToken forged", "anonymous"),
        ("Basic YW5uYTpkZW1v", "anonymous"),
        ("nonsense", "anonymous"),
    ]:
        with subtests.test(credentials=credentials):
            headers = {"authorization": credentials} if credentials else {}
            _, _, content = await answer(served, json={"query": "{ caller }"}, headers=headers)
            assert content == {"data": {"caller": caller}}


async def test_a_guest_is_named_by_the_bookings_token(served: Served) -> None:
    with served.services.database.reading() as reading:
        booking = reading.exec(select(Booking).order_by(col(Booking.id))).first()
    assert booking is not None
    tokens = guest_tokens.GuestTokens(served.services.settings.derived_key("guest-tokens"))
    token = tokens.issue(booking.reference, booking.guest_token_nonce)
    headers = {"authorization": f"GuestToken {token}"}
    expected = {"data": {"caller": f"guest of {booking.reference}"}}
    assert (await answer(served, json={"query": "{ caller }"}, headers=headers))[2] == expected


async def test_answers_are_not_kept_by_caches(served: Served) -> None:
    async with served.request("GET", params={"query": "{ caller }"}) as response:
        assert response.headers["cache-control"] == "no-store"
