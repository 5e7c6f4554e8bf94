"""Commands that look after staff and their log-ins."""

import sys
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from hotelmate.cli import databases, mistakes, output
from hotelmate.cli.arguments import Slug
from hotelmate.cli.mistakes import Mistake
from hotelmate.cli.output import Json
from hotelmate.models import Staff
from hotelmate.resolvers.administration import staff as operations

app: typer.Typer = typer.Typer(
    no_args_is_help=True, help="Make, list and remove staff; give them tokens and passwords."
)

Password = Annotated[
    str | None,
    typer.Option(
        envvar="HOTELMATE_NEW_PASSWORD",
        help="Asked for when left out, so that it is in no shell's history.",
    ),
]
Username = Annotated[str, typer.Argument(help="The name that they log in with.")]

_COLUMNS = ("id", "username", "first_name", "last_name", "is_on_duty", "is_active")


@app.command()
def create(
    slug: Slug,
    username: Username,
    first_name: Annotated[str, typer.Argument()],
    last_name: Annotated[str, typer.Argument()],
    password: Password = None,
    as_json: Json = False,
) -> None:
    """Put somebody new on a hotel's staff."""
    with mistakes.in_one_line(), databases.opened() as database:
        chosen = _chosen(password)
        with database.transaction() as transaction:
            staff = operations.create_staff(
                transaction,
                slug=slug,
                username=username,
                password=chosen,
                first_name=first_name,
                last_name=last_name,
            )
            row = _row(username, staff, is_active=True)
    output.show([row], columns=_COLUMNS, as_json=as_json)


@app.command("list")
def list_staff(slug: Slug, as_json: Json = False) -> None:
    """List a hotel's staff.

    Those who were removed are there too; they are not active.
    """
    with mistakes.in_one_line(), databases.opened() as database, database.reading() as reading:
        rows = [
            _row(user.username, staff, is_active=user.is_active)
            for user, staff in operations.staff_of(reading, slug)
        ]
    output.show(rows, columns=_COLUMNS, as_json=as_json)


@app.command()
def token(
    username: Username,
    days: Annotated[float, typer.Option(min=0, help="How long the token works.")] = 30,
    as_json: Json = False,
) -> None:
    """Print a new token for a staff member.

    It is for a screen on a wall, or a script.
    """
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        issued, expires_at = operations.issue_token(
            transaction, username, lifetime=timedelta(days=days), at=datetime.now(UTC)
        )
    row = {"token": issued, "expires_at": expires_at}
    output.show([row], columns=("token", "expires_at"), as_json=as_json)


@app.command()
def password(username: Username, password: Password = None, as_json: Json = False) -> None:
    """Replace somebody's password, and end all of their sessions."""
    with mistakes.in_one_line(), databases.opened() as database:
        chosen = _chosen(password)
        with database.transaction() as transaction:
            ended = operations.set_password(transaction, username, chosen)
    output.tell(
        f"The password of {username} is changed; {ended} sessions were ended.",
        {"username": username, "sessions_ended": ended},
        as_json=as_json,
    )


@app.command()
def remove(username: Username, as_json: Json = False) -> None:
    """Take somebody off the staff.

    They are logged out everywhere, and let in no more. What they did stays.
    """
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        removed = operations.remove_staff(transaction, username, at=datetime.now(UTC))
    clocked_out = " They were on duty, and are clocked out." if removed.clocked_out else ""
    output.tell(
        f"{username} is off the staff; {removed.sessions_ended} sessions were ended.{clocked_out}",
        {"username": username, **asdict(removed)},
        as_json=as_json,
    )


@app.command()
def restore(username: Username, as_json: Json = False) -> None:
    """Take somebody back who was removed.

    Their password is what it was.
    """
    with mistakes.in_one_line(), databases.opened() as database, database.transaction() as transaction:
        row = _row(username, operations.restore_staff(transaction, username), is_active=True)
    output.show([row], columns=_COLUMNS, as_json=as_json)


def _chosen(password: str | None) -> str:
    """Return the password that was given, or else ask for it; never while a transaction waits.

    Raises:
        Mistake: there is nobody to ask.
    """
    if password is not None:
        return password
    if not sys.stdin.isatty():
        raise Mistake("there is nobody to ask for the password; give it in HOTELMATE_NEW_PASSWORD")
    asked: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return asked


def _row(username: str, staff: Staff, *, is_active: bool) -> dict[str, object]:
    shown = staff.model_dump(include={"id", "first_name", "last_name", "is_on_duty"})
    return {"username": username, **shown, "is_active": is_active}
