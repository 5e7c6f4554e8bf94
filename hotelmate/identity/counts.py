"""Counts in this process's memory, as `limits` wants them kept.

The library's own forgets what has expired in a thread that it starts up to a hundred times a second while
anything is counted, which cost a tenth of a mutation. Here it is forgotten when twice as much has gathered as
was left the last time.
"""

import time
from threading import RLock

from limits.storage import MemoryStorage

_FEW = 1024


class CountsInMemory(MemoryStorage):
    """Counts for windows that slide. Any thread may count."""

    def __init__(self) -> None:
        super().__init__()
        # It would run once, go through what is counted meanwhile, and fail when that changes.
        self.timer.cancel()
        self._turn = RLock()
        self._forget_at = _FEW

    def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count, unless the limit is reached; who counts at the same time waits."""
        with self._turn:
            return super().acquire_sliding_window_entry(key, limit, expiry, amount)

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count a key up, which is to be forgotten in `expiry` seconds from when it was first counted."""
        with self._turn:
            if len(self.expirations) >= self._forget_at:
                self._forget_expired()
            counted = self.get(key) + amount
            self.storage[key] = counted
            if counted == amount:
                self.expirations[key] = time.time() + expiry
            return counted

    def _forget_expired(self) -> None:
        now = time.time()
        for key in [key for key, expires_at in self.expirations.items() if expires_at <= now]:
            self.clear(key)
        self._forget_at = max(_FEW, 2 * len(self.expirations))
