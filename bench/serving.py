"""HotelMate, running for a measurement."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from bench.servers.process import ServerProcess


@contextmanager
def hotelmate(
    folder: Path,
    database_url: str,
    *,
    publishes: str = "graphql",
    hotels: int = 1,
    settings: Mapping[str, str] = MappingProxyType({}),
) -> Iterator[ServerProcess]:
    """Run HotelMate on a database, with other settings as environment variables.

    Events that it is told to publish are of so many hotels, and go to subscriptions, or with "channels" to
    the embedded server.
    """
    with TemporaryDirectory(dir=folder) as data_dir:
        environment = {
            "HOTELMATE_DATA_DIR": data_dir,
            "HOTELMATE_DATABASE_URL": database_url,
            # What is published is not in the log, where the poll would look for it.
            "HOTELMATE_POLL_SECONDS": "3600",
            # Counted as ever, though one member of the staff clocks in hundreds of times a second.
            "HOTELMATE_CHANGE_RATE": "100000/second",
            # All clients come from one machine, as one member of the staff.
            "HOTELMATE_SOCKETS_PER_ADDRESS": "1000000",
            "HOTELMATE_SOCKETS_PER_ACTOR": "1000000",
            **settings,
        }
        with ServerProcess.run("hotelmate", publishes, hotels, environment=environment) as server:
            yield server
