"""The Chromium of this machine, for tests that look at pages."""

import shutil

from tests.left_out import leave_out

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def installed_chromium() -> str:
    """Return where Chromium is; leaves the calling test out without one."""
    executable = shutil.which("chromium")
    if executable is None:
        leave_out("Chromium (apt-get install chromium)")
    return executable
