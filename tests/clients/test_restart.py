"""What happened while the bridge was stopped reaches pusher-js, in order, once it runs again."""

from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import select

from hotelmate.database import Database
from hotelmate.identity.actors import StaffActor
from hotelmate.models import Staff
from hotelmate.resolvers.clocking import toggle_clock
from tests.clients.fixtures import StartClient
from tests.server import Server


async def test_events_recorded_while_the_server_is_stopped_arrive_in_order_after_it_starts_again(
    tmp_path: Path, start_pusher_client: StartClient
) -> None:
    """One server stands in for Pusher with its embedded one, so that it can stay while the other stops."""
    async with Server.run(tmp_path / "pusher") as pusher_service:
        to_service = {
            "PUSHER_APP_ID": "1000",
            "PUSHER_KEY": "hotelmate-key",
            "PUSHER_SECRET": "hotelmate-secret",
            "PUSHER_HOST": "127.0.0.1",
            "PUSHER_PORT": str(pusher_service.port),
            "PUSHER_SSL": "false",
        }
        client = await start_pusher_client()
        await client.command(
            "connect",
            key="hotelmate-key",
            options={
                "cluster": "eu",
                "wsHost": "127.0.0.1",
                "wsPort": pusher_service.port,
                "forceTLS": False,
                "enabledTransports": ["ws"],
            },
        )
        await client.command("subscribe", channel="hotel-killarney")
        await client.wait_for("event", channel="hotel-killarney", name="pusher:subscription_succeeded")
        async with Server.run(tmp_path / "data", **to_service) as server:
            await server.data("mutation { toggleClock { action } }", token="demo-anna")
            await client.wait_for("event", name="clock-status-updated")
            await server.stop()

            clock_while_nobody_delivers(tmp_path / "data" / "hotelmate.sqlite3", times=25)

            await server.start()
            await server.data("mutation { toggleClock { action } }", token="demo-anna")
            await client.wait_for(
                "event",
                name="clock-status-updated",
                where=lambda report: report["data"]["meta"]["seq"] == 27,
                within=10,
            )
    seqs = [event["data"]["meta"]["seq"] for event in client.reported("event", name="clock-status-updated")]
    assert seqs == list(range(1, 28))


def clock_while_nobody_delivers(path: Path, *, times: int) -> None:
    database = Database(f"sqlite:///{path}")
    with database.reading() as reading:
        anna = reading.exec(select(Staff).where(Staff.first_name == "Anna")).one()
    actor = StaffActor(0, anna.id, anna.user_id, anna.hotel_id, datetime.max.replace(tzinfo=UTC))
    for _ in range(times):
        with database.transaction() as transaction:
            toggle_clock(transaction, actor, at=datetime.now(UTC))
    database.close()
