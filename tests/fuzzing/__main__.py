"""Send servers whatever they may trip over, and report what they made of it: nothing amiss, or exit 1."""

import argparse
import asyncio
import random
import sys
import tempfile
from pathlib import Path

from tests.fuzzing.run import run


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="tests.fuzzing", description=__doc__)
    parser.add_argument("--requests", type=int, default=10_000, help="each is sent to both servers")
    parser.add_argument("--seed", type=int, default=None, help="as an earlier report names it")
    arguments = parser.parse_args()
    seed = random.randrange(1_000_000) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        verdict = asyncio.run(run(Path(folder), seed=seed, requests=arguments.requests))
    print(verdict)
    return 1 if verdict.faults else 0


if __name__ == "__main__":
    sys.exit(main())
