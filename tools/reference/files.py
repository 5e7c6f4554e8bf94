"""What is committed of the reference."""

import json
from pathlib import Path

from tools.reference.asyncapi import document
from tools.reference.page import page

ROOT = Path(__file__).parents[2]


def files() -> dict[str, str]:
    """Return each file's text as it should be, by its path in the project."""
    return {
        "docs/events.md": page(),
        "docs/asyncapi.json": json.dumps(document(), indent=2, ensure_ascii=False) + "\n",
    }
