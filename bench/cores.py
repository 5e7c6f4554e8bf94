"""Which core does what: the server under load has one, whatever loads it another."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

_CORES = sorted(os.sched_getaffinity(0))
SERVER = _CORES[0]
LOAD = _CORES[-1]


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Have the processes that this thread starts in the block run on one core, and with it the thread itself.

    The block is for starting them and nothing else: what follows would share their core.
    """
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
