"""The command: `python -m bench`, or `make bench`."""

import os
import signal
import sys
from collections.abc import Sequence
from fnmatch import fnmatch
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from typing import Annotated

import typer
from rich.console import Console

from bench import machine, plan, report
from bench.cores import LOAD
from bench.load.subscribers import Stalled
from bench.plan import Benchmark
from bench.results import Row, failed
from bench.rows import BENCHMARKS
from bench.servers.process import CannotServe

_WIDTH = 150

Only = Annotated[
    list[str] | None,
    typer.Option(help="Only the rows of this name, or that this pattern fits; may be repeated."),
]
Quick = Annotated[bool, typer.Option(help="See that everything works; the figures mean nothing.")]
List = Annotated[bool, typer.Option("--list", help="Name the rows and measure nothing.")]


def main(only: Only = None, quick: Quick = False, list_rows: List = False) -> None:
    """Measure HotelMate's speed beside that of others, and write docs/benchmarks.md when all was measured."""
    chosen = [each for each in BENCHMARKS if only is None or any(fnmatch(each.name, word) for word in only)]
    if not chosen:
        raise typer.BadParameter("no row has such a name; --list shows them", param_hint="--only")
    if list_rows:
        typer.echo("\n".join(each.name for each in chosen))
        return
    # Leaving in order ends the servers as well.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    about = machine.describe(load_average=os.getloadavg()[0])
    os.sched_setaffinity(0, {LOAD})
    console = Console(width=None if os.isatty(1) else _WIDTH)
    rows = _measure(chosen, Console(stderr=True), is_quick=quick)
    console.print(report.table(rows))
    for row in rows:
        if row.note:
            console.print(f"{row.what}: {row.note}", highlight=False)
    for line in about:
        console.print(line, highlight=False)
    if only is None and not quick:
        report.write(report.DOCS, rows, about=about)
        console.print("Written to docs/benchmarks.md.")
    if any(row.has_failed for row in rows):
        raise typer.Exit(1)


def _measure(chosen: Sequence[Benchmark], console: Console, *, is_quick: bool) -> list[Row]:
    rows: list[Row] = []
    with TemporaryDirectory(prefix="hotelmate-bench-") as folder:
        how = plan.quick(Path(folder)) if is_quick else plan.thorough(Path(folder))
        for benchmark in chosen:
            started, known = monotonic(), len(rows)
            try:
                rows += benchmark.run(how)
            except (CannotServe, Stalled) as error:
                # The other rows are worth having.
                rows.append(failed(benchmark.name, repr(error)))
                console.print(*getattr(error, "__notes__", ()), markup=False)
            for row in rows[known:]:
                console.print(report.summary(row), highlight=False)
            console.print(f"{benchmark.name} took {monotonic() - started:.1f} s", highlight=False)
    return rows


if __name__ == "__main__":
    typer.run(main)
