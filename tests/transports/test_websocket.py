import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest
from sqlmodel import select
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from hotelmate.identity import sessions
from hotelmate.models import Staff, User
from hotelmate.schema.transports import Limits
from tests.server import Server
from tests.transports.bells import SECRET_DETAIL
from tests.transports.running import Served, Socket, eventually

RINGS = "subscription ($after: String) { rings(after: $after) { seq text } }"
STAFF_RINGS = "subscription ($after: String) { staffRings(after: $after) { seq text } }"


async def test_another_subprotocol_is_closed_with_4406(served: Served, subtests: pytest.Subtests) -> None:
    for subprotocols in [(), ("graphql-ws",), ("chat", "graphql-ws")]:
        with subtests.test(subprotocols=subprotocols):
            async with served.socket(subprotocols=subprotocols) as client:
                assert await client.hear_close() == (4406, "Subprotocol not acceptable")
                # Without one of its own, a browser would fail the handshake and never see the code.
                assert client.websocket.subprotocol == (subprotocols[0] if subprotocols else None)


async def test_our_subprotocol_is_chosen_among_others(served: Served) -> None:
    async with served.socket(subprotocols=("graphql-ws", "graphql-transport-ws")) as client:
        assert client.websocket.subprotocol == "graphql-transport-ws"
        await client.introduce()


async def test_our_own_pages_and_those_of_trusted_origins_may_connect(
    served: Served, subtests: pytest.Subtests
) -> None:
    own = f"http://127.0.0.1:{served.port}"
    for origin in [None, own, "https://hotelmate.example", "HTTPS://Frontend.Example"]:
        with subtests.test(origin=origin):
            async with served.introduced(origin=origin):
                pass


async def test_other_pages_are_refused_with_403(served: Served, subtests: pytest.Subtests) -> None:
    for origin in [
        "https://evil.example",
        "http://127.0.0.1",
        "https://frontend.example.evil.example",
        "null",
        "",
    ]:
        with subtests.test(origin=origin), pytest.raises(InvalidStatus) as refusal:
            await served.socket(origin=origin).__aenter__()
        assert refusal.value.response.status_code == 403


async def test_what_is_no_message_is_closed_with_4400(served: Served, subtests: pytest.Subtests) -> None:
    for frame in [
        "",
        "nonsense",
        "5",
        "[]",
        '"ping"',
        "{}",
        '{"type":"start","id":"1","payload":{"query":"{caller}"}}',
        '{"type":"connection_ack"}',
        '{"type":"next","id":"1","payload":{}}',
        '{"type":["ping"]}',
        '{"type":"ping","payload":"x"}',
        '{"type":"pong","payload":[]}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","payload":{"query":"{caller}"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{caller}"}}',
        '{"type":"subscribe","id":5,"payload":{"query":"{caller}"}}',
        '{"type":"subscribe","id":"1","payload":{"query":5}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{caller}","variables":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{caller}","operationName":{}}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{caller}","extensions":7}}',
        '{"type":"complete"}',
        '{"type":"complete","id":"' + "x" * 257 + '"}',
        "[" * 100_000,
        '{"type":"ping","payload":' + '{"a":' * 500 + "1" + "}" * 501,
        '{"type":"ping","payload":{"a":"' + "x" * 256 * 1024 + '"}}',
        '{"type":"ping","payload":{"a":"' + "é" * 128 * 1024 + '"}}',
        b'{"type":"ping"}',
    ]:
        with subtests.test(frame=frame[:80]):
            async with served.introduced() as client:
                await client.websocket.send(frame)
                assert (await client.hear_close())[0] == 4400


async def test_a_message_of_just_the_limit_is_taken(served: Served) -> None:
    padding = "x" * (256 * 1024 - len('{"type":"ping","payload":{"a":""}}'))
    async with served.introduced() as client:
        await client.say(type="ping", payload={"a": padding})
        assert await client.hear() == {"type": "pong", "payload": {"a": padding}}


async def test_connection_init_names_the_caller(served: Served, subtests: pytest.Subtests) -> None:
    for payload, caller in [
        (None, "anonymous"),
        ({}, "anonymous"),
        ({"authorization": None}, "anonymous"),
        ({"authorization": "Token stale"}, "anonymous"),
        ({"authorization": "Token demo-anna"}, "staff 1"),
        ({"Authorization": "Bearer demo-anna"}, "staff 1"),
        ({"AUTHORIZATION": "bearer demo-ben"}, "staff 2"),
    ]:
        with subtests.test(payload=payload):
            async with served.socket() as client:
                await client.say(type="connection_init", payload=payload)
                assert await client.hear() == {"type": "connection_ack"}
                await client.subscribe("1", "{ caller }")
                assert (await client.hear())["payload"] == {"data": {"caller": caller}}


async def test_a_client_that_can_send_a_header_may_name_the_caller_with_it(
    served: Served, subtests: pytest.Subtests
) -> None:
    headers = {"Authorization": "Token demo-anna"}
    for payload, caller in [
        (None, "staff 1"),
        ({}, "staff 1"),
        ({"authorization": "Token demo-ben"}, "staff 2"),
        ({"authorization": "Token stale"}, "anonymous"),
    ]:
        with subtests.test(payload=payload):
            async with served.socket(headers=headers) as client:
                await client.say(type="connection_init", payload=payload)
                assert await client.hear() == {"type": "connection_ack"}
                await client.subscribe("1", "{ caller }")
                assert (await client.hear())["payload"] == {"data": {"caller": caller}}


async def test_credentials_that_are_no_string_are_a_mistake(
    served: Served, subtests: pytest.Subtests
) -> None:
    for payload in [{"authorization": 5}, {"authorization": ["Token demo-anna"]}, "x", []]:
        with subtests.test(payload=payload):
            async with served.socket() as client:
                await client.say(type="connection_init", payload=payload)
                assert (await client.hear_close())[0] == 4400


async def test_a_second_connection_init_is_closed_with_4429(served: Served) -> None:
    async with served.introduced() as client:
        await client.say(type="connection_init")
        assert await client.hear_close() == (4429, "Too many initialisation requests")


async def test_an_operation_before_connection_init_is_closed_with_4401(served: Served) -> None:
    async with served.socket() as client:
        await client.subscribe("1", "{ caller }")
        assert await client.hear_close() == (4401, "Unauthorized")


async def test_pings_are_answered_with_their_payload_before_and_after_connection_init(served: Served) -> None:
    async with served.socket() as client:
        for payload in ({"at": 5, "of": ["x"]}, None):
            message = {"type": "ping"} if payload is None else {"type": "ping", "payload": payload}
            await client.say(**message)
            assert await client.hear() == {**message, "type": "pong"}
            await client.say(type="pong")
            await client.say(type="complete", id="unknown")
        await client.introduce()
        await client.say(type="ping")
        assert await client.hear() == {"type": "pong"}


async def test_an_id_in_use_is_closed_with_4409(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("x", RINGS)
        await client.subscribe("x", "{ caller }")
        assert await client.hear_close() == (4409, "Subscriber for x already exists")


async def test_a_close_frame_holds_no_more_of_a_long_id_than_it_can(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("é" * 256, RINGS)
        await client.subscribe("é" * 256, RINGS)
        code, reason = await client.hear_close()
        assert (code, reason) == (4409, "Subscriber for " + "é" * 54)


async def test_an_id_can_be_used_again_after_its_operation(served: Served) -> None:
    async with served.introduced() as client:
        for _ in range(20):
            await client.subscribe("x", "{ caller }")
            assert [(await client.hear())["type"], (await client.hear())["type"]] == ["next", "complete"]
            await client.subscribe("x", "{ nothing }")
            assert (await client.hear())["type"] == "error"
            await client.subscribe("x", RINGS)
            await client.say(type="complete", id="x")


async def test_a_mutation_is_one_result_and_complete(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("m", 'mutation { ring(text: "ding") }')
        assert await client.hear() == {"id": "m", "type": "next", "payload": {"data": {"ring": 1}}}
        assert await client.hear() == {"id": "m", "type": "complete"}


async def test_an_operation_that_cannot_be_carried_out_is_an_error_and_closes_nothing(
    served: Served, subtests: pytest.Subtests
) -> None:
    for query, code in [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($text: String!) { echo(text: $text) }", "BAD_USER_INPUT"),
        ("subscription { rings { seq text } staffRings { seq } }", "GRAPHQL_VALIDATION_FAILED"),
        ('subscription { rings(after: "nonsense") { seq } }', "BAD_USER_INPUT"),
        ("subscription { staffRings { seq } }", "UNAUTHENTICATED"),
        ("subscription { faulty { seq } }", "INTERNAL"),
    ]:
        with subtests.test(query=query):
            async with served.introduced() as client:
                await client.subscribe("1", query)
                message = await client.hear()
                assert (message["id"], message["type"]) == ("1", "error")
                assert message["payload"][0]["extensions"]["code"] == code
                assert SECRET_DETAIL not in str(message)
                assert await client.hear_all() == []


async def test_field_errors_are_part_of_a_result(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("1", "{ secret }")
        message = await client.hear()
        assert (message["type"], message["payload"]["data"]) == ("next", None)
        assert message["payload"]["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}
        assert await client.hear() == {"id": "1", "type": "complete"}


async def test_operations_of_one_socket_do_not_wait_for_each_other(served: Served) -> None:
    with served.bells.gate.closed():
        async with served.introduced() as client:
            await client.subscribe("slow", "{ gated }")
            await client.subscribe("fast", "{ caller }")
            assert [(await client.hear())["id"], (await client.hear())["id"]] == ["fast", "fast"]


async def test_what_the_client_has_stopped_is_not_sent(served: Served) -> None:
    async with served.introduced() as client:
        with served.bells.gate.closed():
            await client.subscribe("1", "{ gated }")
            await served.bells.gate.entered()
            await client.say(type="complete", id="1")
            assert await client.hear_all() == []
        # The worker thread is free again once its query has passed; nothing of it was sent.
        await client.subscribe("2", "{ caller }")
        assert (await client.hear())["id"] == "2"


async def test_a_subscription_that_the_client_has_stopped_is_sent_nothing_more(served: Served) -> None:
    async with served.introduced() as client:
        for id in ("1", "2"):
            await client.subscribe(id, RINGS, after=served.beginning)
        await served.ring("ding")
        assert {(await client.hear())["id"], (await client.hear())["id"]} == {"1", "2"}
        await client.say(type="complete", id="1")
        assert await client.hear_all() == []
        await served.ring("dong")
        dong = {"data": {"rings": {"seq": 2, "text": "dong"}}}
        assert await client.hear() == {"id": "2", "type": "next", "payload": dong}
        assert await client.hear_all() == []


async def test_an_event_that_cannot_be_told_is_that_events_error_only(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("1", RINGS, after=served.beginning)
        await served.ring("broken", "ding")
        broken, ding = await client.hear_nexts(2)
        assert (broken["data"], broken["errors"][0]["extensions"]["code"]) == (None, "INTERNAL")
        assert SECRET_DETAIL not in str(broken)
        assert ding == {"data": {"rings": {"seq": 2, "text": "ding"}}}


async def test_a_socket_whose_session_is_ended_is_closed_with_4403(served: Served) -> None:
    async with served.introduced("Token demo-anna") as anna, served.introduced("Token demo-ben") as ben:
        await anna.subscribe("1", "subscription { staffRings { seq } }")
        with served.services.database.transaction() as transaction:
            actor = sessions.find(transaction, "demo-anna", at=datetime.now(UTC))
            assert actor is not None
            sessions.end(transaction, actor.session_id)
        assert await anna.hear_close() == (4403, "Your rights have ended")
        assert await ben.hear_all() == []


async def test_a_socket_whose_session_expires_is_closed_with_4403(served: Served) -> None:
    with served.services.database.transaction() as transaction:
        statement = select(Staff).join(User, User.id == Staff.user_id).where(User.username == "anna")  # type: ignore[arg-type]
        anna = transaction.exec(statement).one()
        token, _ = sessions.start(transaction, anna, lifetime=timedelta(seconds=1), at=datetime.now(UTC))
    async with served.introduced(f"Token {token}") as client:
        assert (await client.hear_close())[0] == 4403


async def test_sockets_are_closed_with_1001_when_the_server_stops(served: Served) -> None:
    async with served.socket() as unintroduced, served.introduced() as idle, served.introduced() as busy:
        await busy.subscribe("1", RINGS, after=served.beginning)
        await served.ring("ding")
        await busy.hear_nexts(1)
        await served.endpoint.close()
        for client in (unintroduced, idle, busy):
            assert await client.hear_close() == (1001, "The server is stopping")
    async with served.socket() as late:
        assert await late.hear_close() == (1001, "The server is stopping")


async def test_the_first_reason_to_close_is_the_one_that_is_told(served: Served) -> None:
    async with served.introduced() as client:
        await asyncio.gather(served.endpoint.close(1001), served.endpoint.close(4403))
        assert (await client.hear_close())[0] == 1001


async def test_everything_ends_when_clients_leave(served: Served) -> None:
    before = asyncio.all_tasks()
    for leave in (close, abort):
        with served.bells.gate.closed():
            async with served.socket() as client:
                await leave(client)
            async with served.introduced("Token demo-anna") as client:
                (ding,) = await served.ring("ding")
                await client.subscribe("1", RINGS, after=ding.cursor)
                await client.subscribe("2", STAFF_RINGS, after=ding.cursor)
                await client.subscribe("3", "{ gated }")
                await served.bells.gate.entered()
                await served.ring("dong")
                await client.hear_nexts(2)
                await leave(client)
        await eventually(lambda: asyncio.all_tasks() == before)


async def close(client: Socket) -> None:
    await client.websocket.close()


async def abort(client: Socket) -> None:
    client.websocket.transport.abort()


async def test_what_a_socket_may_have_can_be_set(tmp_path: Path) -> None:
    most = {
        "HOTELMATE_SOCKET_OPERATIONS": "1",
        "HOTELMATE_SOCKET_MESSAGE_BYTES": "1024",
        "HOTELMATE_SOCKET_INIT_SECONDS": "0.5",
    }
    async with Server.run(tmp_path / "data", **most) as server:
        address, ours = f"ws://127.0.0.1:{server.port}/graphql", [Subprotocol("graphql-transport-ws")]
        async with connect(address, subprotocols=ours, proxy=None) as websocket:
            assert await Socket(websocket).hear_close() == (4408, "Connection initialisation timeout")
        async with connect(address, subprotocols=ours, proxy=None) as websocket:
            client = Socket(websocket)
            await client.introduce()
            for id in ("1", "2"):
                await client.subscribe(id, 'subscription { offers(hotelSlug: "killarney") { __typename } }')
            assert (await client.hear())["payload"][0]["message"] == "At most 1 operations at a time."
            await client.say(type="ping", payload={"text": "x" * 1024})
            assert await client.hear_close() == (4400, "Messages are at most 1024 bytes")


class TestTooManyOperations:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(socket_operations=2)

    async def test_one_more_than_a_socket_may_have_is_an_error(self, served: Served) -> None:
        async with served.introduced() as client:
            await client.subscribe("1", RINGS)
            await client.subscribe("2", RINGS)
            await client.subscribe("3", RINGS)
            message = await client.hear()
            assert (message["id"], message["type"]) == ("3", "error")
            assert message["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
            await client.say(type="complete", id="1")
            await client.subscribe("3", "{ caller }")
            assert (await client.hear())["type"] == "next"


class TestIntroduction:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(init_seconds=0.2)

    async def test_a_client_that_does_not_introduce_itself_is_closed_with_4408(self, served: Served) -> None:
        async with served.socket() as client:
            await client.say(type="pong")
            assert await client.hear_close() == (4408, "Connection initialisation timeout")


class TestSilence:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(ping_seconds=0.4)

    async def test_a_silent_client_is_pinged_and_then_given_up(self, served: Served) -> None:
        async with served.introduced() as client:
            assert await client.hear() == {"type": "ping"}
            assert await client.hear_close() == (4408, "No answer to a ping")

    async def test_a_client_that_answers_pings_stays(self, served: Served) -> None:
        async with served.introduced() as client:
            for _ in range(3):
                assert await client.hear() == {"type": "ping"}
                await client.say(type="pong")
            await client.subscribe("1", "{ caller }")
            assert (await client.hear())["type"] == "next"


async def test_frames_are_text_and_hold_the_very_results(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe('"1"\n', '{ echo(text: "Dún 🏃 \\"\\\\") }')
        frame = await client.websocket.recv()
        assert isinstance(frame, str)
        result = {"data": {"echo": 'Dún 🏃 "\\'}}
        assert orjson.loads(frame) == {"id": '"1"\n', "type": "next", "payload": result}
