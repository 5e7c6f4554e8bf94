"""The alert rules, the dashboard and the documents speak of figures that a server really shows."""

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
import yaml

from tests.server import Server

pytestmark = pytest.mark.asyncio(loop_scope="module")

WAIT_SECONDS = 20

ROOT = Path(__file__).parents[2]
RULES = yaml.safe_load((ROOT / "deploy" / "alerts.yaml").read_text())["groups"]
DASHBOARD = json.loads((ROOT / "deploy" / "grafana-dashboard.json").read_text())
DOCUMENT = (ROOT / "docs" / "operating.md").read_text()

NAME = re.compile(r"\b(?:hotelmate|process)_\w+")
# In `name{label="…"}` and in `by (label, …)`.
LABELS = re.compile(r'(\w+)\s*(?:=~|!~|!=|=)\s*"|\bby\s*\(([^)]*)\)')
# What Prometheus adds by itself.
ADDED = {"job", "instance"}
PARTS_OF_A_HISTOGRAM = ("_bucket", "_count", "_sum")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shown(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What a server shows that has been asked a few things."""
    async with (
        Server.run(tmp_path_factory.mktemp("server")) as server,
        aiohttp.ClientSession(server.url, headers={"Authorization": "Token demo-anna"}) as client,
    ):
        await server.data("mutation { clockIn { action } }", token="demo-anna")
        async with asyncio.timeout(WAIT_SECONDS):
            while True:
                async with client.get("/metrics") as reply:
                    text = await reply.text()
                if 'hotelmate_bridge_request_seconds_count{outcome="accepted"}' in text:
                    return text
                await asyncio.sleep(0.05)


def families(shown: str) -> dict[str, str]:
    """The kind of each figure by its name."""
    return dict(re.findall(r"^# TYPE (\S+) (\S+)$", shown, re.MULTILINE))


def samples(shown: str) -> set[str]:
    """The names that can be asked for."""
    return {
        f"{name}{part}"
        for name, kind in families(shown).items()
        for part in (PARTS_OF_A_HISTOGRAM if kind == "histogram" else ("",))
    }


def panels() -> Iterator[dict[str, Any]]:
    yield from (panel for panel in DASHBOARD["panels"] if panel["type"] != "row")


def expressions() -> Iterator[str]:
    yield from (rule["expr"] for group in RULES for rule in group["rules"])
    yield from (target["expr"] for panel in panels() for target in panel["targets"])


async def test_every_expression_asks_for_what_is_shown(shown: str) -> None:
    labels = set(re.findall(r'[{,](\w+)="', shown)) | ADDED
    for expression in expressions():
        assert set(NAME.findall(expression)) <= samples(shown), expression
        named = {word for label, listed in LABELS.findall(expression) for word in (label, *listed.split(","))}
        assert {word.strip() for word in named} - {""} <= labels, expression
        assert expression.count("(") == expression.count(")")


async def test_every_rule_says_what_it_means() -> None:
    rules = [rule for group in RULES for rule in group["rules"]]
    names = [rule["alert"] for rule in rules]
    assert len(set(names)) == len(names)
    for rule in rules:
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert rule["annotations"]["summary"].endswith(".")
        assert re.fullmatch(r"\d+m", rule.get("for", "0m"))


async def test_no_two_panels_of_the_dashboard_are_in_one_place() -> None:
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
    assert {target["datasource"]["uid"] for panel in panels() for target in panel["targets"]} == {
        "${datasource}"
    }


async def test_the_document_describes_every_figure_and_no_other(shown: str) -> None:
    ours = {name for name, kind in families(shown).items() if name.startswith("hotelmate_")}
    # Python's client says since when a counter counts, too.
    assert set(re.findall(r"hotelmate_\w+", DOCUMENT)) == {
        name for name in ours if not name.endswith("_created")
    }
