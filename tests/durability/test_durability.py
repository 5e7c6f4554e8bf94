"""The short form of what `make durability` runs for longer."""

import pytest

from tests.durability.run import run

KILLS = 12
SEED = 7


@pytest.mark.timeout(300)
async def test_whatever_is_killed_nothing_is_lost_doubled_or_reordered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    verdict = await run(seed=SEED, kills=KILLS)
    with capsys.disabled():
        print(f"\n{verdict}")
    assert verdict.faults == []
    assert verdict.kills.total() == KILLS
    assert verdict.acknowledged > 0
