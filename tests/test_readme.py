"""The README's tour does what it says when it is pasted."""

import asyncio
import json
import os
import re
import shutil
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Self

from hotelmate.settings import CloudinarySettings, PusherSettings, Settings
from tests.clients.node import require_node
from tests.left_out import leave_out
from tests.server import Server

ROOT = Path(__file__).parents[1]
NODE_MODULES = ROOT / "tests" / "clients" / "node_modules"


def pasted_from(heading: str) -> list[str]:
    """The commands of a section of the README, in their order."""
    section = (ROOT / "README.md").read_text().partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return re.findall(r"```bash\n(.*?)```", section, flags=re.DOTALL)


class Pasted:
    """Commands as a reader pastes them, and the JSON objects that they have printed, SSE's framing aside."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.printed: list[dict[str, Any]] = []
        self._process = process
        self._reading = asyncio.create_task(self._read())

    @classmethod
    @asynccontextmanager
    async def run(cls, commands: str, server: Server, folder: Path) -> AsyncIterator[Self]:
        """Run commands against this server, and end them with the block."""
        process = await asyncio.create_subprocess_exec(
            "bash",
            "-c",
            commands.replace("8000", str(server.port)),
            cwd=folder,
            env=os.environ | {"PATH": f"{folder}/bin:{os.environ['PATH']}"},
            stdout=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        pasted = cls(process)
        try:
            yield pasted
        finally:
            # It may have ended by itself, noticed or not.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)
            await process.wait()
            await pasted._reading

    async def shows(self, wanted: Callable[[dict[str, Any]], bool], *, within: float = 10) -> dict[str, Any]:
        """Return the first object printed that is wanted."""
        async with asyncio.timeout(within):
            while not (found := [shown for shown in self.printed if wanted(shown)]):
                await asyncio.sleep(0.01)
        return found[0]

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            text = line.decode().strip().removeprefix("data:").strip()
            if text.startswith("{"):
                self.printed.append(json.loads(text))


def anything(_shown: dict[str, Any]) -> bool:
    return True


def stand_in_for_npm(folder: Path) -> None:
    """Answer `npm install` with the packages that the tests have installed, so that nothing is downloaded."""
    script = folder / "bin" / "npm"
    script.parent.mkdir()
    script.write_text(f'#!/bin/sh\n[ "$5" = pusher-js@8.6.0 ] && ln -sfn "{NODE_MODULES}" node_modules\n')
    script.chmod(0o755)


async def until_both_show(server: Server, on_graphql: Pasted, on_pusher: Pasted) -> None:
    """Clock Ben in and out until both watchers have shown it: only then do both watch for certain."""
    async with asyncio.timeout(20):
        while not (on_graphql.printed and on_pusher.printed):
            await server.data("mutation { toggleClock { action } }", token="demo-ben")
            await asyncio.sleep(0.1)


def require_shell() -> None:
    if shutil.which("curl") is None or shutil.which("bash") is None:
        leave_out("curl and bash, which the README's commands are pasted into")


async def test_the_five_minutes_show_what_they_promise(server: Server, tmp_path: Path) -> None:
    require_node()
    require_shell()
    stand_in_for_npm(tmp_path)
    watch_graphql, watch_pusher, clock_in, resume = pasted_from("Five minutes")
    async with (
        Pasted.run(watch_pusher, server, tmp_path) as on_pusher,
        Pasted.run(watch_graphql, server, tmp_path) as on_graphql,
    ):
        await until_both_show(server, on_graphql, on_pusher)
        async with Pasted.run(clock_in, server, tmp_path) as clocking:
            answer = (await clocking.shows(anything))["data"]["toggleClock"]
        assert answer["action"] == "CLOCK_IN"
        assert answer["staff"] == {"firstName": "Anna", "isOnDuty": True}
        seen = await on_graphql.shows(lambda shown: shown["data"]["clockStatus"]["firstName"] == "Anna")
        as_graphql = seen["data"]["clockStatus"]
        as_pusher = await on_pusher.shows(lambda shown: shown["first_name"] == "Anna")
    assert (as_graphql["action"], as_pusher["action"]) == ("CLOCK_IN", "clock_in")
    assert as_pusher["meta"]["seq"] == as_graphql["seq"]
    assert as_pusher["meta"]["cursor"] == as_graphql["cursor"]
    async with Pasted.run(clock_in, server, tmp_path) as clocking:
        await clocking.shows(anything)
    async with Pasted.run(resume, server, tmp_path) as resumed:
        missed = await resumed.shows(
            lambda shown: (
                shown["data"]["clockStatus"]["action"] == "CLOCK_OUT"
                and shown["data"]["clockStatus"]["firstName"] == "Anna"
            )
        )
    assert resumed.printed[0]["data"]["clockStatus"]["seq"] == 2
    assert missed["data"]["clockStatus"]["seq"] == as_graphql["seq"] + 1


def test_the_settings_table_names_every_setting_and_no_other() -> None:
    table = (ROOT / "README.md").read_text().partition("## Settings")[2].partition("\n## ")[0]
    named = set(re.findall(r"`((?:HOTELMATE|PUSHER|CLOUDINARY)_[A-Z0-9_]+)`", table))
    ours = {f"HOTELMATE_{field.upper()}" for field in Settings.model_fields} - {
        "HOTELMATE_PUSHER",
        "HOTELMATE_CLOUDINARY",
    }
    ours |= {f"PUSHER_{field.upper()}" for field in PusherSettings.model_fields}
    assert named == ours | {f"CLOUDINARY_{field.upper()}" for field in CloudinarySettings.model_fields}
