"""How thoroughly to measure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.results import Row


@dataclass(frozen=True, slots=True)
class Plan:
    """How often the contenders of a row take turns, for how long, and with how many subscribers at most."""

    folder: Path
    """For databases and the like; gone afterwards."""
    rounds: int = 5
    round_seconds: float = 0.5
    most_subscribers: int = 10_000

    def subscribers(self, wanted: int) -> int:
        """How many to have where a row asks for so many."""
        return min(wanted, self.most_subscribers)


def thorough(folder: Path) -> Plan:
    """For figures."""
    return Plan(folder)


def quick(folder: Path) -> Plan:
    """To see that everything works; the figures mean nothing."""
    return Plan(folder, rounds=1, round_seconds=0.2, most_subscribers=10)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """What measures one row or several that belong together; `name` is what `--only` goes by."""

    name: str
    run: Callable[[Plan], Iterator[Row]]
