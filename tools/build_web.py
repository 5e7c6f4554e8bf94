"""Build the pages in `web/` into the package, where `hotelmate.web` serves them from.

    python -m tools.build_web          what a server needs
    python -m tools.build_web --dev    and what the tests of the pages need beside: types, format, axe-core

Does nothing when the pages are as their sources say. Where it cannot be done (no network), it says so in one
line and succeeds: the server runs without, and says in the pages' place how to build them.
"""

import hashlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

from tools.node import CannotInstall, install_packages, packages_are_installed, run

ROOT = Path(__file__).parents[1]
SOURCES = ROOT / "web"
BUILT = ROOT / "hotelmate" / "web" / "static"
STAMP = BUILT / ".built-from"

_MADE_HERE = {"node_modules", "dist"}


def is_current() -> bool:
    """Tell whether the built pages are those of the present sources."""
    return STAMP.is_file() and STAMP.read_text() == _sources_digest()


def build(*, with_dev: bool) -> None:
    """Make `is_current` true, and with `with_dev` have every package of the lock installed.

    Raises:
        CannotInstall: it could not be done; what was built before is still there.
    """
    if with_dev and not packages_are_installed(SOURCES):
        install_packages(SOURCES)
    if is_current():
        return
    sys.stdout.write("Building the pages (a minute the first time) …\n")
    sys.stdout.flush()
    digest = _sources_digest()
    node = install_packages(SOURCES, with_dev=with_dev)
    vite = SOURCES / "node_modules" / "vite" / "bin" / "vite.js"
    run(str(node.executable), str(vite), "build", "--logLevel", "error", cwd=SOURCES)
    output = SOURCES / "dist"
    (output / STAMP.name).write_text(digest)
    shutil.rmtree(BUILT, ignore_errors=True)
    shutil.move(output, BUILT)


def _sources_digest() -> str:
    digest = hashlib.sha256()
    for path in _sources():
        digest.update(f"{path.relative_to(SOURCES).as_posix()}\0{path.stat().st_size}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _sources() -> Iterator[Path]:
    for entry in sorted(SOURCES.iterdir()):
        if entry.is_file():
            yield entry
        elif entry.name not in _MADE_HERE:
            yield from sorted(path for path in entry.rglob("*") if path.is_file())


if __name__ == "__main__":
    try:
        build(with_dev="--dev" in sys.argv[1:])
    except CannotInstall as error:
        sys.stderr.write(f"The pages could not be built, the rest works without them: {error}\n")
