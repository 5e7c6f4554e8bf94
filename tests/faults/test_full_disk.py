"""A full disk refuses what would be written, says so, and loses nothing that was acknowledged."""

import os
import pwd
import shutil
import signal
from pathlib import Path
from typing import Any

import aiohttp
import psycopg
import pytest

from hotelmate.database import Database
from hotelmate.settings import load
from tests.databases import fill, seeded_sqlite
from tests.faults.small_disk import SmallDisk
from tests.postgresql_server import PostgresqlServer
from tests.processes.cluster import socket_to
from tests.server import Server
from tests.test_cli import assert_one_line, hotelmate

FULL = "The database's disk is full. Nothing was changed."
OFFER = """mutation ($title: String!, $text: String!) {
  createOffer(input: {title: $title, shortDescription: "s", detailsText: $text}) { id }
}"""
OFFERS = '{ hotel(slug: "killarney") { offers(includeInactive: true) { title } } }'
FOLLOW = "subscription { hotelEvents { seq ... on OfferCreated { offer { title } } } }"
SIZE = 9000


class Offers:
    """Makes offers, and remembers which were acknowledged."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._made = 0
        self.acknowledged: list[str] = []

    async def make(self) -> dict[str, Any]:
        self._made += 1
        title, text = f"Offer {self._made}", "x" * SIZE
        answer = await self._server.execute(OFFER, token="demo-anna", title=title, text=text)
        if "errors" not in answer:
            self.acknowledged.append(title)
        return answer

    async def make_until_refused(self) -> dict[str, Any]:
        """Return the refusal."""
        for _ in range(1000):
            answer = await self.make()
            if "errors" in answer:
                return answer
        raise AssertionError("the disk is larger than that")

    async def assert_all_there(self) -> None:
        """Each that was acknowledged is there once, and nothing else is."""
        data = await self._server.data(OFFERS, token="demo-anna")
        titles = [offer["title"] for offer in data["hotel"]["offers"]]
        assert sorted(title for title in titles if title.startswith("Offer ")) == sorted(self.acknowledged)


async def assert_refused_for_want_of_room(server: Server, offers: Offers) -> None:
    refusal = await offers.make_until_refused()
    [error] = refusal["errors"]
    assert error["message"] == FULL
    assert error["extensions"]["code"] == "INTERNAL"
    async with (
        aiohttp.ClientSession(headers={"Authorization": "Token demo-anna"}) as session,
        session.post(
            f"{server.url}/api/staff/hotel/killarney/offers/",
            json={"title": "Refused", "short_description": "s", "details_text": "x" * SIZE},
        ) as response,
    ):
        assert response.status == 503
        assert response.headers["Retry-After"]
        assert (await response.json())["error"] == FULL


@pytest.mark.timeout(180)
async def test_sqlite_on_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    with SmallDisk.mounted(tmp_path / "disk", megabytes=4) as disk:
        data_dir = disk.path / "data"
        async with Server.run(data_dir) as server, socket_to(server, "demo-ben") as socket:
            offers = Offers(server)
            await socket.subscribe("1", FOLLOW)
            for _ in range(3):
                await offers.make()
            disk.fill()
            await assert_refused_for_want_of_room(server, offers)
            await offers.assert_all_there()

            await server.stop(signal.SIGKILL)
            await server.start()
            await offers.assert_all_there()
            assert (await offers.make_until_refused())["errors"][0]["message"] == FULL
            disk.clear()
            await offers.make()
            await offers.assert_all_there()
        done = hotelmate("verify", data_dir=data_dir)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout


def test_a_full_disk_takes_no_backup_and_no_restore_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    with SmallDisk.mounted(tmp_path / "disk", megabytes=2) as disk:
        shutil.copy(seeded_sqlite(), disk.path / "hotelmate.sqlite3")
        backup = str(tmp_path / "backup")
        assert hotelmate("db", "backup", backup, data_dir=disk.path).returncode == 0
        disk.fill()
        refused = hotelmate("db", "backup", str(disk.path / "backup"), data_dir=disk.path)
        assert_one_line(refused, names="full")
        refused = hotelmate("db", "restore", "--yes", backup, data_dir=disk.path)
        assert_one_line(refused, names="full")
        left = {path.name for path in disk.path.iterdir()}
        assert left - {"hotelmate.sqlite3-wal", "hotelmate.sqlite3-shm"} == {"ballast", "hotelmate.sqlite3"}
        disk.clear()
        assert hotelmate("verify", data_dir=disk.path).returncode == 0


@pytest.mark.timeout(180)
async def test_postgresql_on_a_full_disk_refuses_and_loses_nothing(tmp_path: Path) -> None:
    async with PostgresqlServer.run() as postgresql:
        folder = Path(postgresql.folder)
        with SmallDisk.mounted(folder / "small", megabytes=24) as disk:
            owner = pwd.getpwnam("postgres")
            os.chown(disk.path, owner.pw_uid, owner.pw_gid)
            with psycopg.connect(postgresql.url, autocommit=True) as connection:
                connection.execute(f"CREATE TABLESPACE small LOCATION '{disk.path}'")
                connection.execute("CREATE DATABASE hotelmate TABLESPACE small")
            url = f"{postgresql.url.rpartition('/')[0]}/hotelmate"
            fill(Database(load(database_url=url).database))
            environment = {"HOTELMATE_DATABASE_URL": url}
            async with Server.run(tmp_path, **environment) as server, socket_to(server, "demo-ben") as socket:
                offers = Offers(server)
                await socket.subscribe("1", FOLLOW)
                disk.fill()
                await assert_refused_for_want_of_room(server, offers)
                await offers.assert_all_there()
                disk.clear()
                await offers.make()
                await offers.assert_all_there()
                heard = await socket.hear_nexts(len(offers.acknowledged))
                titles = [payload["data"]["hotelEvents"]["offer"]["title"] for payload in heard]
                assert titles == offers.acknowledged
            done = hotelmate("verify", data_dir=tmp_path, **environment)
            assert (done.returncode, done.stderr) == (0, ""), done.stdout
