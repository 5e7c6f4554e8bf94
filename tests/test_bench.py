import subprocess
import sys

from tests.server import clean_environment


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


def test_a_row_that_does_not_exist_is_refused() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "bench", "--only", "sales"], capture_output=True, text=True, check=False
    )

    assert ran.returncode == 2
    assert "no row has such a name" in ran.stderr
