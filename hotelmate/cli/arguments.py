"""Arguments that several commands take."""

from typing import Annotated

import typer

Slug = Annotated[str, typer.Argument(help="The hotel's slug.")]
