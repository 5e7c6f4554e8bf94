"""The build step: built again when a source has changed, and no obstacle where it cannot be done."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.web.browsing import require_pages
from tools.build_web import ROOT, SOURCES, STAMP


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the build step works on, as built as the original, without the packages."""
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    shutil.copytree(ROOT / "requirements", tmp_path / "requirements")
    shutil.copytree(SOURCES, tmp_path / "web", ignore=shutil.ignore_patterns("node_modules", "dist"))
    stamp = tmp_path / STAMP.relative_to(ROOT)
    stamp.parent.mkdir(parents=True)
    if STAMP.is_file():
        shutil.copy(STAMP, stamp)
    return tmp_path


def build(checkout: Path) -> subprocess.CompletedProcess[str]:
    """Run the step on a machine with neither Node nor a network."""
    return subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(checkout)!r}); {MAIN}"],
        cwd=checkout,
        env={"PATH": "", "PIP_NO_INDEX": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


MAIN = "import runpy; runpy.run_module('tools.build_web', run_name='__main__')"


def test_pages_that_are_as_their_sources_say_are_left_alone(checkout: Path) -> None:
    require_pages()
    done = build(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_a_changed_source_that_cannot_be_built_is_said_in_one_line(checkout: Path) -> None:
    source = checkout / "web" / "src" / "landing" / "main.tsx"
    source.write_text(source.read_text() + "// changed\n")
    done = build(checkout)
    assert done.returncode == 0
    assert done.stderr.startswith("The pages could not be built, the rest works without them: ")
    assert done.stderr.count("\n") == 1
