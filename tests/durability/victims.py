"""What is killed, in which order, and when it comes back."""

import asyncio
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from signal import SIGKILL

from tests.server import NotStarted, Server

# Kills come at random, independent of each other; so some come while things are still recovering.
_MEAN_PAUSE_SECONDS = 0.9
_LONGEST_PAUSE_SECONDS = 8.0
_MEAN_ABSENCE_SECONDS = 1.2
_LONGEST_ABSENCE_SECONDS = 15.0
_RETRY_SECONDS = 0.3
# With more than that nothing would be going on that a kill could harm.
_MOST_AWAY = 2


class Victim:
    """Something that is killed, and brought back as a service manager would do it."""

    def __init__(
        self,
        kind: str,
        start: Callable[[], Awaitable[None]],
        kill: Callable[[], Awaitable[None]],
        *,
        weight: int = 1,
        one_at_a_time: bool = False,
        part_of: "Victim | None" = None,
    ) -> None:
        """Describe one that is running.

        Args:
            kind: what the report calls it.
            start: returns when it is of use.
            kill: returns when it is gone.
            weight: how often it is chosen, compared with the others.
            one_at_a_time: whether it is left alone while another of its kind is away.
            part_of: what it goes with, and comes back with.
        """
        self.kind = kind
        self.weight = weight
        self.one_at_a_time = one_at_a_time
        self.is_away = False
        self._start = start
        self._kill = kill
        self._whole = part_of

    @property
    def is_up(self) -> bool:
        """Whether there is anything to kill."""
        return not self.is_away and (self._whole is None or self._whole.is_up)

    async def die(self) -> None:
        """Have it gone by SIGKILL."""
        self.is_away = True
        await self._kill()

    async def return_after(self, seconds: float) -> None:
        """Bring it back after a time, however often that takes: what it needs may be away as well."""
        await asyncio.sleep(seconds)
        while self.is_away:
            try:
                await self._start()
            except (NotStarted, TimeoutError):
                await self._kill()
                await asyncio.sleep(_RETRY_SECONDS)
            else:
                self.is_away = False


def server_and_worker(server: Server, *, workers: int, random: Random) -> tuple[Victim, Victim]:
    """Describe a `serve --workers`: all of it, as a machine that is gone, and any one of its processes."""

    async def kill_all() -> None:
        pids = _workers(server)
        await server.stop(SIGKILL)
        for pid in pids:
            _kill(pid)

    async def kill_one() -> None:
        _kill(random.choice(_workers(server)))

    async def have_all() -> None:
        while len(_workers(server)) < workers:
            await asyncio.sleep(_RETRY_SECONDS)

    whole = Victim("servers", server.start, kill_all, one_at_a_time=True)
    return whole, Victim("server processes", have_all, kill_one, weight=3, part_of=whole)


async def kill_at_random(
    victims: Sequence[Victim], *, kills: int, random: Random, on_kill: Callable[[Counter[str]], None]
) -> Counter[str]:
    """Kill so many times one of those that are up; returns the kills by kind when all are up again.

    Args:
        victims: what there is to kill.
        kills: how many times.
        random: decides what is killed, when, and for how long it is away.
        on_kill: told after each of the kills up to then.
    """
    done: Counter[str] = Counter()
    async with asyncio.TaskGroup() as returns:
        while done.total() < kills:
            await asyncio.sleep(_drawn(random, _MEAN_PAUSE_SECONDS, _LONGEST_PAUSE_SECONDS))
            away = Counter(victim.kind for victim in victims if victim.is_away)
            if away.total() < _MOST_AWAY:
                alive = [
                    victim
                    for victim in victims
                    if victim.is_up and not (victim.one_at_a_time and away[victim.kind])
                ]
                (victim,) = random.choices(alive, [victim.weight for victim in alive])
                await victim.die()
                done[victim.kind] += 1
                on_kill(done)
                absence = _drawn(random, _MEAN_ABSENCE_SECONDS, _LONGEST_ABSENCE_SECONDS)
                returns.create_task(victim.return_after(absence))
    return done


def _workers(server: Server) -> list[int]:
    """The processes that a server serves with."""
    if not server.is_running:
        return []
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children")
    with suppress(FileNotFoundError):
        return [int(pid) for pid in children.read_text().split()]
    return []


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, SIGKILL)


def _drawn(random: Random, mean: float, longest: float) -> float:
    return min(random.expovariate(1 / mean), longest)
