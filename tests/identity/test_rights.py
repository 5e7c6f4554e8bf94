"""Whoever serves an open connection hears when its caller's rights end."""

import asyncio
from datetime import UTC, datetime, timedelta

from hotelmate.identity.actors import Anonymous, GuestActor, StaffActor
from hotelmate.identity.rights import GuestTokenRenewed, Rights, SessionEnded

GUEST = GuestActor("BK-2040-0001", 1, "old")


def staff(session_id: int = 1, *, lasts: timedelta = timedelta(days=3650)) -> StaffActor:
    expires_at = datetime.now(UTC) + lasts
    return StaffActor(session_id=session_id, staff_id=1, user_id=1, hotel_id=1, expires_at=expires_at)


async def the_loop_to_turn() -> None:
    """Wait until everything that is to be called soon has been."""
    turned = asyncio.Event()
    asyncio.get_running_loop().call_later(0, turned.set)
    await turned.wait()


async def test_everybody_who_watches_a_session_hears_its_end() -> None:
    rights = Rights()
    heard: list[str] = []
    with (
        rights.watch(staff(1), lambda: heard.append("first")),
        rights.watch(staff(1), lambda: heard.append("second")),
        rights.watch(staff(2), lambda: heard.append("another")),
        rights.watch(GUEST, lambda: heard.append("guest")),
        rights.watch(Anonymous(), lambda: heard.append("anonymous")),
    ):
        rights.end(SessionEnded(1))
        assert sorted(heard) == ["first", "second"]


async def test_a_guest_hears_that_the_token_in_use_was_renewed() -> None:
    rights = Rights()
    heard: list[str] = []
    with rights.watch(GUEST, lambda: heard.append("ended")):
        rights.end(GuestTokenRenewed("BK-2040-0001", "older"))
        rights.end(GuestTokenRenewed("BK-2040-0002", "old"))
        assert heard == []
        rights.end(GuestTokenRenewed("BK-2040-0001", "old"))
        assert heard == ["ended"]


async def test_whoever_has_stopped_watching_hears_nothing() -> None:
    rights = Rights()
    heard: list[str] = []
    with rights.watch(staff(1, lasts=timedelta(milliseconds=1)), lambda: heard.append("ended")):
        pass
    rights.end(SessionEnded(1))
    later = asyncio.Event()
    with rights.watch(staff(2, lasts=timedelta(milliseconds=20)), later.set):
        await asyncio.wait_for(later.wait(), timeout=5)
    assert heard == []


async def test_rights_that_ended_before_they_were_watched_end_soon() -> None:
    rights = Rights()
    rights.end(SessionEnded(1))
    ended = asyncio.Event()
    with rights.watch(staff(1), ended.set):
        await asyncio.wait_for(ended.wait(), timeout=5)
    heard: list[str] = []
    with rights.watch(staff(2), lambda: heard.append("another")):
        await the_loop_to_turn()
    assert heard == []


async def test_watching_ends_when_the_session_expires() -> None:
    rights = Rights()
    ended = asyncio.Event()
    began = datetime.now(UTC)
    with rights.watch(staff(lasts=timedelta(milliseconds=50)), ended.set):
        assert not ended.is_set()
        await asyncio.wait_for(ended.wait(), timeout=5)
    assert datetime.now(UTC) - began >= timedelta(milliseconds=45)


async def test_a_session_that_has_expired_already_ends_soon() -> None:
    ended = asyncio.Event()
    with Rights().watch(staff(lasts=timedelta(days=-1)), ended.set):
        await asyncio.wait_for(ended.wait(), timeout=5)


async def test_a_watcher_that_stops_watching_as_it_hears_keeps_nobody_from_hearing() -> None:
    rights = Rights()
    heard: list[str] = []
    second = rights.watch(staff(1), lambda: heard.append("second"))

    def first() -> None:
        heard.append("first")
        second.__exit__(None, None, None)

    with rights.watch(staff(1), first), rights.watch(staff(1), lambda: heard.append("third")):
        second.__enter__()
        rights.end(SessionEnded(1))
    assert {"first", "third"} <= set(heard)
