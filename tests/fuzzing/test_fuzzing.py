"""The short form of what `make fuzz` runs for longer."""

from pathlib import Path

import pytest

from tests.fuzzing.run import run

# Each is sent to two servers.
REQUESTS = 600
SEED = 5


@pytest.mark.timeout(300)
async def test_whatever_is_sent_is_answered_in_time_and_in_form(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    verdict = await run(tmp_path, seed=SEED, requests=REQUESTS)
    with capsys.disabled():
        print(f"\n{verdict}")
    assert verdict.faults == []
    assert verdict.sent.total() >= REQUESTS
