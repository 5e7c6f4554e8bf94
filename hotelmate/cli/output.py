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
_LONGEST_WHOLE_WORD = 12
_WIDER_THAN_ANY = 10_000


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
    console = Console()
    table = Table()
    for column in columns:
        heading = column.replace("_", " ")
        cells = [_plain(row[column]) for row in rows]
        table.add_column(heading, overflow="fold", min_width=_longest_word(heading, *cells))
    for row in rows:
        # As text, because what is shown may look like markup.
        table.add_row(*(Text(_plain(row[column])) for column in columns))
    wide = console.options.update(max_width=_WIDER_THAN_ANY)
    if console.measure(table, options=wide).minimum <= console.width:
        console.print(table)
    else:
        _show_one_below_another(rows, columns)


def _longest_word(*texts: str) -> int:
    """How narrow a column may be before its words are folded, which only those longer than most may be."""
    return max(min(len(word), _LONGEST_WHOLE_WORD) for text in texts for word in text.split() or [""])


def _show_one_below_another(rows: Sequence[Row], columns: Sequence[str]) -> None:
    """Print what is wider than the terminal: a line for each column, a paragraph for each row."""
    longest = max(map(len, columns))
    for row in rows:
        for column in columns:
            typer.echo(f"{column.replace('_', ' '):<{longest}}  {_plain(row[column])}")
        typer.echo()


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
