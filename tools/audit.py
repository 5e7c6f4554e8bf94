"""Hold what is locked against the published advisories: no package with a known vulnerability.

    python -m tools.audit              every lock of ours
    python -m tools.audit FILE …       these requirements and package-lock.json files

Exits with 1 when a package is vulnerable or could not be looked up, and with 75 when the advisories cannot be
had. A service that cannot be reached, or answers for an index without advisories, makes the auditors say that
all is well; so each is first asked about a version that is known to be vulnerable, and is believed only when
it says so. Leaving out is not failing, other than with the tests: that an advisory service is away tells of
the world outside and nothing of this clone, which would pass an hour later as it is.

What is known and accepted stands with its reason in `requirements/accepted-advisories.txt`.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tools.node import find_node

ROOT = Path(__file__).parents[1]
ACCEPTED = ROOT / "requirements" / "accepted-advisories.txt"
LOCKS = (
    *sorted((ROOT / "requirements").glob("*.lock")),
    *(ROOT / folder / "package-lock.json" for folder in ("web", "tests/clients", "examples")),
)
VULNERABLE, LEFT_OUT = 1, 75

_NPM_LOCK = "package-lock.json"
_SECONDS = 600
# Known to be vulnerable for years, and for good.
_PYTHON_TRIPWIRE = "jinja2==2.10\n"
_NPM_TRIPWIRE = {
    "name": "tripwire",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "packages": {
        "": {"name": "tripwire", "version": "1.0.0", "dependencies": {"lodash": "4.17.4"}},
        "node_modules/lodash": {"version": "4.17.4"},
    },
}


class NoAdvisories(Exception):
    """An auditor cannot be had, or answers without knowing advisories; the message says why."""


@dataclass(frozen=True)
class Finding:
    """A package that is vulnerable by an advisory, with all its names; without any, one not looked up."""

    package: str
    names: frozenset[str]
    says: str


Audit = Callable[[Path], Sequence[Finding]]
"""Looks up a lock file.

Raises:
    NoAdvisories: nothing could be found out.
"""

Tripwire = Callable[[Path], Path]
"""Writes a lock file with what is known to be vulnerable into a folder."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Audit, say what was found, and return the exit code."""
    parser = argparse.ArgumentParser(prog="tools.audit", description="Look up what is locked.")
    parser.add_argument("locks", nargs="*", type=Path, default=LOCKS)
    parser.add_argument("--accepted", type=Path, default=ACCEPTED)
    parser.add_argument("--osv-url", help="ask this service in the form of OSV, and not the package index")
    parser.add_argument("--npm-registry", help="ask this registry")
    given = parser.parse_args(arguments)
    accepted = read_accepted(given.accepted.read_text())
    of_npm = [lock for lock in given.locks if lock.name == _NPM_LOCK]
    of_python = [lock for lock in given.locks if lock.name != _NPM_LOCK]
    audits: tuple[tuple[str, Audit, Tripwire, Sequence[Path]], ...] = (
        ("pip-audit", partial(_python_findings, osv_url=given.osv_url), _python_tripwire, of_python),
        ("npm audit", partial(_npm_findings, registry=given.npm_registry), _npm_tripwire, of_npm),
    )
    findings: list[Finding] = []
    is_left_out = False
    for auditor, audit, tripwire, locks in audits:
        try:
            findings += _findings(audit, tripwire, locks)
        except NoAdvisories as reason:
            is_left_out = True
            print(f"{auditor} is LEFT OUT, and nothing is known of {len(locks)} locks: {reason}")
        else:
            print(f"{auditor} has looked up {len(locks)} locks")
    objections = [*_objections(findings, accepted, is_complete=not is_left_out)]
    print(*objections, sep="\n", end="\n" if objections else "")
    if objections:
        return VULNERABLE
    return LEFT_OUT if is_left_out else 0


def _objections(
    findings: Sequence[Finding], accepted: Mapping[str, str], *, is_complete: bool
) -> Iterator[str]:
    """Say what is not accepted, and once everything was looked up what is accepted for nothing."""
    for finding in findings:
        if not finding.names & accepted.keys():
            yield f"{finding.package}: {finding.says}"
    found = frozenset().union(*(finding.names for finding in findings))
    for name in sorted(accepted.keys() - found) if is_complete else ():
        yield f"{name} is accepted, and not found any more: remove it"


def read_accepted(text: str) -> Mapping[str, str]:
    """Return the reasons by advisory: a line each, `GHSA-…: why it does not matter here`, and remarks with #.

    Raises:
        SystemExit: one has no reason.
    """
    accepted = {}
    for line in text.splitlines():
        name, _, reason = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not reason.strip():
            raise SystemExit(f"{name} is accepted without a reason")
        accepted[name.strip()] = reason.strip()
    return accepted


def _findings(audit: Audit, tripwire: Tripwire, locks: Sequence[Path]) -> list[Finding]:
    if not locks:
        return []
    with tempfile.TemporaryDirectory() as folder:
        wire = tripwire(Path(folder))
        if not any(finding.names for finding in audit(wire)):
            raise NoAdvisories("of a version that is known to be vulnerable nothing is known here")
    return [finding for lock in locks for finding in audit(lock)]


def _python_tripwire(folder: Path) -> Path:
    file = folder / "requirements.txt"
    file.write_text(_PYTHON_TRIPWIRE)
    return file


def _npm_tripwire(folder: Path) -> Path:
    package = {"name": "tripwire", "version": "1.0.0", "dependencies": {"lodash": "4.17.4"}}
    (folder / "package.json").write_text(json.dumps(package))
    file = folder / _NPM_LOCK
    file.write_text(json.dumps(_NPM_TRIPWIRE))
    return file


def _python_findings(lock: Path, *, osv_url: str | None) -> Sequence[Finding]:
    service = ["--vulnerability-service", "osv", "--osv-url", osv_url] if osv_url else []
    # What an earlier run has kept would hide that the advisories cannot be had.
    with tempfile.TemporaryDirectory() as cache:
        said = _said(
            *(sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--no-deps", "--disable-pip"),
            *("--format", "json", "--progress-spinner", "off", "--cache-dir", cache, *service),
            cwd=ROOT,
        )
    return [finding for package in said["dependencies"] for finding in _of_python_package(package)]


def _of_python_package(package: Mapping[str, Any]) -> Iterator[Finding]:
    if "skip_reason" in package:
        yield Finding(package["name"], frozenset(), package["skip_reason"])
    for found in package.get("vulns", ()):
        name = f"{package['name']} {package['version']}"
        yield Finding(
            name, frozenset({found["id"], *found["aliases"]}), f"{found['id']} {found['description']}"
        )


def _npm_findings(lock: Path, *, registry: str | None) -> Sequence[Finding]:
    node = find_node()
    if node is None:
        raise NoAdvisories("there is no Node here")
    asked = ["--registry", registry] if registry else []
    said = _said(*node.npm, "audit", "--package-lock-only", "--json", *asked, cwd=lock.parent)
    if "vulnerabilities" not in said:
        raise NoAdvisories(str(said.get("message", said)))
    vulnerable = said["vulnerabilities"].values()
    # What is vulnerable by another only names that one, which stands for itself.
    return [
        Finding(found["name"], frozenset({_advisory(found)}), f"{_advisory(found)} {found['title']}")
        for package in vulnerable
        for found in package["via"]
        if isinstance(found, dict)
    ]


def _advisory(found: Mapping[str, Any]) -> str:
    return str(found["url"]).rpartition("/")[2]


def _said(*command: str, cwd: Path) -> dict[str, Any]:
    """Run an auditor and return what it says; its exit code tells no more."""
    done = subprocess.run(  # noqa: S603 - commands of ours
        command, cwd=cwd, capture_output=True, text=True, check=False, timeout=_SECONDS
    )
    try:
        said: dict[str, Any] = json.loads(done.stdout)
    except ValueError:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise NoAdvisories(last) from None
    return said


if __name__ == "__main__":
    sys.exit(main())
