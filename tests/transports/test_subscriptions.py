"""What followers are promised: one execution for all, nothing lost, nothing twice, no wait for the slow."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from hotelmate.database import Database
from hotelmate.events import log
from hotelmate.models import BridgeCursor
from hotelmate.schema.transports import Limits
from hotelmate.settings import Settings
from tests.transports.bells import ring
from tests.transports.running import Served, Socket, eventually, serving

RINGS = "subscription ($after: String) { rings(after: $after) { seq text } }"
STAFF_RINGS = "subscription ($after: String) { staffRings(after: $after) { seq text } }"


async def seqs(client: Socket, count: int) -> list[int]:
    return [payload["data"]["rings"]["seq"] for payload in await client.hear_nexts(count)]


async def test_an_event_is_executed_once_for_all_who_follow_the_same(served: Served) -> None:
    """On two sockets, twice on one of them, and whatever cursor each of them began with."""
    first, _ = await served.ring("before", "between")
    async with served.introduced() as one, served.introduced() as other:
        await one.subscribe("1", RINGS, after=served.beginning)
        await one.subscribe("2", RINGS, after=served.beginning)
        await other.subscribe("1", RINGS, after=first.cursor)
        await one.hear_nexts(4)
        await other.hear_nexts(1)
        await served.ring("ding", "dong")
        assert [payload["data"]["rings"]["text"] for payload in await other.hear_nexts(2)] == ["ding", "dong"]
        heard = [await one.hear() for _ in range(4)]
        for id in ("1", "2"):
            texts = [message["payload"]["data"]["rings"]["text"] for message in heard if message["id"] == id]
            assert texts == ["ding", "dong"]
    assert served.bells.executions["ding"] == 1
    assert served.bells.executions["dong"] == 1


async def test_what_was_executed_is_remembered_for_whoever_comes_late_if_it_is_little(served: Served) -> None:
    texts = [f"{number}{'x' * 7_000}" for number in range(8)]
    async with served.introduced() as client:
        await client.subscribe("early", RINGS, after=served.beginning)
        await served.ring(*texts[:4])
        await client.hear_nexts(4)
        await client.subscribe("late", RINGS, after=served.beginning)
        await client.hear_nexts(4)
        assert [served.bells.executions[text] for text in texts[:4]] == [1, 1, 1, 1]
        await client.say(type="complete", id="late")
        await served.ring(*texts[4:])
        await client.hear_nexts(4)
        await client.subscribe("later", RINGS, after=served.beginning)
        await client.hear_nexts(8)
        assert [served.bells.executions[text] for text in texts] == [2] * 8


async def test_those_who_may_not_see_the_same_share_nothing(served: Served) -> None:
    async with served.introduced("Token demo-anna") as staff, served.introduced() as public:
        for client in (staff, public):
            await client.subscribe("1", RINGS, after=served.beginning)
        await served.ring("hidden", "ding")
        assert await seqs(staff, 2) == [1, 2]
        assert await seqs(public, 1) == [2]
    assert served.bells.executions == {"hidden": 1, "ding": 2}


async def test_other_words_and_other_values_are_other_groups(served: Served) -> None:
    by_name = (
        "subscription ($slug: String!, $after: String) { rings(hotelSlug: $slug, after: $after) { text } }"
    )
    async with served.introduced() as client:
        await client.subscribe("1", RINGS, after=served.beginning)
        await client.subscribe("2", RINGS + " ", after=served.beginning)
        await client.subscribe("3", by_name, slug="killarney", after=served.beginning)
        await client.subscribe("4", by_name, slug="dublin")
        await served.ring("ding")
        assert sorted([(await client.hear())["id"] for _ in range(3)]) == ["1", "2", "3"]
        assert await client.hear_all() == []
    assert served.bells.executions["ding"] == 3


async def test_another_operation_of_the_same_document_is_another_group(served: Served) -> None:
    both = "subscription One { rings { seq } } subscription Other { rings { text } }"
    async with served.introduced() as client:
        for name in ("One", "Other"):
            await client.say(type="subscribe", id=name, payload={"query": both, "operationName": name})
        await eventually(lambda: served.endpoint.followers == 2)
        await served.ring("ding")
        heard = {
            message["id"]: message["payload"]["data"]["rings"]
            for message in [await client.hear() for _ in range(2)]
        }
        assert heard == {"One": {"seq": 1}, "Other": {"text": "ding"}}


async def test_a_variable_that_says_more_than_where_to_begin_is_part_of_what_is_followed(
    served: Served,
) -> None:
    (first,) = await served.ring("before")
    twice = "subscription ($x: String) { rings(after: $x) { seq text @include(if: true) said(word: $x) } }"
    async with served.introduced() as client:
        await client.subscribe("1", twice, x=served.beginning)
        await client.hear_nexts(1)
        await client.subscribe("2", twice, x=first.cursor)
        await served.ring("ding")
        words = {}
        for _ in range(2):
            message = await client.hear()
            words[message["id"]] = message["payload"]["data"]["rings"]["said"]
        assert words == {"1": served.beginning, "2": first.cursor}


async def test_events_of_another_hotel_stay_there(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("1", RINGS, after=served.beginning)
        await served.ring("elsewhere", slug="dublin")
        await served.ring("ding")
        assert (await client.hear_nexts(1))[0]["data"]["rings"]["text"] == "ding"
        assert await client.hear_all() == []


class TestSlowReader:
    """A stream that keeps little, and sockets whose buffers fill soon."""

    TEXTS = tuple(f"{number} " + "x" * 2_000 for number in range(1_000))

    @pytest.fixture
    async def served(self, sqlite_database: Database, settings: Settings) -> AsyncIterator[Served]:
        async with serving(
            sqlite_database, settings, limits=Limits(), ring_size=16, send_buffer=4096
        ) as running:
            yield running

    def ring_all(self, served: Served) -> None:
        """Ring everything at one go: some 2 MB for each who listens."""
        with served.services.database.transaction() as transaction:
            for text in self.TEXTS:
                ring(transaction, text)

    async def test_it_delays_nobody_and_gets_everything_in_the_end(self, served: Served) -> None:
        async with served.introduced(receive_buffer=4096) as slow, served.introduced() as quick:
            for client in (slow, quick):
                await client.subscribe("1", RINGS, after=served.beginning)
            await served.ring("mark")
            assert await seqs(slow, 1) == await seqs(quick, 1) == [1]
            await asyncio.to_thread(self.ring_all, served)
            assert await seqs(quick, 1_000) == list(range(2, 1_002))
            assert await seqs(slow, 1_000) == list(range(2, 1_002))
            await served.ring("ding")
            assert await seqs(slow, 1) == await seqs(quick, 1) == [1_002]

    async def test_when_the_log_no_longer_holds_what_it_has_missed_it_is_told_so(
        self, served: Served
    ) -> None:
        async with served.introduced(receive_buffer=4096) as slow, served.introduced() as quick:
            for client in (slow, quick):
                await client.subscribe("1", RINGS, after=served.beginning)
            await served.ring("mark")
            assert await seqs(slow, 1) == await seqs(quick, 1) == [1]
            await asyncio.to_thread(self.ring_all, served)
            await quick.hear_nexts(1_000)
            self.prune(served)
            await served.ring("ding")
            last = 1
            while (message := await slow.hear())["type"] == "next":
                seq = message["payload"]["data"]["rings"]["seq"]
                assert seq == last + 1
                last = seq
            assert last < 1_001
            assert (message["id"], message["type"]) == ("1", "error")
            assert message["payload"][0]["extensions"] == {"code": "CURSOR_EXPIRED"}

    async def test_one_that_leaves_is_let_go_although_it_has_not_read(self, served: Served) -> None:
        before = asyncio.all_tasks()
        async with served.introduced(receive_buffer=4096) as slow, served.introduced() as quick:
            for client in (slow, quick):
                await client.subscribe("1", RINGS, after=served.beginning)
            await served.ring("mark")
            await slow.hear_nexts(1)
            await asyncio.to_thread(self.ring_all, served)
            await quick.hear_nexts(1_001)
            slow.websocket.transport.abort()
            quick.websocket.transport.abort()
        await eventually(lambda: asyncio.all_tasks() == before)

    def prune(self, served: Served) -> None:
        """Remove all that has been recorded, as if it were old and Pusher had it."""
        with served.services.database.transaction() as transaction:
            hotel = served.hotel(transaction)
            transaction.add(BridgeCursor(hotel_id=hotel.id, delivered_seq=hotel.seq))
            transaction.flush()
            assert log.prune(transaction, hotel, before=served.now) == 1_001


async def test_a_socket_that_subscribes_ten_thousand_documents_gets_its_hundred_and_errors_for_the_rest(
    served: Served,
) -> None:
    async with served.introduced() as client, served.introduced() as other:
        await other.subscribe("1", RINGS, after=served.beginning)
        for number in range(10_000):
            query = f"subscription {{ rings {{ seq a{number}: text }} }}"
            await client.subscribe(str(number), query)
        for number in range(100, 10_000):
            message = await client.hear()
            assert (message["id"], message["type"]) == (str(number), "error")
            assert message["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
        await eventually(lambda: served.endpoint.followers == 101)
        await served.ring("ding")
        assert await seqs(other, 1) == [1]
        heard = [await client.hear() for _ in range(100)]
        assert {message["type"] for message in heard} == {"next"}


class TestDistinctSubscriptions:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(groups=20)

    async def test_a_process_follows_so_many_different_subscriptions(self, served: Served) -> None:
        async with served.introduced() as client, served.introduced() as other:
            await other.subscribe("1", RINGS)
            await eventually(lambda: served.endpoint.followers == 1)
            for number in range(30):
                await client.subscribe(str(number), f"subscription {{ rings {{ seq a{number}: text }} }}")
            for _ in range(11):
                message = await client.hear()
                assert message["type"] == "error"
                assert message["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
            # To follow the same as somebody else takes nothing.
            async with served.introduced() as another:
                await another.subscribe("1", RINGS, after=served.beginning)
                await served.ring("ding")
                assert await seqs(another, 1) == await seqs(other, 1) == [1]
            heard = [await client.hear() for _ in range(19)]
            assert {message["type"] for message in heard} == {"next"}
        await eventually(lambda: served.endpoint.followers == 0)
        async with served.introduced() as late:
            await late.subscribe(
                "1", "subscription ($a: String) { rings(after: $a) { seq } }", a=served.beginning
            )
            assert await seqs(late, 1) == [1]


class TestSharesOfAddresses:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(groups_per_address=3, followed_characters_per_address=150)

    async def test_one_address_leaves_room_for_others(self, served: Served) -> None:
        async with served.introduced() as client, served.introduced(from_address="127.0.0.2") as elsewhere:
            for number in range(3):
                await client.subscribe(str(number), f"subscription {{ rings {{ a{number}: seq }} }}")
            await eventually(lambda: served.endpoint.followers == 3)
            await client.subscribe("3", "subscription { rings { a3: seq } }")
            message = await client.hear()
            assert (message["id"], message["type"]) == ("3", "error")
            assert message["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}
            await elsewhere.subscribe("1", RINGS, after=served.beginning)
            await eventually(lambda: served.endpoint.followers == 4)
            # To follow what is followed already takes nothing, wherever it was opened.
            await client.subscribe("4", RINGS, after=served.beginning)
            await eventually(lambda: served.endpoint.followers == 5)
            await client.say(type="complete", id="0")
            await eventually(lambda: served.endpoint.followers == 4)
            await client.subscribe("5", "subscription { rings { b: seq } }")
            await eventually(lambda: served.endpoint.followers == 5)

    async def test_the_documents_of_one_address_have_a_limit_together(self, served: Served) -> None:
        async with served.introduced() as client, served.introduced(from_address="127.0.0.2") as elsewhere:
            long = "subscription { rings { seq } }" + " " * 60
            await client.subscribe("1", long)
            await eventually(lambda: served.endpoint.followers == 1)
            await client.subscribe("2", long + " ")
            message = await client.hear()
            assert (message["id"], message["type"]) == ("2", "error")
            await elsewhere.subscribe("1", long + " ")
            await eventually(lambda: served.endpoint.followers == 2)


class TestLongSubscriptions:
    @pytest.fixture
    def limits(self) -> Limits:
        return Limits(followed_characters=200)

    async def test_the_documents_that_are_followed_have_a_limit_together(self, served: Served) -> None:
        async with served.introduced() as client:
            for id in ("1", "2"):
                await client.subscribe(id, RINGS, after=served.beginning)
            await client.subscribe("3", RINGS + " " * 200)
            message = await client.hear()
            assert (message["id"], message["type"]) == ("3", "error")
            assert message["payload"][0]["extensions"] == {"code": "RATE_LIMITED"}


async def test_what_fails_in_one_group_is_told_to_that_group_only(served: Served) -> None:
    async with served.introduced() as client:
        await client.subscribe("fails", "subscription { rings { seq text } }")
        await client.subscribe("fails too", "subscription { rings { text } }")
        await client.subscribe("goes on", "subscription { rings { seq } }")
        await eventually(lambda: served.endpoint.followers == 3)
        await served.ring("broken", "ding")
        heard: dict[str, list[object]] = {"fails": [], "fails too": [], "goes on": []}
        for _ in range(6):
            message = await client.hear()
            result = message["payload"]
            errors = [error["extensions"]["code"] for error in result.get("errors", ())]
            heard[message["id"]].append(errors or result["data"]["rings"])
        assert heard == {
            "fails": [["INTERNAL"], {"seq": 2, "text": "ding"}],
            "fails too": [["INTERNAL"], {"text": "ding"}],
            "goes on": [{"seq": 1}, {"seq": 2}],
        }
