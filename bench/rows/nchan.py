"""Deliveries a second to pusher-js, beside nginx's nchan, which is written in C."""

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

from bench import databases
from bench.deliveries import Contender, take_turns
from bench.load import greetings
from bench.load.frames import upgrade
from bench.load.greetings import Greeting, Step
from bench.load.subscribers import Subscribers
from bench.plan import Benchmark, Plan
from bench.results import Comparison, Row, left_out
from bench.servers.nchan import SUBSCRIBE_PATH, Nchan, NotThere
from bench.serving import hotelmate

_KEY = "nchan"
_WHAT = "pusher-js, 1,000 subscribers, beside nchan"
_SINGLE_KEY = "single-nchan"
_SINGLE_WHAT = f"{_WHAT}, one event at a time"
_SUBSCRIBERS = 1_000
_AGAINST_NCHAN = 0.5


def _nchan(plan: Plan) -> Iterator[Row]:
    count = plan.subscribers(_SUBSCRIBERS)
    with ExitStack() as stack:
        url = stack.enter_context(databases.sqlite(plan.folder, hotels=1, staff=1))
        server = stack.enter_context(hotelmate(plan.folder, url, publishes="channels"))
        greeted = [greetings.pusher(number, 0) for number in range(count)]
        ours = Contender(server, stack.enter_context(Subscribers.connected(server.port, greeted)))
        ours.go_live()
        try:
            nginx = stack.enter_context(Nchan.run(plan.folder, frame_bytes=ours.frame_bytes))
        except NotThere as error:
            yield left_out(_KEY, _WHAT, str(error))
            yield left_out(_SINGLE_KEY, _SINGLE_WHAT, str(error))
            return
        greeted = [Greeting((Step(upgrade(SUBSCRIBE_PATH), b"\r\n\r\n"),))] * count
        nchan = Contender(nginx, stack.enter_context(Subscribers.connected(nginx.port, greeted)))
        take_turns([ours, nchan], rounds=plan.rounds, seconds=plan.round_seconds)
        single = [replace(each, in_flight=0, rounds=[]) for each in (ours, nchan)]
        take_turns(single, rounds=plan.rounds, seconds=plan.round_seconds)
    yield _row(_KEY, _WHAT, "deliveries/s", ours, nchan, figures=(ours.rate, nchan.rate))
    ours, nchan = single
    figures = (ours.rate_of_cpu, nchan.rate_of_cpu)
    yield _row(_SINGLE_KEY, _SINGLE_WHAT, "deliveries/CPU s", ours, nchan, figures=figures)


def _row(
    key: str, what: str, unit: str, ours: Contender, nchan: Contender, *, figures: tuple[float, float]
) -> Row:
    mine, theirs = figures
    return Row(
        key=key,
        what=what,
        value=mine,
        unit=unit,
        comparisons=(Comparison("nchan", theirs, mine / theirs, f"≥ {_AGAINST_NCHAN}"),),
        note=(
            f"{ours.frame_bytes} bytes each, nchan's {nchan.frame_bytes};"
            f" busy: server {ours.server_busy:.0%}, load {ours.load_busy:.0%}"
            f" (nchan: {nchan.server_busy:.0%}, {nchan.load_busy:.0%});"
            f" ratio by the servers' CPU time: {ours.rate_of_cpu / nchan.rate_of_cpu:.2f}"
        ),
    )


BENCHMARKS = (Benchmark(_KEY, _nchan),)
