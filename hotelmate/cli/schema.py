"""The command that prints the GraphQL schema."""

from typing import Annotated

import typer

from hotelmate.cli import output
from hotelmate.schema import introspection, sdl

AsJson = Annotated[bool, typer.Option("--json", help="Print the answer to an introspection query instead.")]


def schema(as_json: AsJson = False) -> None:
    """Print the GraphQL schema in its own language."""
    if as_json:
        output.show_json(introspection())
    else:
        typer.echo(sdl())
