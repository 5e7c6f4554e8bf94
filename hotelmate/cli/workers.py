"""Several processes that serve one listening socket, and one that looks after them."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import structlog

_STOPPING = (signal.SIGTERM, signal.SIGINT)
_LONGEST_WAIT_SECONDS = 1.0
# A worker that ends sooner than this after its start would do so again.
_SETTLED_SECONDS = 5.0
_FIRST_PAUSE_SECONDS = 0.5
_LONGEST_PAUSE_SECONDS = 10.0

logger = structlog.get_logger(__name__)


@dataclass(slots=True)
class Worker:
    """A place for one process; `pid` is None while there is none."""

    number: int
    pid: int | None = None
    started_at: float = 0.0
    starts_at: float = 0.0
    pause_seconds: float = 0.0

    def note_end(self, now: float) -> None:
        """Note that the process has ended. The next starts at once, or later and later when they end soon."""
        self.pid = None
        if now - self.started_at >= _SETTLED_SECONDS:
            self.pause_seconds = 0.0
        else:
            self.pause_seconds = min(
                max(2 * self.pause_seconds, _FIRST_PAUSE_SECONDS), _LONGEST_PAUSE_SECONDS
            )
        self.starts_at = now + self.pause_seconds


class Supervisor:
    """Keeps so many workers going until it is told to stop, and ends when they have ended.

    A worker is a fork of this process, which therefore must have neither threads nor an event loop. Workers
    notice when this process is gone, however it went: the pipe that they hold the reading end of is closed.
    """

    def __init__(
        self, listener: socket.socket, work: Callable[[int], None], *, workers: int, stop_seconds: float
    ) -> None:
        """Prepare to run workers.

        Args:
            listener: what they serve; closed here as they are told to stop.
            work: what each does, given the reading end of the pipe.
            workers: how many there are to be.
            stop_seconds: how long they may take to end after SIGTERM; then they are killed.
        """
        self._listener = listener
        self._work = work
        self._workers = [Worker(number) for number in range(1, workers + 1)]
        self._stop_seconds = stop_seconds
        self._is_stopping = False

    def run(self) -> None:
        """Look after the workers until SIGTERM or SIGINT comes, and then end them."""
        self._lifeline, self._held = os.pipe()
        with _woken_by_signals(self._stop) as wakes:
            while not self._is_stopping:
                self._start_due()
                self._wait(wakes, self._seconds_until_next_start())
                self._reap()
            self._end_all(wakes)

    def _stop(self) -> None:
        self._is_stopping = True

    def _start_due(self) -> None:
        for worker in self._workers:
            if worker.pid is None and time.monotonic() >= worker.starts_at:
                self._start(worker)

    def _start(self, worker: Worker) -> None:
        worker.started_at = time.monotonic()
        pid = os.fork()
        if pid == 0:
            self._become_worker()
        worker.pid = pid
        logger.info("worker_started", worker=worker.number, pid=pid)

    def _become_worker(self) -> None:
        status = 1
        try:
            for number in (*_STOPPING, signal.SIGCHLD):
                signal.signal(number, signal.SIG_DFL)
            signal.set_wakeup_fd(-1)
            # Ctrl-C is for the supervisor, which passes it on once.
            os.setpgid(0, 0)
            os.close(self._held)
            self._work(self._lifeline)
            status = 0
        except Exception:
            logger.exception("worker_failed")
        finally:
            os._exit(status)

    def _seconds_until_next_start(self) -> float:
        waiting = [worker.starts_at - time.monotonic() for worker in self._workers if worker.pid is None]
        return max(0.0, min([_LONGEST_WAIT_SECONDS, *waiting]))

    @staticmethod
    def _wait(wakes: int, seconds: float) -> None:
        """Wait for a signal, of which only that it came matters here."""
        if select.select([wakes], [], [], seconds)[0]:
            os.read(wakes, 4096)

    def _reap(self) -> None:
        for worker in self._workers:
            if worker.pid is None:
                continue
            pid, status = os.waitpid(worker.pid, os.WNOHANG)
            if pid:
                if not self._is_stopping:
                    logger.error(
                        "worker_ended",
                        worker=worker.number,
                        pid=pid,
                        status=os.waitstatus_to_exitcode(status),
                    )
                worker.note_end(time.monotonic())

    def _end_all(self, wakes: int) -> None:
        """Ask the workers to end, and make those end that do not."""
        deadline = time.monotonic() + self._stop_seconds
        self._listener.close()
        self._signal_all(signal.SIGTERM)
        while self._has_workers() and time.monotonic() < deadline:
            self._wait(wakes, 0.1)
            self._reap()
        if self._has_workers():
            logger.error("workers_killed", after_seconds=self._stop_seconds)
            self._signal_all(signal.SIGKILL)
        while self._has_workers():
            time.sleep(0.01)
            self._reap()

    def _has_workers(self) -> bool:
        return any(worker.pid is not None for worker in self._workers)

    def _signal_all(self, number: signal.Signals) -> None:
        for worker in self._workers:
            if worker.pid is not None:
                os.kill(worker.pid, number)


@contextmanager
def _woken_by_signals(stop: Callable[[], None]) -> Iterator[int]:
    """Call `stop` on SIGTERM and SIGINT; yields a pipe that has something to read when any signal came."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    previous = [(number, signal.signal(number, lambda *_: stop())) for number in _STOPPING]
    # Without a handler of its own its coming would not be written to the pipe.
    previous.append((signal.SIGCHLD, signal.signal(signal.SIGCHLD, lambda *_: None)))
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(-1)
        for number, handler in previous:
            signal.signal(number, handler)
