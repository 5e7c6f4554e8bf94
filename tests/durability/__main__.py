"""Kill servers, PostgreSQL and Redis at random under load, and report what was lost: nothing, or exit 1."""

import argparse
import asyncio
import random
import sys
from collections import Counter

from tests.durability.run import run

_TOLD_EVERY = 20


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.durability", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="as an earlier report names it")
    arguments = parser.parse_args()
    seed = random.randrange(1_000_000) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    verdict = asyncio.run(run(seed=seed, kills=arguments.kills, on_kill=_tell))
    print(verdict)
    return 1 if verdict.faults else 0


def _tell(done: Counter[str]) -> None:
    if done.total() % _TOLD_EVERY == 0:
        print(f"{done.total()} kills", flush=True)


if __name__ == "__main__":
    sys.exit(main())
