"""What is counted, where, and what is said to whoever asks too often."""

import secrets
from collections.abc import Callable

import pytest
from redis.asyncio import Redis

from hotelmate.errors import RateLimited
from hotelmate.identity.actors import Anonymous, GuestActor
from hotelmate.identity.rates import Action, Rates
from tests.redis_server import REDIS, RedisServer

RATES = {Action.LOG_IN: "2/hour", Action.BOOKING: "2/hour", Action.UPLOAD: "1/hour", Action.CHANGE: "1/hour"}
GUEST = GuestActor("BK-2025-0001", 1, "nonce")


@pytest.fixture
def rates() -> Rates:
    return Rates(RATES, key="test")


def refused(spend: Callable[[], None]) -> bool:
    try:
        spend()
    except RateLimited:
        return True
    return False


def attempts(rates: Rates, name: str, address: str, count: int) -> list[bool]:
    """Return of so many attempts to log in which were refused."""
    allowance = rates.of_address(address)
    return [refused(lambda: allowance.spend_log_in(name)) for _ in range(count)]


def test_a_name_can_be_tried_so_often_from_one_address(rates: Rates) -> None:
    assert attempts(rates, "anna", "192.0.2.1", 3) == [False, False, True]
    assert attempts(rates, "ANNA", "192.0.2.1", 1) == [True]
    assert attempts(rates, "ben", "192.0.2.1", 1) == [False]
    assert attempts(rates, "anna", "192.0.2.2", 1) == [False]


def test_it_is_said_when_to_come_back(rates: Rates) -> None:
    allowance = rates.of_address("192.0.2.1")
    allowance.spend_upload()
    with pytest.raises(RateLimited) as refusal:
        allowance.spend_upload()
    assert 1 <= refusal.value.retry_after <= 3600


def test_whoever_logs_in_has_mistyped_nothing(rates: Rates) -> None:
    for _ in range(5):
        assert attempts(rates, "anna", "192.0.2.1", 2) == [False, False]
        rates.of_address("192.0.2.1").forgive_log_in("anna")


def test_many_names_from_one_address_are_refused(rates: Rates) -> None:
    tried = [attempts(rates, f"name-{number}", "192.0.2.1", 1)[0] for number in range(25)]
    assert tried == [False] * 20 + [True] * 5


def test_one_name_from_many_addresses_is_refused(rates: Rates) -> None:
    tried = [attempts(rates, "anna", f"192.0.2.{number}", 1)[0] for number in range(25)]
    assert tried == [False] * 20 + [True] * 5


def test_an_ipv6_caller_has_one_network_to_call_from(rates: Rates) -> None:
    for address in ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9"):
        rates.of_address(address).spend_booking(Anonymous())
    assert refused(lambda: rates.of_address("2001:db8:1:2:3::4").spend_booking(GUEST))
    assert not refused(lambda: rates.of_address("2001:db8:1:3::1").spend_booking(Anonymous()))
    rates.of_address("::ffff:192.0.2.9").spend_upload()
    assert refused(rates.of_address("192.0.2.9").spend_upload)


def test_changes_are_counted_by_who_makes_them(rates: Rates) -> None:
    here, there = rates.of_address("192.0.2.1"), rates.of_address("192.0.2.2")
    here.spend_change(GUEST)
    assert refused(lambda: there.spend_change(GUEST))
    here.spend_change(Anonymous())
    there.spend_change(Anonymous())
    assert refused(lambda: here.spend_change(Anonymous()))


def test_what_has_no_rate_is_not_counted() -> None:
    allowance = Rates({}, key="test").of_address(None)
    for _ in range(1_000):
        allowance.spend_log_in("anna")
        allowance.spend_upload()


async def test_processes_count_together_in_redis(redis: Redis) -> None:
    key = f"hotelmate-test:{secrets.token_hex(8)}"
    one, other = (Rates(RATES, redis_url=REDIS, key=key) for _ in range(2))
    assert attempts(one, "anna", "192.0.2.1", 1) == [False]
    assert attempts(other, "anna", "192.0.2.1", 2) == [False, True]
    assert attempts(one, "anna", "192.0.2.1", 1) == [True]
    one.of_address("192.0.2.1").forgive_log_in("anna")
    assert attempts(other, "anna", "192.0.2.1", 1) == [False]
    assert await redis.delete(*[name async for name in redis.scan_iter(f"{key}*")]) > 0


async def test_without_redis_each_counts_alone(redis_server: RedisServer) -> None:
    rates = Rates(RATES, redis_url=redis_server.url, key="test")
    rates.of_address("192.0.2.1").spend_upload()
    await redis_server.kill()
    assert not refused(rates.of_address("192.0.2.1").spend_upload)
    assert refused(rates.of_address("192.0.2.1").spend_upload)
