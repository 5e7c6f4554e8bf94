"""Forms with files, as browsers send them.

Source:
    The HTML standard, "Constructing the entry list": a file control in which nothing was chosen sends an
    empty file without a name.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from tempfile import TemporaryFile
from typing import BinaryIO

from starlette.exceptions import HTTPException

from hotelmate.http.multipart import Part, TooLarge, read_form
from hotelmate.media.errors import ImageTooLarge
from hotelmate.media.storage.base import failing_as_unavailable
from hotelmate.resolvers.checks import camel_case

_MOST_PARTS = 1000


@dataclass(slots=True)
class Form:
    """What a form holds: names and texts in their order, and of each file the last that was sent."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, BinaryIO] = field(default_factory=dict)
    text_bytes: int = 0


async def read_multipart(
    stream: AsyncIterator[bytes],
    options: Mapping[bytes, bytes],
    *,
    files: Collection[str],
    most_text_bytes: int,
    most_file_bytes: int,
    open_files: ExitStack,
) -> Form:
    """Read a form whose content type has these options; its files are there until `open_files` is closed.

    Raises:
        ValueError: it is malformed, in another encoding than UTF-8, or ends before its end.
        ImageTooLarge: one of `files` has more than `most_file_bytes`; the rest was not read.
        HTTPException: 413 for more than `most_text_bytes` beside these files.
        StorageUnavailable: there is no room for temporary files.
    """
    form = Form()

    def open_part(name: str, file_name: str | None) -> Part:
        if file_name is None:
            return _Text(form, name, most_text_bytes)
        if name not in files:
            return _Ignored()
        with failing_as_unavailable(OSError):
            file: BinaryIO = open_files.enter_context(TemporaryFile())  # noqa: SIM115 - it is one
        return _File(form, name, file_name, file, most_file_bytes)

    most_bytes = most_text_bytes + len(files) * most_file_bytes
    try:
        await read_form(
            stream, options.get(b"boundary"), open_part, most_bytes=most_bytes, most_parts=_MOST_PARTS
        )
    except TooLarge:
        raise HTTPException(413, "The body is too large.") from None
    return form


class _Text:
    def __init__(self, form: Form, name: str, most_bytes: int) -> None:
        self._form = form
        self._name = name
        self._most_bytes = most_bytes
        self._content = bytearray()

    def write(self, data: bytes) -> None:
        self._form.text_bytes += len(data)
        if self._form.text_bytes > self._most_bytes:
            raise TooLarge
        self._content += data

    def end(self) -> None:
        self._form.texts.append((self._name, self._content.decode()))


class _File:
    """Puts a part on disk: photos of many who upload at once would not fit into memory."""

    def __init__(self, form: Form, name: str, file_name: str, file: BinaryIO, most_bytes: int) -> None:
        self._form = form
        self._name = name
        self._file_name = file_name
        self._file = file
        self._most_bytes = most_bytes
        self._size = 0

    def write(self, data: bytes) -> None:
        self._size += len(data)
        if self._size > self._most_bytes:
            raise ImageTooLarge(camel_case(self._name), self._most_bytes)
        with failing_as_unavailable(OSError):
            self._file.write(data)

    def end(self) -> None:
        with failing_as_unavailable(OSError):
            self._file.seek(0)
        if self._file_name or self._size:
            self._form.files[self._name] = self._file


class _Ignored:
    def write(self, data: bytes) -> None:
        pass

    def end(self) -> None:
        pass
