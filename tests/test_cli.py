"""A start that cannot succeed ends with one line that says what to set."""

import json
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import build_client_schema
from typer.main import get_command
from typer.testing import CliRunner

from hotelmate import migrations
from hotelmate.cli import app
from hotelmate.database import Database
from hotelmate.settings import load
from tests.databases import empty_postgresql, seeded_sqlite
from tests.server import clean_environment

ROOT = Path(__file__).parents[1]

_IMPORTED = """
import sys
from hotelmate.cli import app
app(["--help"], standalone_mode=False)
print(*sorted(name for name in sys.modules if name.startswith("hotelmate")))
"""


def hotelmate(*arguments: str, data_dir: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "hotelmate", *arguments],
        env=clean_environment() | {"HOTELMATE_DATA_DIR": str(data_dir)} | environment,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def assert_one_line(done: subprocess.CompletedProcess[str], *, names: str) -> None:
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith("hotelmate: ")
    assert names in line


@pytest.mark.parametrize(
    ("environment", "names"),
    [
        ({"PUSHER_KEY": "k"}, "PUSHER_SECRET"),
        ({"HOTELMATE_DEMO": "1", "HOTELMATE_HOST": "0.0.0.0"}, "HOTELMATE_HOST"),  # noqa: S104 - refused, or only told of
        ({"HOTELMATE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "HOTELMATE_DATABASE_URL"),
        ({"HOTELMATE_HOST": "192.0.2.1", "HOTELMATE_PORT": "0"}, "HOTELMATE_HOST"),
        ({"HOTELMATE_HOST": "no such host"}, "HOTELMATE_HOST"),
    ],
)
def test_serve_names_what_to_set(tmp_path: Path, environment: dict[str, str], names: str) -> None:
    assert_one_line(hotelmate("serve", data_dir=tmp_path, **environment), names=names)


def test_serve_names_the_port_that_is_in_use(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert_one_line(hotelmate("serve", data_dir=tmp_path, HOTELMATE_PORT=port), names="HOTELMATE_PORT")


def test_serve_refuses_a_data_directory_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert_one_line(hotelmate("serve", data_dir=tmp_path / "file"), names="HOTELMATE_DATA_DIR")


@pytest.fixture
def postgresql_url() -> Iterator[str]:
    with empty_postgresql() as url:
        yield url


def test_on_postgresql_serve_asks_for_the_upgrade_and_db_upgrade_makes_it(
    tmp_path: Path, postgresql_url: str
) -> None:
    environment = {"HOTELMATE_DATABASE_URL": postgresql_url, "HOTELMATE_PORT": "0"}
    assert_one_line(hotelmate("serve", data_dir=tmp_path, **environment), names="hotelmate db upgrade")
    done = hotelmate("db", "upgrade", data_dir=tmp_path, **environment)
    assert (done.returncode, done.stderr) == (0, "")
    database = Database(load(database_url=postgresql_url).database)
    assert migrations.current(database) == migrations.newest()
    database.close()


@pytest.mark.parametrize("command", [("serve",), ("hotel", "list"), ("db", "upgrade")])
def test_a_database_of_a_newer_version_is_left_alone(tmp_path: Path, command: tuple[str, ...]) -> None:
    shutil.copy(seeded_sqlite(), tmp_path / "hotelmate.sqlite3")
    database = Database(f"sqlite:///{tmp_path / 'hotelmate.sqlite3'}")
    with database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert_one_line(hotelmate(*command, data_dir=tmp_path), names="newer")


def test_schema_prints_the_schema_that_the_project_shows(tmp_path: Path) -> None:
    done = hotelmate("schema", data_dir=tmp_path)
    assert done.stdout == (ROOT / "schema.graphql").read_text()
    assert not list(tmp_path.iterdir()), "printing the schema touches nothing"


def test_schema_prints_what_an_introspection_query_answers(tmp_path: Path) -> None:
    done = hotelmate("schema", "--json", data_dir=tmp_path)
    answered = build_client_schema(json.loads(done.stdout))
    assert answered.query_type is not None
    assert "hotel" in answered.query_type.fields


def test_the_demo_is_for_loopback_only(tmp_path: Path) -> None:
    assert_one_line(
        hotelmate("demo", data_dir=tmp_path, HOTELMATE_HOST="0.0.0.0"),  # noqa: S104 - refused, or only told of
        names="HOTELMATE_HOST",
    )


def test_a_pipe_gets_no_boxes(tmp_path: Path) -> None:
    shown = hotelmate("--help", data_dir=tmp_path).stdout
    complaint = hotelmate("nonsense", data_dir=tmp_path).stderr
    assert shown.startswith("Usage: ")
    assert "No such command 'nonsense'" in complaint
    assert not set("╭│─") & set(shown + complaint)


def test_without_a_command_the_help_names_them(tmp_path: Path) -> None:
    done = hotelmate(data_dir=tmp_path)
    assert "serve" in done.stdout + done.stderr


def test_the_help_says_what_the_commands_say_of_themselves() -> None:
    group: Any = get_command(app)
    listed = {name: command.get_short_help_str(100) for name, command in group.commands.items()}
    assert listed == {
        name: command.load().get_short_help_str(100) for name, command in group.commands.items()
    }


def test_the_help_imports_no_command() -> None:
    said = subprocess.run(
        [sys.executable, "-c", _IMPORTED], capture_output=True, check=True, text=True
    ).stdout
    assert "Look after the database." in said
    assert said.splitlines()[-1] == "hotelmate hotelmate.cli hotelmate.cli.later"


def test_what_each_command_does_is_said_whole_on_a_narrow_terminal() -> None:
    for group in ([], ["db"], ["hotel"], ["staff"], ["booking"], ["events"], ["deliveries"], ["media"]):
        shown = CliRunner().invoke(app, [*group, "-h"], terminal_width=80).stdout
        assert "Commands:" in shown
        assert "..." not in shown.partition("Commands:")[2]
