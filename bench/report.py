"""The rows as a table, on the terminal and in `docs/benchmarks.md`, beside the figures of an earlier commit.

Those are kept in `docs/benchmarks.json`. A run of the same commit leaves the earlier ones as they are.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from rich.table import Table

from bench import machine
from bench.results import Row

DOCS = Path(__file__).parents[1] / "docs"
_METHOD = Path(__file__).parent / "method.md"
_COLUMNS = ("What", "HotelMate", "Compared with", "Theirs", "Ratio", "To reach", "Before")


@dataclass(frozen=True, slots=True)
class Record:
    """The figures of the last run by key, its commit, and the figures of the last run of another commit."""

    commit: str
    figures: dict[str, float]
    earlier_commit: str
    earlier: dict[str, float]

    @classmethod
    def read(cls, folder: Path) -> Self:
        """Return what is kept; empty where nothing is."""
        path = folder / "benchmarks.json"
        if not path.exists():
            return cls("", {}, "", {})
        kept: dict[str, Any] = json.loads(path.read_text())
        return cls(**kept)

    def before(self, commit: str) -> tuple[str, dict[str, float]]:
        """Return the commit and the figures to stand beside those of a run of `commit`."""
        return (self.earlier_commit, self.earlier) if commit == self.commit else (self.commit, self.figures)


def write(folder: Path, rows: Sequence[Row], *, about: Sequence[str]) -> None:
    """Keep the rows of a whole run, for people and for the next run; `about` says on what it was made."""
    commit = machine.commit()
    earlier_commit, earlier = Record.read(folder).before(commit)
    kept = {
        "commit": commit,
        "figures": {row.key: float(f"{row.value:.4g}") for row in rows if row.value is not None},
        "earlier_commit": earlier_commit,
        "earlier": earlier,
    }
    (folder / "benchmarks.json").write_text(json.dumps(kept, indent=2) + "\n")
    written = f"Written by `make bench` on {datetime.now(UTC):%-d %B %Y}, at commit {commit or 'unknown'}"
    before = f"; “before” is commit {earlier_commit}." if earlier_commit else "."
    lines = ["# Benchmarks", "", written + before, "", *(f"- {line}" for line in about), ""]
    lines += [*_table(rows, earlier), "", "Notes:", ""]
    lines += [f"- {row.what}: {row.note}" for row in rows if row.note]
    (folder / "benchmarks.md").write_text("\n".join([*lines, "", _METHOD.read_text()]))


def summary(row: Row) -> str:
    """Return a row in one line, to be shown while others are still measured."""
    figure = row.note if row.value is None else f"{number(row.value)} {row.unit}"
    ratios = "".join(f", {each.ratio:.3g} of {each.name}" for each in row.comparisons)
    return f"{row.what}: {figure}{ratios}"


def table(rows: Sequence[Row]) -> Table:
    """Return the rows as they are printed."""
    _, earlier = Record.read(DOCS).before(machine.commit())
    shown = Table(*_COLUMNS, title="HotelMate's speed")
    for row in rows:
        for cells in _lines(row, earlier):
            shown.add_row(*cells)
    return shown


def _table(rows: Sequence[Row], earlier: dict[str, float]) -> Iterator[str]:
    yield _markdown(_COLUMNS)
    yield _markdown(["---", "---:", "---", "---:", "---:", "---", "---:"])
    for row in rows:
        yield from map(_markdown, _lines(row, earlier))


def _lines(row: Row, earlier: dict[str, float]) -> Iterator[tuple[str, ...]]:
    before = earlier.get(row.key)
    missing = "failed" if row.has_failed else "left out"
    first = (row.what, missing if row.value is None else f"{number(row.value)} {row.unit}")
    last = "" if before is None else number(before)
    if not row.comparisons:
        yield (*first, "", "", "", row.goal, last)
    for comparison in row.comparisons:
        ratio = f"{comparison.ratio:.2f}" if comparison.ratio < 10 else f"{comparison.ratio:.1f}"
        goal = comparison.goal or row.goal
        yield (*first, comparison.name, number(comparison.value), ratio, goal, last)
        first, last = ("", ""), ""


def number(value: float) -> str:
    """Return a figure with as many digits as can be trusted."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.3g}"


def _markdown(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
