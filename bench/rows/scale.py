"""What many subscribers cost: memory for each that is idle, and time for a delivery at ten times as many."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from functools import partial
from time import sleep

from bench import databases
from bench.deliveries import Contender, take_turns
from bench.load import greetings
from bench.load.greetings import Greet
from bench.plan import Benchmark, Plan
from bench.results import Comparison, Row
from bench.rows.deliveries import subscribed
from bench.servers.process import ServerProcess
from bench.serving import hotelmate

_IDLE = 5_000
_FIRST = 50
_MOST_KILOBYTES = 30
_FEW, _MANY = 1_000, 10_000
_MOST_GROWTH = 1.5
# For what connecting has left behind to be let go of.
_SETTLE_SECONDS = 1.0

Serve = Callable[[], AbstractContextManager[ServerProcess]]


def _memory(plan: Plan) -> Iterator[Row]:
    with databases.sqlite(plan.folder, hotels=1, staff=1) as url:
        ours = partial(hotelmate, plan.folder, url)
        websocket = _kilobytes(plan, ours, greetings.graphql_transport_ws)
        pusher = _kilobytes(plan, ours, greetings.pusher)
    own = _kilobytes(plan, lambda: ServerProcess.run("strawberry_own", 1), greetings.graphql_transport_ws)
    for key, name, mine in (("ws", "graphql-transport-ws", websocket), ("pusher", "pusher-js", pusher)):
        yield Row(
            key=f"memory-{key}",
            what=f"memory per idle subscriber at 5,000, {name}",
            value=mine,
            unit="KB",
            comparisons=(Comparison("Strawberry's own, graphql-transport-ws", own, mine / own),),
            goal=f"≤ {_MOST_KILOBYTES} KB",
        )


def _kilobytes(plan: Plan, serve: Serve, greet: Greet) -> float:
    """Return what a subscriber costs when nothing happens, beyond the first few, for whom all is set up."""
    count = plan.subscribers(_IDLE)
    with ExitStack() as stack:
        server = stack.enter_context(serve())
        first = subscribed(stack, server, greet, _FIRST)
        sleep(_SETTLE_SECONDS)
        before = server.resident_bytes
        subscribed(stack, server, greet, count, meanwhile=[first])
        sleep(_SETTLE_SECONDS)
        return (server.resident_bytes - before) / count / 1024


def _growth(plan: Plan) -> Iterator[Row]:
    with ExitStack() as stack:
        contenders: list[Contender] = []
        for wanted in (_FEW, _MANY):
            url = stack.enter_context(databases.sqlite(plan.folder, hotels=1, staff=1))
            server = stack.enter_context(hotelmate(plan.folder, url))
            count = plan.subscribers(wanted)
            others = [contender.subscribers for contender in contenders]
            members = subscribed(stack, server, greetings.graphql_transport_ws, count, meanwhile=others)
            contenders.append(Contender(server, members, in_flight=0))
        few, many = contenders
        take_turns(contenders, rounds=plan.rounds, seconds=plan.round_seconds)
    cost_of_many, cost_of_few = 1e6 / many.rate_of_cpu, 1e6 / few.rate_of_cpu
    yield Row(
        key="growth",
        what="a delivery at 10,000 subscribers, graphql-transport-ws, one event at a time",
        value=cost_of_many,
        unit="µs of CPU time",
        comparisons=(Comparison("at 1,000", cost_of_few, cost_of_many / cost_of_few, f"≤ {_MOST_GROWTH}"),),
    )


BENCHMARKS = (Benchmark("memory", _memory), Benchmark("growth", _growth))
