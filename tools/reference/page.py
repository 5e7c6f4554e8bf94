"""`docs/events.md`: every event with both its shapes."""

import json
from collections.abc import Iterator

from tools.reference.shapes import Json, LegacyShape, Shape, shapes

_HEAD = """\
# Events

<!-- Made by `make docs` from the catalogue (hotelmate/events/catalogue.py); do not edit. -->

Every change in a hotel is an event, counted from 1 without a gap. It reaches the frontends of today through
Pusher, and GraphQL clients through the subscriptions named below. [`asyncapi.json`](asyncapi.json) says the
same for machines (AsyncAPI 3).

What every event carries:

| GraphQL | Pusher | |
| --- | --- | --- |
| `id` | `meta.event_id` | the same on every repeat, and never used again |
| `seq` | `meta.seq` | the event's number in its hotel |
| `cursor` | `meta.cursor` | the place after the event: `after` of a subscription goes on from here |
| `occurredAt` | | when |
| `hotelSlug` | in the channel's name | where |

The shapes differ as the two worlds do: ids are text in GraphQL and numbers in Pusher's payloads, names are in
camelCase and in snake_case, and `action` is in capitals and in small letters. Times are ISO 8601 in UTC.

A payload for Pusher that is larger than its 10 240 bytes goes out without its long texts, or with fewer
pictures, and says `"truncated": true`.

| Event | Pusher | GraphQL subscriptions |
| --- | --- | --- |
"""


def page() -> str:
    """Return the page."""
    kinds = shapes()
    return _HEAD + "".join(map(_row, kinds)) + "".join(map(_section, kinds))


def _row(shape: Shape) -> str:
    name = f"`{shape.legacy.name}`" if shape.legacy else "none"
    return f"| [{shape.kind}](#{shape.kind.lower()}) | {name} | {_named(shape.subscriptions)} |\n"


def _section(shape: Shape) -> str:
    return "\n".join(_paragraphs(shape))


def _paragraphs(shape: Shape) -> Iterator[str]:
    yield f"\n## {shape.kind}\n\n{shape.sentence}\n"
    if shape.legacy is None:
        yield "The frontends of today do not hear of it.\n"
    else:
        public, private = shape.channels
        yield f"Pusher: `{shape.legacy.name}` on `{public}` and on `{private}`.\n"
        yield _block(shape.legacy.private)
        yield from _what_is_private(shape.legacy)
    yield f"GraphQL: {_named(shape.subscriptions)}.\n"
    yield _block(shape.graphql)


def _what_is_private(legacy: LegacyShape) -> Iterator[str]:
    private = [name for name in legacy.private if name not in legacy.public]
    if private:
        yield f"{_named(tuple(private))} is on the private channel only.\n"


def _block(value: Json) -> str:
    return f"```json\n{json.dumps(value, indent=2, ensure_ascii=False)}\n```\n"


def _named(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)
