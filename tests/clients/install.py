"""Install Node and the npm packages that the client tests drive.

`make test` runs this file. It runs `npm ci` only when the lock has changed since the last time. Where that
cannot be done (no network), it says so in one line and succeeds: the tests that need Node are then reported
as left out.
"""

import sys
from pathlib import Path

from tools.node import CannotInstall, install_packages

HERE = Path(__file__).parent

if __name__ == "__main__":
    try:
        install_packages(HERE)
    except CannotInstall as error:
        sys.stderr.write(f"The client tests that need Node will be left out: {error}\n")
