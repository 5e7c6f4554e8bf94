"""What commands print: tables for people at a terminal, plain lines for pipes, JSON for programs.

Progress goes to standard error, and only to a terminal.
"""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]
Row = Mapping[str, object]
Item = TypeVar("Item")

_AT_ONCE = 500


def show(rows: Sequence[Row], *, columns: Sequence[str], as_json: bool) -> None:
    """Print rows: as JSON one object a line, in a pipe separated by tabs, at a terminal as a table."""
    if as_json:
        for row in rows:
            show_json(row)
    elif sys.stdout.isatty():
        _show_table(rows, columns)
    else:
        for row in rows:
            typer.echo("\t".join(_plain(row[column]) for column in columns))


def show_json(value: object) -> None:
    """Print a value as one line of JSON."""
    typer.echo(orjson.dumps(value))


def tell(sentence: str, facts: Row, *, as_json: bool) -> None:
    """Say what was done: in a sentence for people, as facts for programs."""
    if as_json:
        show_json(facts)
    else:
        typer.echo(sentence)


def in_parts(items: Sequence[Item], doing: str) -> Iterator[Sequence[Item]]:
    """Yield the items a few hundred at a time, and show how many have been dealt with."""
    with progress(doing) as tell:
        for start in range(0, len(items), _AT_ONCE):
            part = items[start : start + _AT_ONCE]
            yield part
            tell(start + len(part), len(items))


@contextmanager
def progress(doing: str) -> Iterator[Callable[[int, int], None]]:
    """Show a bar while the block runs; it is told how much is done, and of how much."""
    console = Console(stderr=True)
    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _show_table(rows: Sequence[Row], columns: Sequence[str]) -> None:
    table = Table()
    for column in columns:
        table.add_column(column.replace("_", " "), overflow="fold")
    for row in rows:
        # As text, because what is shown may look like markup.
        table.add_row(*(Text(_plain(row[column])) for column in columns))
    Console().print(table)


def _plain(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return value.isoformat(timespec="seconds")
        case float():
            return f"{value:.1f}"
        case _:
            return " ".join(str(value).split())
