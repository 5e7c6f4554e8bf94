"""A server's garbage collector has little to look at."""

import json
import os
import subprocess
import sys

_SETTLED = """
import gc, json
from hotelmate.app import Application
from hotelmate.cli.server import settle
from hotelmate.settings import load
application = Application(load())
before = len(gc.get_objects())
settle()
print(json.dumps([before, len(gc.get_objects()), gc.get_threshold()[0]]))
"""


def test_what_is_there_at_the_start_is_never_collected(tmp_path: os.PathLike[str]) -> None:
    environment = {**os.environ, "HOTELMATE_DATA_DIR": os.fspath(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", _SETTLED], capture_output=True, check=True, env=environment, text=True
    ).stdout
    before, after, threshold = json.loads(said.splitlines()[-1])
    assert before > 100_000
    assert after < 1_000
    assert threshold == 20_000
