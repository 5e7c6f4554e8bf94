"""The sources of the pages: their documents fit the schema, their types fit together."""

import subprocess
from pathlib import Path

import pytest
from graphql import parse, validate

from hotelmate.schema import build_schema
from tests.left_out import leave_out
from tools.build_web import SOURCES
from tools.node import find_node, packages_are_installed

DOCUMENTS = sorted(SOURCES.glob("src/**/*.graphql"))


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_document_is_valid(path: Path) -> None:
    assert validate(build_schema()._schema, parse(path.read_text())) == []


@pytest.mark.parametrize(
    "command",
    [("typescript/bin/tsc", "--noEmit"), ("prettier/bin/prettier.cjs", "--check", ".")],
    ids=["types", "format"],
)
def test_the_sources_pass(command: tuple[str, ...]) -> None:
    node = find_node()
    if node is None or not packages_are_installed(SOURCES):
        leave_out("the packages of web/ (python -m tools.build_web --dev)")
    script, *arguments = command
    checked = subprocess.run(
        [node.executable, SOURCES / "node_modules" / script, *arguments],
        cwd=SOURCES,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
