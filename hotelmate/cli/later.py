"""Commands that are imported once they are called.

Each needs other parts of HotelMate, and to import all of them takes a second.
"""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand
from typer.main import get_group


class Later(TyperCommand):
    """Stands for a command in the list of them, and hands over to it when it is called."""

    def __init__(self, name: str, module: str, summary: str, **options: Any) -> None:
        """Prepare to import.

        Args:
            name: the command's.
            module: has a group of commands as its `app`, or the function of this name.
            summary: the beginning of what the command says of itself.
            options: how the command is run and shown, as `typer.Typer` takes them.
        """
        super().__init__(name, help=summary)
        self._called = name
        self._module = module
        self._options = options

    def load(self) -> Any:
        """Import the command, and return it."""
        with _without_collector():
            module = import_module(self._module)
        alone = typer.Typer(**self._options)
        if hasattr(module, "app"):
            alone.add_typer(module.app, name=self._called)
        else:
            alone.command(self._called)(getattr(module, self._called))
        return get_group(alone).commands[self._called]

    def make_context(
        self, info_name: str | None, args: Sequence[str], parent: Any = None, **extra: Any
    ) -> Any:
        """Read the arguments as the command itself does: from here on there is only that."""
        return self.load().make_context(info_name, list(args), parent, **extra)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Have what the block imports stay: to look through all of it in vain is a sixth of a server's start."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()
