import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cores, machine, report
from bench.results import Row, left_out
from bench.servers.process import ServerProcess
from tests.server import clean_environment


@pytest.mark.timeout(180)
def test_the_benchmark_measures_a_row() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--quick", "--only", "deliveries-pusher-100"],
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert "pusher-js, 100 subscribers" in ran.stdout
    assert "bare ASGI loop" in ran.stdout
    assert "docs/benchmarks.md" not in ran.stdout


def test_a_server_does_not_share_its_core_with_what_loads_it() -> None:
    before = os.sched_getaffinity(0)
    with ServerProcess.run("bare", 100, 1) as server:
        assert os.sched_getaffinity(server._process.pid) == {cores.SERVER}
        assert os.sched_getaffinity(0) == before


def test_a_row_that_does_not_exist_is_refused() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--only", "sales"], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 2
    assert "no row has such a name" in ran.stderr


def test_a_figure_stands_beside_that_of_the_last_commit_that_was_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for commit, figure in (("aaa", 100.0), ("bbb", 250.0), ("bbb", 260.0)):
        monkeypatch.setattr(machine, "commit", lambda commit=commit: commit)
        report.write(tmp_path, [Row("ws", "sockets", figure, "deliveries/s")], about=["a machine"])

    document = (tmp_path / "benchmarks.md").read_text()
    assert "at commit bbb; “before” is commit aaa." in document
    assert "| sockets | 260 deliveries/s |  |  |  |  | 100 |" in document


def test_a_row_that_could_not_be_measured_says_why(tmp_path: Path) -> None:
    report.write(tmp_path, [left_out("nchan", "beside nchan", "no apt-get")], about=[])

    document = (tmp_path / "benchmarks.md").read_text()
    assert "| beside nchan | left out |" in document
    assert "- beside nchan: left out: no apt-get" in document
