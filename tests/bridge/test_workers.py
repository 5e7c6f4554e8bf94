"""Work that fails is told of, and stops nothing else."""

from structlog.testing import capture_logs

from hotelmate.bridge.workers import HotelWorkers
from hotelmate.errors import Unavailable


async def test_a_database_that_is_away_is_one_line_in_the_log() -> None:
    async def work(_hotel_id: int) -> bool:
        raise Unavailable

    workers = HotelWorkers(work, parallel=1)
    with capture_logs() as logs:
        workers.attend(7)
        await workers.stop(within_seconds=10)
    assert logs == [
        {
            "event": "work_failed",
            "log_level": "warning",
            "hotel_id": 7,
            "error": "The database cannot be reached. Nothing was changed.",
        }
    ]
