"""Install Node and the npm packages that the client tests and the examples use.

`make test` runs this file. It runs `npm ci` only when the lock has changed since the last time. Where that
cannot be done (no network), it says so in one line and succeeds: the tests that need Node are then reported
as left out.
"""

import sys
from pathlib import Path

from tools.node import CannotInstall, install_packages

HERE = Path(__file__).parent
EXAMPLES = Path(__file__).parents[2] / "examples"

if __name__ == "__main__":
    try:
        for folder in (HERE, EXAMPLES):
            install_packages(folder)
    except CannotInstall as error:
        sys.stderr.write(f"The client tests that need Node will be left out: {error}\n")
