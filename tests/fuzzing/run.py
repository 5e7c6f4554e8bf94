"""One run: both servers are started, sent everything, and held to account."""

import asyncio
import json
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import aiohttp

from tests.fuzzing import channels, graphql_frames, graphql_requests, raw_requests, rest_requests
from tests.fuzzing.twins import Twin, twins
from tests.fuzzing.verdict import Verdict
from tests.server import clean_environment

_VERIFY_SECONDS = 120

SHARES = {
    rest_requests.KIND: (rest_requests.send_all, 0.3),
    graphql_requests.KIND: (graphql_requests.send_all, 0.35),
    raw_requests.KIND: (raw_requests.send_all, 0.2),
    graphql_frames.KIND: (graphql_frames.send_all, 0.1),
    channels.FRAMES: (channels.send_all, 0.05),
}
"""Who sends what part of all."""


async def run(folder: Path, *, seed: int, requests: int) -> Verdict:
    """Draw so many requests, send each to both servers, and say what was found."""
    verdict = Verdict(seed)
    started = time.monotonic()
    async with twins(folder) as both:
        for kind, (send_all, share) in SHARES.items():
            await send_all(both, verdict, random=Random(f"{seed} {kind}"), count=int(requests * share))
        await asyncio.gather(*(_judge_end(twin, verdict) for twin in both.each))
    verdict.seconds = time.monotonic() - started
    return verdict


async def _judge_end(twin: Twin, verdict: Verdict) -> None:
    """The process is the one that was started, is ready, and has nothing to complain of."""
    if not twin.server.is_running:
        verdict.fault(f"the server on {twin.name} has ended", "")
    try:
        async with twin.client.get("/readyz") as response:
            if response.status != 200:
                verdict.fault(f"{twin.name} is not ready", "", await response.text())
    except (aiohttp.ClientError, TimeoutError) as error:
        verdict.fault(f"{twin.name} is not ready", "", error)
    verdict.judge_log(twin.name, twin.server.output.read_text())
    for hole in await asyncio.to_thread(_holes, twin):
        verdict.fault(f"{twin.name}: the event log does not tell what is there", "", hole)


def _holes(twin: Twin) -> list[str]:
    """Return what `hotelmate verify` names."""
    done = subprocess.run(
        [sys.executable, "-m", "hotelmate", "verify", "--json"],
        env=clean_environment() | twin.environment,
        capture_output=True,
        text=True,
        timeout=_VERIFY_SECONDS,
        check=False,
    )
    named = [line for line in done.stdout.splitlines() if "hole" in json.loads(line)]
    return named if done.returncode == 0 else [*named, done.stderr]
