"""The images of the settings as wide as a page, which until now was guessed from their urls."""

import re

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_IMAGES = ("hero_image", "landing_page_image")
_PICTURE_OF_OURS = re.compile(r"(.*/[0-9a-f]{64})\.(?:jpg|png|webp)", re.DOTALL)


def upgrade() -> None:
    for image in _IMAGES:
        op.add_column("hotel_settings", sa.Column(f"{image}_page_url", sa.String(), nullable=True))
    names = ["hotel_id", *_IMAGES, *(f"{image}_page_url" for image in _IMAGES)]
    settings = sa.table("hotel_settings", *(sa.column(name) for name in names))
    connection = op.get_bind()
    for row in connection.execute(sa.select(settings)).mappings().all():
        page_urls = {
            f"{image}_page_url": f"{ours[1]}-1920.webp"
            for image in _IMAGES
            if (ours := _PICTURE_OF_OURS.fullmatch(row[image] or ""))
        }
        if page_urls:
            its_own = settings.c.hotel_id == row["hotel_id"]
            connection.execute(sa.update(settings).where(its_own).values(page_urls))


def downgrade() -> None:
    for image in _IMAGES:
        op.drop_column("hotel_settings", f"{image}_page_url")
