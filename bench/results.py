"""What was measured: rows of a figure of ours beside those of others."""

from dataclasses import dataclass
from statistics import median
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class Comparison:
    """A figure that ours stands beside, what the one is to the other, and what that is meant to be."""

    name: str
    value: float
    ratio: float
    goal: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One figure of ours, None where the row was left out; `key` is its name from one run to the next."""

    key: str
    what: str
    value: float | None
    unit: str
    comparisons: tuple[Comparison, ...] = ()
    goal: str = ""
    note: str = ""
    has_failed: bool = False


def left_out(key: str, what: str, reason: str) -> Row:
    """Return a row that could not be measured on this machine."""
    return Row(key, what, None, "", note=f"left out: {reason}")


def failed(key: str, reason: str) -> Row:
    """Return a row whose measurement went wrong."""
    return Row(key, key, None, "", note=f"failed: {reason}", has_failed=True)


class Spread(NamedTuple):
    """How long things took, in seconds."""

    p50: float
    p99: float

    @classmethod
    def of(cls, seconds: list[float]) -> "Spread":
        """Return the middle of some times, and what one in a hundred exceeds."""
        ordered = sorted(seconds)
        return cls(median(ordered), ordered[min(len(ordered) - 1, int(0.99 * len(ordered)))])
