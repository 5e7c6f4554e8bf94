"""A client that runs elsewhere: it is told what to do, and what it reports is kept to be waited for."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any

Report = dict[str, Any]

WAIT_SECONDS = 15.0


class Client(ABC):
    """Obeys commands by name, wherever it runs. `reports` holds all that it has reported, oldest first."""

    def __init__(self) -> None:
        self.reports: list[Report] = []
        self._untaken: list[Report] = []
        self._arrived = asyncio.Event()

    @abstractmethod
    async def command(self, name: str, **options: Any) -> None:
        """Send a command; what comes of it is a report to wait for."""

    async def wait_for(
        self,
        report: str,
        /,
        *,
        within: float = WAIT_SECONDS,
        where: Callable[[Report], bool] | None = None,
        **facts: Any,
    ) -> Report:
        """Return the first report of this name with these facts that no earlier call has returned.

        It may have arrived before the call. `where` is for what equality cannot say.

        Raises:
            AssertionError: None came within that many seconds, or the client ended; says what did come.
        """
        wanted = {"report": report, **facts}

        def matches(candidate: Report) -> bool:
            return wanted.items() <= candidate.items() and (where is None or where(candidate))

        try:
            async with asyncio.timeout(within):
                return await self._take(matches)
        except TimeoutError:
            raise AssertionError(f"no {wanted} within {within} s; {self._story()}") from None

    def reported(self, report: str, /, **facts: Any) -> list[Report]:
        """List all reports so far of this name with these facts, taken by `wait_for` or not."""
        wanted = {"report": report, **facts}
        return [candidate for candidate in self.reports if wanted.items() <= candidate.items()]

    @abstractmethod
    def has_ended(self) -> bool:
        """Whether nothing more can be reported."""

    @abstractmethod
    def complaints(self) -> str:
        """What else the client has said, for whoever reads of a failure."""

    def _keep(self, report: Report) -> None:
        self.reports.append(report)
        self._untaken.append(report)
        self._arrived.set()

    async def _take(self, matches: Callable[[Report], bool]) -> Report:
        while True:
            for index, candidate in enumerate(self._untaken):
                if matches(candidate):
                    return self._untaken.pop(index)
            if self.has_ended():
                raise AssertionError(f"the client has ended; {self._story()}")
            self._arrived.clear()
            await self._arrived.wait()

    def _story(self) -> str:
        reports = "\n".join(f"  {report}" for report in self.reports)
        return f"it reported:\n{reports}\nand said besides:\n{self.complaints()}"
