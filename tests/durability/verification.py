"""What everybody has written down, in the form that `hotelmate verify --ledger` takes, and what that says."""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.durability.followers import Notes
from tests.server import clean_environment

_SECONDS = 120


def holes(
    database_url: str, folder: Path, followers: Iterable[Notes], requests: Sequence[Mapping[str, Any]]
) -> list[str]:
    """Return what the command names, which is nothing when all is well."""
    ledger = folder / "ledger.jsonl"
    with ledger.open("w") as file:
        for line in _lines(followers, requests):
            file.write(f"{json.dumps(line)}\n")
    done = subprocess.run(
        [sys.executable, "-m", "hotelmate", "verify", "--json", "--ledger", str(ledger)],
        env=clean_environment() | {"HOTELMATE_DATABASE_URL": database_url},
        capture_output=True,
        text=True,
        timeout=_SECONDS,
        check=False,
    )
    named = [line for line in done.stdout.splitlines() if "hole" in json.loads(line)]
    return named if done.returncode == 0 else [*named, done.stderr]


def _lines(followers: Iterable[Notes], requests: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, object]]:
    for notes in followers:
        yield {"receiver": notes.name, "after": notes.began_at}
        for arrival in notes.arrivals:
            yield {"receiver": notes.name, "cursor": arrival.cursor}
    for request in requests:
        for message in request["batch"]:
            cursor = json.loads(message["data"])["meta"]["cursor"]
            yield {"receiver": "pusher", "channel": message["channel"], "cursor": cursor}
