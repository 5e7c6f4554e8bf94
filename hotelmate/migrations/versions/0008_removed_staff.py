"""Who was taken off the staff, and taken back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_BEFORE = (
    "LOGGED_IN",
    "LOG_IN_FAILED",
    "LOGGED_OUT",
    "STAFF_CREATED",
    "PASSWORD_SET",
    "TOKEN_ISSUED",
    "GUEST_TOKEN_RENEWED",
    "BOOKING_CREATED",
    "BOOKING_CONFIRMED",
    "BOOKING_ROOM_ASSIGNED",
    "BOOKING_CHECKED_IN",
    "BOOKING_CHECKED_OUT",
    "BOOKING_CANCELLED",
    "BOOKING_NO_SHOW",
    "SETTINGS_UPDATED",
    "GALLERY_IMAGE_ADDED",
    "GALLERY_REORDERED",
    "GALLERY_IMAGE_REMOVED",
    "OFFER_CREATED",
    "OFFER_UPDATED",
    "OFFER_IMAGE_UPDATED",
    "OFFER_DELETED",
    "ROOM_TYPE_IMAGE_UPDATED",
)
_ADDED = ("STAFF_REMOVED", "STAFF_RESTORED")
_ACTORS = ("STAFF", "GUEST", "ANONYMOUS", "OPERATOR")
_CHECK = "ck_audit_entry_action"


def upgrade() -> None:
    _allow((*_BEFORE, *_ADDED))


def downgrade() -> None:
    entry = sa.table("audit_entry", sa.column("action"))
    op.execute(sa.delete(entry).where(entry.c.action.in_(_ADDED)))
    _allow(_BEFORE)


def _allow(actions: Sequence[str]) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_anew(actions)
    else:
        op.drop_constraint(op.f(_CHECK), "audit_entry", type_="check")
        op.create_check_constraint(op.f(_CHECK), "audit_entry", _one_of("action", actions))


def _make_anew(actions: Sequence[str]) -> None:
    """Put the rows into a table with another check, which SQLite cannot change."""
    anew = op.create_table(
        "audit_entry_anew",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("actor", sa.String(length=32), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_audit_entry_hotel_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id")),
        sa.CheckConstraint(_one_of("action", actions), name=op.f(_CHECK)),
        sa.CheckConstraint(_one_of("actor", _ACTORS), name=op.f("ck_audit_entry_actor")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    columns = [column.name for column in anew.columns]
    kept = sa.table("audit_entry", *map(sa.column, columns))
    op.execute(sa.insert(anew).from_select(columns, sa.select(*kept.columns)))
    # An id is never given out a second time, though the rows with the highest were removed.
    op.execute("DELETE FROM sqlite_sequence WHERE name = 'audit_entry_anew'")
    given_out = "SELECT 'audit_entry_anew', seq FROM sqlite_sequence WHERE name = 'audit_entry'"
    op.execute(f"INSERT INTO sqlite_sequence {given_out}")
    op.drop_table("audit_entry")
    op.rename_table("audit_entry_anew", "audit_entry")
    op.create_index("ix_audit_entry_hotel_id_id", "audit_entry", ["hotel_id", "id"])
    op.create_index(op.f("ix_audit_entry_occurred_at"), "audit_entry", ["occurred_at"])


def _one_of(column: str, values: Sequence[str]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
