"""The documents build into a site without a warning, their links lead somewhere, their samples work."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import aiohttp
import pytest
from graphql import build_schema, parse, validate
from typer.main import get_command

from hotelmate.cli import app
from tests.server import Server, clean_environment

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.glob("*.md"))


class Page(HTMLParser):
    """What a page of the site links to, loads, and can be linked to."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: set[str] = set()
        self.loads: set[str] = set()
        self.anchors: set[str] = set()
        self.feed(path.read_text())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        if anchor := attributes.get("id"):
            self.anchors.add(anchor)
        if tag == "a" and (link := attributes.get("href")):
            self.links.add(link)
        if tag in {"script", "img"} and (source := attributes.get("src")):
            self.loads.add(source)
        if tag == "link" and attributes.get("rel") == "stylesheet" and (sheet := attributes.get("href")):
            self.loads.add(sheet)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Page]:
    """The site, as `make docs` builds it, by its pages' paths."""
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "sphinx",
            "-W",
            "-n",
            "-q",
            "-b",
            "html",
            DOCS,
            folder,
            "-d",
            folder / "cache",
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return {path: Page(path) for path in folder.glob("*.html")}


def test_every_document_is_a_page(site: dict[Path, Page]) -> None:
    assert {path.stem for path in PAGES} <= {path.stem for path in site}


def test_every_link_leads_somewhere(site: dict[Path, Page]) -> None:
    for path, page in site.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme:
                continue
            target = path.parent / unquote(parts.path) if parts.path else path
            assert target.exists(), (path.name, link)
            if parts.fragment and target in site:
                assert unquote(parts.fragment) in site[target].anchors, (path.name, link)


def test_no_page_loads_anything_from_elsewhere(site: dict[Path, Page]) -> None:
    for path, page in site.items():
        for loaded in page.loads:
            parts = urlsplit(loaded)
            assert not parts.netloc, (path.name, loaded)
            assert (path.parent / parts.path).exists(), (path.name, loaded)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    linked = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
    for name in linked:
        assert urlsplit(name).scheme or (page.parent / name).exists(), name
    paths = re.findall(r"`((?:hotelmate|tests|tools|docs|examples|web|deploy)/[\w./-]*)`", text)
    for name in paths:
        assert (ROOT / name).exists(), name


def graphql_samples() -> Iterator[tuple[str, str]]:
    for page in PAGES:
        for sample in re.findall(r"```graphql\n(.*?)```", page.read_text(), re.DOTALL):
            yield page.name, sample


@pytest.mark.parametrize(("page", "sample"), list(graphql_samples()))
def test_every_graphql_sample_is_valid(page: str, sample: str) -> None:
    schema = build_schema((ROOT / "schema.graphql").read_text())
    assert validate(schema, parse(sample)) == []


def commands_under(page: Path, heading: str) -> list[str]:
    section = page.read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\$ (.*)$", section, re.MULTILINE)


@pytest.mark.timeout(180)
def test_a_hotel_of_ones_own_begins_as_the_pages_say(tmp_path: Path) -> None:
    *commands, serve = commands_under(DOCS / "getting-started.md", "Your own hotel")
    assert serve == "hotelmate serve"
    assert commands_under(ROOT / "README.md", "What to expect") == [*commands, serve]
    environment = clean_environment() | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOTELMATE_NEW_PASSWORD": "a long password",
    }
    done = subprocess.run(
        ["sh", "-ec", "\n".join(commands)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "data-of-ours" / "hotelmate.sqlite3").exists()


def commands() -> dict[str, Any]:
    """All commands, by their names; groups have `commands` of their own."""
    group: Any = get_command(app)
    return {name: later.load() for name, later in group.commands.items()}


def test_every_command_that_a_page_names_is_one() -> None:
    for page in [*PAGES, ROOT / "README.md"]:
        named = re.findall(r"(?:^\$ |`)(hotelmate [a-z][^`\n]*)", page.read_text(), re.MULTILINE)
        for line in named:
            known = commands()
            for word in shlex.split(line)[1:]:
                # What follows a command that holds no others is its arguments.
                if not known:
                    break
                assert word in known, (page.name, line)
                known = getattr(known[word], "commands", None)


def test_every_command_is_on_its_page() -> None:
    page = (DOCS / "command-line.md").read_text()

    def named(commands: dict[str, Any], words: str) -> None:
        for name, each in commands.items():
            if hasattr(each, "commands"):
                named(each.commands, f"{words} {name}")
            else:
                assert f"`{words} {name}`" in page

    named(commands(), "hotelmate")


def test_the_architecture_names_every_part() -> None:
    page = (DOCS / "architecture.md").read_text()
    for part in (ROOT / "hotelmate").glob("*/__init__.py"):
        assert f"`{part.parent.name}/`" in page


async def test_every_figure_that_a_page_names_is_one(server: Server) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{server.url}/metrics") as response:
        shown = await response.text()
    for page in PAGES:
        for figure in re.findall(r"`(hotelmate_[a-z_]+)`", page.read_text()):
            assert f"# TYPE {figure} " in shown, (page.name, figure)
