"""Initial tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "booking_number",
        sa.Column("year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("year", name=op.f("pk_booking_number")),
    )
    op.create_table(
        "hotel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(100), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(64), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.String(16), nullable=False),
        sa.CheckConstraint(
            "length(slug) BETWEEN 1 AND 100 AND ltrim(slug, "
            "'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-') = ''",
            name=op.f("ck_hotel_slug"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hotel")),
        sa.UniqueConstraint("slug", name=op.f("uq_hotel_slug")),
    )
    op.create_table(
        "user_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(150), nullable=False),
        sa.Column("password_hash", sa.String(255), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_account")),
        sa.UniqueConstraint("username", name=op.f("uq_user_account_username")),
    )
    op.create_table(
        "bridge_cursor",
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("delivered_seq", sa.Integer(), nullable=False),
        sa.Column("lease_owner", sa.String(64), nullable=True),
        sa.Column("lease_token", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_bridge_cursor_hotel_id")),
        sa.PrimaryKeyConstraint("hotel_id", name=op.f("pk_bridge_cursor")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(64), nullable=False),
        sa.Column("data", sa.String(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("seq >= 1", name=op.f("ck_event_seq")),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_event_hotel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("hotel_id", "seq", name=op.f("uq_event_hotel_id_seq")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_event_occurred_at"), ["occurred_at"], unique=False)

    op.create_table(
        "gallery_image",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_gallery_image_hotel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gallery_image")),
        sa.UniqueConstraint("hotel_id", "url", name=op.f("uq_gallery_image_hotel_id_url")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("gallery_image", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_gallery_image_hotel_id"), ["hotel_id"], unique=False)

    op.create_table(
        "hotel_settings",
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("hero_image", sa.String(), nullable=True),
        sa.Column("landing_page_image", sa.String(), nullable=True),
        sa.Column("logo", sa.String(), nullable=True),
        sa.Column("tagline", sa.String(), nullable=False),
        sa.Column("short_description", sa.String(), nullable=False),
        sa.Column("long_description", sa.String(), nullable=False),
        sa.Column("welcome_message", sa.String(), nullable=False),
        sa.Column("amenities", sa.JSON(), nullable=False),
        sa.Column("contact_email", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("contact_address", sa.String(), nullable=False),
        sa.Column("website", sa.String(), nullable=False),
        sa.Column(
            "theme_mode",
            sa.Enum(
                "LIGHT",
                "DARK",
                "CUSTOM",
                name="theme_mode",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("primary_color", sa.String(), nullable=False),
        sa.Column("secondary_color", sa.String(), nullable=False),
        sa.Column("accent_color", sa.String(), nullable=False),
        sa.Column("background_color", sa.String(), nullable=False),
        sa.Column("text_color", sa.String(), nullable=False),
        sa.Column("button_color", sa.String(), nullable=False),
        sa.Column("link_color", sa.String(), nullable=False),
        sa.Column("wifi_name", sa.String(), nullable=True),
        sa.Column("wifi_password", sa.String(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_hotel_settings_hotel_id")),
        sa.PrimaryKeyConstraint("hotel_id", name=op.f("pk_hotel_settings")),
    )
    op.create_table(
        "offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("short_description", sa.String(), nullable=False),
        sa.Column("details_text", sa.String(), nullable=False),
        sa.Column("details_html", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("tag", sa.String(), nullable=False),
        sa.Column("book_now_url", sa.String(), nullable=False),
        sa.Column("photo_url", sa.String(), nullable=True),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "valid_to IS NULL OR valid_from IS NULL OR valid_to >= valid_from", name=op.f("ck_offer_validity")
        ),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_offer_hotel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offer")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_offer_hotel_id"), ["hotel_id"], unique=False)

    op.create_table(
        "room_type",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(50), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("short_description", sa.String(), nullable=False),
        sa.Column("max_occupancy", sa.Integer(), nullable=False),
        sa.Column("photo_url", sa.String(), nullable=True),
        sa.Column("sort_order", sa.Integer(), nullable=False),
        sa.CheckConstraint("max_occupancy >= 1", name=op.f("ck_room_type_max_occupancy")),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_room_type_hotel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room_type")),
        sa.UniqueConstraint("hotel_id", "code", name=op.f("uq_room_type_hotel_id_code")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("first_name", sa.String(100), nullable=False),
        sa.Column("last_name", sa.String(100), nullable=False),
        sa.Column("is_on_duty", sa.Boolean(), nullable=False),
        sa.Column("last_clock_in", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_clock_out", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_staff_hotel_id")),
        sa.ForeignKeyConstraint(["user_id"], ["user_account.id"], name=op.f("fk_staff_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_user_id")),
    )
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_hotel_id"), ["hotel_id"], unique=False)

    op.create_table(
        "dead_letter",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(200), nullable=False),
        sa.Column("event_name", sa.String(200), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["event_id"], ["event.id"], name=op.f("fk_dead_letter_event_id")),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_dead_letter_hotel_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dead_letter")),
        sa.UniqueConstraint("event_id", "channel", name=op.f("uq_dead_letter_event_id_channel")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("dead_letter", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_dead_letter_hotel_id"), ["hotel_id"], unique=False)

    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("room_type_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_room_hotel_id")),
        sa.ForeignKeyConstraint(["room_type_id"], ["room_type.id"], name=op.f("fk_room_room_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("hotel_id", "number", name=op.f("uq_room_hotel_id_number")),
    )
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_room_type_id"), ["room_type_id"], unique=False)

    op.create_table(
        "session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff.id"], name=op.f("fk_session_staff_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_session_staff_id"), ["staff_id"], unique=False)

    op.create_table(
        "shift",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("staff_id", sa.Integer(), nullable=False),
        sa.Column("clock_in", sa.DateTime(timezone=True), nullable=False),
        sa.Column("clock_out", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "clock_out IS NULL OR clock_out >= clock_in", name=op.f("ck_shift_ends_after_it_starts")
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_shift_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_clock_in"), ["clock_in"], unique=False)
        batch_op.create_index(batch_op.f("ix_shift_staff_id"), ["staff_id"], unique=False)
        batch_op.create_index(
            "uq_shift_open_per_staff",
            ["staff_id"],
            unique=True,
            sqlite_where=sa.text("clock_out IS NULL"),
            postgresql_where=sa.text("clock_out IS NULL"),
        )

    op.create_table(
        "booking",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("reference", sa.String(32), nullable=False),
        sa.Column("hotel_id", sa.Integer(), nullable=False),
        sa.Column("room_type_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING_PAYMENT",
                "CONFIRMED",
                "CHECKED_IN",
                "CHECKED_OUT",
                "CANCELLED",
                "NO_SHOW",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("guest_name", sa.String(200), nullable=False),
        sa.Column("guest_email", sa.String(254), nullable=False),
        sa.Column("guest_phone", sa.String(), nullable=False),
        sa.Column("arrival", sa.Date(), nullable=False),
        sa.Column("departure", sa.Date(), nullable=False),
        sa.Column("adults", sa.Integer(), nullable=False),
        sa.Column("children", sa.Integer(), nullable=False),
        sa.Column("special_requests", sa.String(), nullable=False),
        sa.Column("room_assigned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_out_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("guest_token_nonce", sa.String(32), nullable=False),
        sa.CheckConstraint(
            "status <> 'CHECKED_IN' OR room_id IS NOT NULL", name=op.f("ck_booking_checked_in_with_a_room")
        ),
        sa.CheckConstraint("adults >= 1 AND children >= 0", name=op.f("ck_booking_guests")),
        sa.CheckConstraint("departure > arrival", name=op.f("ck_booking_departure_after_arrival")),
        sa.ForeignKeyConstraint(["hotel_id"], ["hotel.id"], name=op.f("fk_booking_hotel_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_booking_room_id")),
        sa.ForeignKeyConstraint(["room_type_id"], ["room_type.id"], name=op.f("fk_booking_room_type_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sa.UniqueConstraint("reference", name=op.f("uq_booking_reference")),
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index("ix_booking_hotel_id_id", ["hotel_id", "id"], unique=False)
        batch_op.create_index(
            "uq_booking_occupied_room",
            ["room_id"],
            unique=True,
            sqlite_where=sa.text("status = 'CHECKED_IN'"),
            postgresql_where=sa.text("status = 'CHECKED_IN'"),
        )

    op.create_table(
        "room_night",
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("night", sa.Date(), nullable=False),
        sa.Column("booking_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_room_night_booking_id")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_room_night_room_id")),
        sa.PrimaryKeyConstraint("room_id", "night", name=op.f("pk_room_night")),
    )
    with op.batch_alter_table("room_night", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_room_night_booking_id"), ["booking_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("room_night", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_night_booking_id"))

    op.drop_table("room_night")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_booking_occupied_room",
            sqlite_where=sa.text("status = 'CHECKED_IN'"),
            postgresql_where=sa.text("status = 'CHECKED_IN'"),
        )
        batch_op.drop_index("ix_booking_hotel_id_id")

    op.drop_table("booking")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_shift_open_per_staff",
            sqlite_where=sa.text("clock_out IS NULL"),
            postgresql_where=sa.text("clock_out IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_shift_staff_id"))
        batch_op.drop_index(batch_op.f("ix_shift_clock_in"))

    op.drop_table("shift")
    with op.batch_alter_table("session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_staff_id"))
        batch_op.drop_index(batch_op.f("ix_session_expires_at"))

    op.drop_table("session")
    with op.batch_alter_table("room", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_room_type_id"))

    op.drop_table("room")
    with op.batch_alter_table("dead_letter", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_dead_letter_hotel_id"))

    op.drop_table("dead_letter")
    with op.batch_alter_table("staff", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_hotel_id"))

    op.drop_table("staff")
    op.drop_table("room_type")
    with op.batch_alter_table("offer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_offer_hotel_id"))

    op.drop_table("offer")
    op.drop_table("hotel_settings")
    with op.batch_alter_table("gallery_image", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_gallery_image_hotel_id"))

    op.drop_table("gallery_image")
    with op.batch_alter_table("event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_event_occurred_at"))

    op.drop_table("event")
    op.drop_table("bridge_cursor")
    op.drop_table("user_account")
    op.drop_table("hotel")
    op.drop_table("booking_number")
