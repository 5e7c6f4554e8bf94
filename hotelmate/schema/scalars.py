"""Dates, times, ids and files, between what clients write and what operations take."""

import re
from datetime import UTC, date, datetime

import strawberry
from strawberry.types.scalar import ScalarDefinition

from hotelmate.resolvers.checks import parse_day
from hotelmate.schema.uploads import Upload

# RFC 3339's form; `fromisoformat` would take week dates, missing separators and times without a zone too.
_DATE_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def graphql_id(number: int) -> strawberry.ID:
    """Return the id that clients know a row by."""
    return strawberry.ID(str(number))


def _parse_date(value: object) -> date:
    if not isinstance(value, str):
        raise ValueError("write a day as YYYY-MM-DD")  # noqa: TRY004 - what graphql-core expects
    return parse_day(value)


def _parse_date_time(value: object) -> datetime:
    if not (isinstance(value, str) and _DATE_TIME.fullmatch(value)):
        raise ValueError("write a time as YYYY-MM-DDThh:mm:ss with Z or an offset")
    try:
        return datetime.fromisoformat(value).astimezone(UTC)
    except OverflowError as error:
        raise ValueError("this time is out of range") from error


def _take_upload(value: object) -> Upload:
    if not isinstance(value, Upload):
        raise ValueError("send a file, in a multipart request")  # noqa: TRY004 - what graphql-core expects
    return value


def _show_date(value: date) -> str:
    return value.isoformat()


def _show_date_time(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()


SCALARS: dict[object, ScalarDefinition] = {
    date: strawberry.scalar(
        name="Date",
        description="A day, as YYYY-MM-DD.",
        serialize=_show_date,
        parse_value=_parse_date,
    ),
    datetime: strawberry.scalar(
        name="DateTime",
        description="A time with its offset, as RFC 3339 writes it; answers are in UTC.",
        serialize=_show_date_time,
        parse_value=_parse_date_time,
    ),
    Upload: strawberry.scalar(
        name="Upload",
        description="A picture: JPEG, PNG, WebP, AVIF or GIF, sent in a multipart request.",
        specified_by_url="https://github.com/jaydenseric/graphql-multipart-request-spec",
        parse_value=_take_upload,
    ),
}
