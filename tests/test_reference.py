"""The pages on events say what the events say, and say it in a form that machines can read."""

import json
from typing import Any

import jsonschema
import pytest

from hotelmate.bridge.truncation import encode
from hotelmate.events.catalogue import BookingEventData, EventData, OfferCreated
from tests.bridge import test_legacy
from tests.clients.fixtures import StartClient
from tools.reference.asyncapi import document
from tools.reference.examples import EXAMPLES
from tools.reference.files import ROOT, files

DOCUMENT = document()


def told_to_pusher() -> list[tuple[str, dict[str, Any]]]:
    """What LEGACY.md promises of each event, as the bridge's own tests have typed it, and as it goes out."""
    rows = [*test_legacy.HOTEL_ROWS, *test_legacy.BOOKING_ROWS]
    return [
        (name, payload)
        for data, _, _ in rows
        for _, name, payload in test_legacy.told(test_legacy.LEGACY, data)
    ]


def fits(message: str, payload: dict[str, Any]) -> bool:
    schema = {"$ref": f"#/components/messages/{message}/payload", "components": DOCUMENT["components"]}
    validator = jsonschema.Draft7Validator(schema, format_checker=jsonschema.FormatChecker())
    return validator.is_valid(payload)


@pytest.mark.parametrize("name", files())
def test_what_is_committed_is_what_the_catalogue_says(name: str) -> None:
    assert (ROOT / name).read_text() == files()[name], "run `make docs`"


def test_every_kind_of_event_is_shown() -> None:
    kinds = set(EventData.kinds.values()) - {BookingEventData}
    assert {type(data) for data in EXAMPLES} == kinds
    assert len(EXAMPLES) == len(kinds)


async def test_the_parser_of_asyncapi_finds_nothing_to_say(start_asyncapi_parser: StartClient) -> None:
    client = await start_asyncapi_parser()
    await client.command("validate", path=str(ROOT / "docs" / "asyncapi.json"))
    assert (await client.wait_for("validated", within=30))["diagnostics"] == []


@pytest.mark.parametrize(("message", "payload"), told_to_pusher())
def test_what_goes_to_pusher_is_what_the_document_says(message: str, payload: dict[str, Any]) -> None:
    assert fits(message, payload)
    assert not fits(message, {**payload, "more": 1})
    assert not fits(message, {name: value for name, value in payload.items() if name != "meta"})


def test_a_truncated_payload_is_what_the_document_says() -> None:
    [(_, name, payload)] = test_legacy.told(test_legacy.LEGACY, OfferCreated(offer=test_legacy.OFFER))
    long = {**payload, "offer": {**payload["offer"], "details_html": "x" * 11_000}}
    assert b"truncated" in encode(long)
    assert fits(name, json.loads(encode(long)))


def test_what_graphql_clients_get_is_what_the_document_says() -> None:
    for message, described in DOCUMENT["components"]["messages"].items():
        for example in described["examples"]:
            assert fits(message, example["payload"]), message
