"""Event ids of 64 bits, and since when each hotel's log is complete."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_HOTEL = sa.table("hotel", sa.column("log_complete_after", sa.DateTime(timezone=True)))


def upgrade() -> None:
    # SQLite adds a column to a table with rows only when it has a constant default.
    beginning = sa.text("'1970-01-01 00:00:00'")
    op.add_column(
        "hotel",
        sa.Column("log_complete_after", sa.DateTime(timezone=True), nullable=False, server_default=beginning),
    )
    # What was pruned so far, and what was there before the log, is not known.
    op.execute(_HOTEL.update().values(log_complete_after=datetime.now(UTC)))
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("event", "id", type_=sa.BigInteger())
        op.alter_column("dead_letter", "event_id", type_=sa.BigInteger())
        op.execute("ALTER SEQUENCE event_id_seq AS BIGINT")
        op.alter_column("hotel", "log_complete_after", server_default=None)


def downgrade() -> None:
    op.drop_column("hotel", "log_complete_after")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER SEQUENCE event_id_seq AS INTEGER")
        op.alter_column("dead_letter", "event_id", type_=sa.Integer())
        op.alter_column("event", "id", type_=sa.Integer())
