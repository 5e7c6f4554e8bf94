"""What a command does about a mistake that whoever called it can mend: one line, and exit code 1."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer

from hotelmate.backups.errors import BackupError
from hotelmate.database import DatabaseUnavailable
from hotelmate.processes.redis import RedisUnavailable
from hotelmate.settings import SettingsError


class Mistake(Exception):
    """The command cannot do its work as things are; the message says what to set or do."""


@contextmanager
def in_one_line() -> Iterator[None]:
    """End the process with the mistake's message when the block raises one."""
    try:
        yield
    except (SettingsError, DatabaseUnavailable, RedisUnavailable, BackupError, Mistake) as mistake:
        typer.echo(f"hotelmate: {mistake}", err=True)
        sys.exit(1)
