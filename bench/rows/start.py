"""How long `hotelmate serve` takes until it is ready, with the demo's data in SQLite already."""

import http.client
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import NamedTuple

from bench.cores import SERVER, on_core
from bench.plan import Benchmark, Plan
from bench.results import Row
from bench.servers.process import CannotServe, clean_environment, cpu_seconds

_MOST_SECONDS = 2
_STOP_SECONDS = 20
_PATIENCE_SECONDS = 60


class _Took(NamedTuple):
    seconds: float
    of_cpu: float


def _start(plan: Plan) -> Iterator[Row]:
    with TemporaryDirectory(dir=plan.folder) as data_dir:
        # The first start draws the demo's pictures.
        _until_ready(Path(data_dir))
        starts = [_until_ready(Path(data_dir)) for _ in range(plan.rounds)]
    yield Row(
        key="start",
        what="from `hotelmate serve` to /readyz, SQLite with data",
        value=median(start.seconds for start in starts),
        unit="s",
        goal=f"≤ {_MOST_SECONDS} s",
        note=f"{median(start.of_cpu for start in starts):.2f} s of CPU time",
    )


def _until_ready(data_dir: Path) -> _Took:
    environment = clean_environment() | {
        "HOTELMATE_DEMO": "1",
        "HOTELMATE_DATA_DIR": str(data_dir),
        "HOTELMATE_PORT": "0",
    }
    started = perf_counter()
    with on_core(SERVER):
        serving = subprocess.Popen(
            [sys.executable, "-m", "hotelmate", "serve"], env=environment, stderr=subprocess.PIPE, text=True
        )
    with serving as process:
        try:
            port = _announced_port(process)
            while not _is_ready(port):
                if perf_counter() - started > _PATIENCE_SECONDS:
                    raise CannotServe
                sleep(0.005)
            return _Took(perf_counter() - started, cpu_seconds(process.pid))
        finally:
            process.terminate()
            process.communicate(timeout=_STOP_SECONDS)


def _announced_port(process: "subprocess.Popen[str]") -> int:
    """Return the port of the address that the server welcomes with."""
    assert process.stderr is not None
    for line in process.stderr:
        _, found, rest = line.partition("serves at http://127.0.0.1:")
        if found:
            return int(rest.partition(",")[0])
    raise CannotServe


def _is_ready(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    with suppress(ConnectionError):
        connection.request("GET", "/readyz")
        return connection.getresponse().status == 200
    return False


BENCHMARKS = (Benchmark("start", _start),)
