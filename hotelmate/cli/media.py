"""Commands that look after uploaded pictures."""

from datetime import UTC, datetime, timedelta

import typer

from hotelmate import demo, logs
from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.mistakes import Mistake
from hotelmate.cli.output import Json
from hotelmate.media.collect import collect, digests_mentioned
from hotelmate.media.errors import StorageUnavailable
from hotelmate.media.storage import open_storage
from hotelmate.settings import load

app = typer.Typer(no_args_is_help=True, help="Look after uploaded pictures.")

# Far longer than from storing an upload to the commit that names it.
_GRACE = timedelta(days=1)


@app.command()
def gc(as_json: Json = False) -> None:
    """Remove stored pictures that nothing in the database names.

    Those that have been there for less than a day are left alone.
    """
    logs.configure()
    put_before = datetime.now(UTC) - _GRACE
    with mistakes.in_one_line(), databases.opened() as database:
        with database.reading() as reading:
            # The wrong database would name none of the pictures in the right store.
            if demo.is_empty(reading):
                raise Mistake("the database holds no hotel; set HOTELMATE_DATABASE_URL to the right one")
            mentioned = digests_mentioned(reading)
        try:
            with output.progress("Removing") as progress:
                removed = collect(open_storage(load()), mentioned, put_before=put_before, progress=progress)
        except StorageUnavailable as error:
            raise Mistake(f"the store of pictures cannot be used ({error.__cause__})") from error
    output.tell(
        f"Removed {len(removed)} files of pictures that nothing names.",
        {"removed": len(removed)},
        as_json=as_json,
    )
