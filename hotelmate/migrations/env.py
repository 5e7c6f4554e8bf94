"""Alembic's entry: runs the revisions on the connection that `hotelmate.migrations` hands over."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlmodel import SQLModel
from sqlmodel.sql.sqltypes import AutoString

import hotelmate.models  # noqa: F401 - the tables
from hotelmate.models.columns import UtcDateTime


def plain_type(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    """Write our types as the plain ones that they are stored as: a revision must outlive today's models."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, AutoString):
        return f"sa.String({item.length or ''})"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=plain_type,
)
with context.begin_transaction():
    context.run_migrations()
