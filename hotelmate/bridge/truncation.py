"""What is left out of a payload that is larger than Pusher takes; the whole event stays on GraphQL.

The long texts of an offer go one after the other until the rest fits, of a gallery the last pictures. What
remains says `truncated`, so that a frontend knows to ask for the rest.

Source:
    Pusher docs, "Publishing events": 10 kB for an event's data, which are counted in bytes of UTF-8.
"""

from collections.abc import Iterator, Mapping

import orjson

from hotelmate.bridge.payloads import Payload
from hotelmate.bridge.sending import DATA_BYTES

_LONG_TEXTS = ("details_html", "details_text", "short_description")


def encode(payload: Payload) -> bytes:
    """Return the payload as JSON, shortened as far as it has to be and can be."""
    data = orjson.dumps(payload)
    if len(data) <= DATA_BYTES:
        return data
    for shorter in _shorter(payload):
        data = orjson.dumps({**shorter, "truncated": True})
        if len(data) <= DATA_BYTES:
            break
    return data


def _shorter(payload: Payload) -> Iterator[Payload]:
    """Return ever shorter forms; none of a payload that holds nothing to leave out."""
    match payload:
        case {"offer": Mapping() as offer}:
            for text in _LONG_TEXTS:
                offer = {name: value for name, value in offer.items() if name != text}
                yield {**payload, "offer": offer}
        case {"gallery": tuple(gallery)}:
            size = len(orjson.dumps({**payload, "gallery": (), "truncated": True}))
            yield {**payload, "gallery": _first(gallery, bytes_left=DATA_BYTES - size)}


def _first(urls: tuple[str, ...], *, bytes_left: int) -> list[str]:
    """Return as many urls from the beginning as there is room for, each with its comma."""
    kept = []
    for url in urls:
        bytes_left -= len(orjson.dumps(url)) + 1
        if bytes_left < 0:
            break
        kept.append(url)
    return kept
