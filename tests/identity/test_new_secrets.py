"""A secret key is replaced as `docs/operating.md` says, and guests' links live through it."""

import re
import subprocess
from pathlib import Path

from tests.server import Server, clean_environment

PAGE = Path(__file__).parents[2] / "docs" / "operating.md"
BOOK = """mutation { createBooking(hotelSlug: "killarney", input: {
    roomTypeId: "1", guestName: "Ada", guestEmail: "ada@guests.example",
    arrival: "2040-06-15", departure: "2040-06-17"
}) { guestToken } }"""


async def test_guests_links_work_until_the_old_key_is_taken_away(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    async with Server.run(data_dir) as server:
        old = await booked(server)
    previous = previous_key_as_the_page_says(tmp_path)
    assert not (data_dir / "secret.key").exists()
    async with Server.run(data_dir, HOTELMATE_PREVIOUS_SECRET_KEY=previous) as server:
        new = await booked(server)
        assert [await opens(server, token) for token in (old, new)] == [True, True]
    async with Server.run(data_dir) as server:
        assert [await opens(server, token) for token in (old, new)] == [False, True]


def previous_key_as_the_page_says(folder: Path) -> str:
    """Do what stands there before the server is started again; returns what it has set."""
    section = PAGE.read_text().partition("## New secrets\n")[2].partition("\n## ")[0]
    *commands, serve = re.findall(r"^\$ (.*)$", section, re.MULTILINE)
    assert serve == "hotelmate serve"
    done = subprocess.run(
        ["sh", "-ec", "\n".join([*commands, 'printf %s "$HOTELMATE_PREVIOUS_SECRET_KEY"'])],
        cwd=folder,
        env=clean_environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


async def booked(server: Server) -> str:
    token: str = (await server.data(BOOK))["createBooking"]["guestToken"]
    return token


async def opens(server: Server, token: str) -> bool:
    return (await server.data("{ viewer { __typename } }", token=token))["viewer"] is not None
