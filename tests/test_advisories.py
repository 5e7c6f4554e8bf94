"""What `make audit` makes of an advisory service: one that knows, one that knows nothing, and none."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tools.audit import LEFT_OUT, LOCKS, ROOT, VULNERABLE, read_accepted

TRIPWIRES = ("jinja2==2.10", "lodash@4.17.4")
NOBODY = "http://127.0.0.1:9"


@contextmanager
def service(*known: str) -> Iterator[str]:
    """Have a service that knows of these packages, and yield its address."""
    command = [sys.executable, "-m", "tests.advisory_service", *known]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


@pytest.fixture
def locks(tmp_path: Path) -> list[Path]:
    """A lock of each kind with one package."""
    (tmp_path / "run.lock").write_text(f"idna==3.6 \\\n    --hash=sha256:{'0' * 64}\n")
    package = {"name": "x", "version": "1.0.0", "dependencies": {"left-pad": "1.3.0"}}
    (tmp_path / "package.json").write_text(json.dumps(package))
    packages = {"": package, "node_modules/left-pad": {"version": "1.3.0"}}
    lock = {"name": "x", "version": "1.0.0", "lockfileVersion": 3, "packages": packages}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock))
    return [tmp_path / "run.lock", tmp_path / "package-lock.json"]


def audit(url: str, locks: list[Path], *, accepted: str = "") -> tuple[int, str]:
    file = locks[0].with_name("accepted.txt")
    file.write_text(accepted)
    command = [sys.executable, "-m", "tools.audit", *map(str, locks), "--accepted", str(file)]
    command += ["--osv-url", f"{url}/v1/query", "--npm-registry", url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_what_is_vulnerable_by_no_advisory_passes(locks: list[Path]) -> None:
    with service(*TRIPWIRES) as url:
        assert audit(url, locks) == (
            0,
            "pip-audit has looked up 1 locks\nnpm audit has looked up 1 locks\n",
        )


def test_what_is_vulnerable_is_named_and_fails_until_it_is_accepted(locks: list[Path]) -> None:
    with service(*TRIPWIRES, "idna==3.6", "left-pad@1.3.0") as url:
        code, said = audit(url, locks)
        assert (code, said.splitlines()[2:]) == (
            VULNERABLE,
            ["idna 3.6: PYSEC-idna Bad.", "left-pad: GHSA-left-pad Bad."],
        )
        reasons = "# ours\nGHSA-idna: we decode no names\n\nGHSA-left-pad: we pad nothing\n"
        assert audit(url, locks, accepted=reasons)[0] == 0
    with pytest.raises(SystemExit, match="GHSA-idna is accepted without a reason"):
        read_accepted("GHSA-idna:\n")


def test_what_is_accepted_for_nothing_fails(locks: list[Path]) -> None:
    with service(*TRIPWIRES) as url:
        code, said = audit(url, locks, accepted="GHSA-idna: we decode no names\n")
    assert code == VULNERABLE
    assert said.endswith("GHSA-idna is accepted, and not found any more: remove it\n")


def test_advisories_that_cannot_be_had_are_left_out_and_not_passed(locks: list[Path]) -> None:
    with service() as knows_nothing:
        for url in (knows_nothing, NOBODY):
            code, said = audit(url, locks, accepted="GHSA-idna: we decode no names\n")
            assert code == LEFT_OUT
            for auditor in ("pip-audit", "npm audit"):
                assert f"{auditor} is LEFT OUT, and nothing is known of 1 locks: " in said


def test_one_auditor_that_is_left_out_hides_nothing_that_the_other_finds(locks: list[Path]) -> None:
    with service(TRIPWIRES[0], "idna==3.6") as url:
        code, said = audit(url, locks)
    assert code == VULNERABLE
    assert "npm audit is LEFT OUT" in said
    assert said.endswith("idna 3.6: PYSEC-idna Bad.\n")


def test_every_lock_is_audited() -> None:
    tracked = subprocess.run(
        ["git", "ls-files", "*.lock", "*package-lock.json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert {str(lock.relative_to(ROOT)) for lock in LOCKS} == set(tracked.stdout.split())
