"""Who did what, from where and when."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ACTIONS = (
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
)
_ACTORS = ("STAFF", "GUEST", "ANONYMOUS", "OPERATOR")


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("action", _enumeration(_ACTIONS, "action"), nullable=False),
        sa.Column("actor", _enumeration(_ACTORS, "actor"), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_audit_entry_hotel_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_audit_entry_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_entry_hotel_id_id", "audit_entry", ["hotel_id", "id"])
    op.create_index(op.f("ix_audit_entry_occurred_at"), "audit_entry", ["occurred_at"])


def downgrade() -> None:
    op.drop_table("audit_entry")


def _enumeration(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
