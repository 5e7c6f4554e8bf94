"""What is counted in memory is counted exactly, and forgotten in time."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from limits import parse
from limits.strategies import SlidingWindowCounterRateLimiter

from hotelmate.identity.counts import CountsInMemory

A_HUNDRED = parse("100/hour")


def test_however_many_count_at_once_nobody_gets_more_than_there_is() -> None:
    limiter = SlidingWindowCounterRateLimiter(CountsInMemory())
    with ThreadPoolExecutor(8) as threads:
        hits = list(threads.map(lambda _: limiter.hit(A_HUNDRED, "anna"), range(1_000)))
    assert hits.count(True) == 100


def test_what_has_expired_is_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = CountsInMemory()
    limiter = SlidingWindowCounterRateLimiter(counts)
    now = time.time()
    for number in range(20_000):
        monkeypatch.setattr(time, "time", lambda at=now + number: at)
        assert limiter.hit(parse("1/minute"), str(number))
    # A count is needed for two minutes, and here there is one a second.
    assert len(counts.storage) <= 1024
    assert len(counts.expirations) <= 1024


def test_what_has_not_expired_stays_however_much_there_is() -> None:
    limiter = SlidingWindowCounterRateLimiter(CountsInMemory())
    names = [str(number) for number in range(5_000)]
    assert all(limiter.hit(parse("1/hour"), name) for name in names)
    assert not any(limiter.hit(parse("1/hour"), name) for name in names)


def test_the_library_forgets_nothing_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its thread fails when somebody counts while it goes through the counts."""
    ran: list[CountsInMemory] = []

    def run(counts: CountsInMemory) -> None:
        ran.append(counts)

    monkeypatch.setattr(CountsInMemory, "_MemoryStorage__expire_events", run)
    for _ in range(5):
        CountsInMemory().timer.join()
    assert ran == []


def test_counting_starts_no_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = CountsInMemory()
    counts.timer.join()
    limiter = SlidingWindowCounterRateLimiter(counts)
    started: list[threading.Thread] = []
    monkeypatch.setattr(threading.Thread, "start", started.append)
    assert all(limiter.hit(A_HUNDRED, "anna") for _ in range(100))
    assert started == []
