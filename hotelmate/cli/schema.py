"""The command that prints the contract."""

import typer

from hotelmate.schema import sdl


def schema() -> None:
    """Print the GraphQL schema."""
    typer.echo(sdl())
