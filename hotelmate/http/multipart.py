"""Multipart forms, read as they arrive. What becomes of a part is for whoever reads the form to say.

Source:
    RFC 7578.
"""

import asyncio
from collections.abc import AsyncIterable, Callable
from typing import Protocol

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header


class Malformed(ValueError):
    """The body is not such a form, or ends before its end."""


class TooLarge(Exception):
    """The body is larger than it may be."""


class Part(Protocol):
    """What takes the content of one part."""

    def write(self, data: bytes) -> None:
        """Take the next piece."""

    def end(self) -> None:
        """Hear that this was all of it."""


OpenPart = Callable[[str, str | None], Part]
"""Given the name of a part, and its file name if it has one, returns what is to take its content."""


async def read_form(
    stream: AsyncIterable[bytes],
    boundary: bytes | None,
    open_part: OpenPart,
    *,
    most_bytes: int,
    most_parts: int,
) -> None:
    """Hand the parts of a form to those who take them, in a thread, so that they may write to disk.

    Args:
        stream: the body.
        boundary: what the content type says stands between the parts.
        open_part: called for each part. What it or the part raises ends the reading.
        most_bytes: of the whole body.
        most_parts: in it.

    Raises:
        Malformed: it is no such form, a name in it is not UTF-8, or it has too many parts.
        TooLarge: as soon as that is known.
    """
    received = 0
    try:
        reader = _Reader(boundary or b"", open_part, most_parts)
        async for chunk in stream:
            received += len(chunk)
            if received > most_bytes:
                raise TooLarge
            await asyncio.to_thread(reader.parser.write, chunk)
    except FormParserError as error:
        raise Malformed from error
    if not reader.is_complete:
        raise Malformed


class _Reader:
    """Hears from the parser what it comes upon, piece by piece."""

    def __init__(self, boundary: bytes, open_part: OpenPart, most_parts: int) -> None:
        if not boundary:
            raise Malformed
        self.is_complete = False
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin_part,
                "on_header_field": self._add_to_header_name,
                "on_header_value": self._add_to_header_value,
                "on_header_end": self._end_header,
                "on_headers_finished": self._open,
                "on_part_data": self._write,
                "on_part_end": self._end_part,
                "on_end": self._end,
            },
        )
        self._open_part = open_part
        self._parts_left = most_parts
        self._header_name = self._header_value = self._disposition = b""
        self._part: Part

    def _begin_part(self) -> None:
        if self._parts_left == 0:
            raise Malformed
        self._parts_left -= 1
        self._disposition = b""

    def _add_to_header_name(self, data: bytes, start: int, end: int) -> None:
        self._header_name += data[start:end]

    def _add_to_header_value(self, data: bytes, start: int, end: int) -> None:
        self._header_value += data[start:end]

    def _end_header(self) -> None:
        if self._header_name.lower() == b"content-disposition":
            self._disposition = self._header_value
        self._header_name = self._header_value = b""

    def _open(self) -> None:
        _, options = parse_options_header(self._disposition)
        name, file_name = options.get(b"name"), options.get(b"filename")
        if name is None:
            raise Malformed
        self._part = self._open_part(_text(name), None if file_name is None else _text(file_name))

    def _write(self, data: bytes, start: int, end: int) -> None:
        self._part.write(data[start:end])

    def _end_part(self) -> None:
        self._part.end()

    def _end(self) -> None:
        self.is_complete = True


def _text(written: bytes) -> str:
    try:
        return written.decode()
    except UnicodeDecodeError as error:
        raise Malformed from error
