"""Forms with files, as browsers send them.

Source:
    The HTML standard, "Constructing the entry list": a file control in which nothing was chosen sends an
    empty file without a name.
"""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field

from starlette.exceptions import HTTPException

from hotelmate.media.errors import ImageTooLarge
from hotelmate.multipart import Part, TooLarge, read_form
from hotelmate.resolvers.checks import camel_case

_MOST_TEXT_BYTES = 1024 * 1024
_MOST_PARTS = 1000


@dataclass(slots=True)
class Form:
    """What a form holds: names and texts in their order, and of each file the last that was sent."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    text_bytes: int = 0


async def read_multipart(
    stream: AsyncIterator[bytes],
    options: Mapping[bytes, bytes],
    *,
    files: Collection[str],
    most_file_bytes: int,
) -> Form:
    """Read a form whose content type has these options.

    Raises:
        ValueError: it is malformed, in another encoding than UTF-8, or ends before its end.
        ImageTooLarge: one of `files` has more than `most_file_bytes`; the rest was not read.
        HTTPException: 413 for more than 1 MiB beside these files.
    """
    form = Form()

    def open_part(name: str, file_name: str | None) -> Part:
        if file_name is None:
            return _Text(form, name)
        return _File(form, name, file_name, most_file_bytes) if name in files else _Ignored()

    most_bytes = _MOST_TEXT_BYTES + len(files) * most_file_bytes
    try:
        await read_form(
            stream, options.get(b"boundary"), open_part, most_bytes=most_bytes, most_parts=_MOST_PARTS
        )
    except TooLarge:
        raise HTTPException(413, "The body is too large.") from None
    return form


class _Text:
    def __init__(self, form: Form, name: str) -> None:
        self._form = form
        self._name = name
        self._content = bytearray()

    def write(self, data: bytes) -> None:
        self._form.text_bytes += len(data)
        if self._form.text_bytes > _MOST_TEXT_BYTES:
            raise TooLarge
        self._content += data

    def end(self) -> None:
        self._form.texts.append((self._name, self._content.decode()))


class _File:
    def __init__(self, form: Form, name: str, file_name: str, most_bytes: int) -> None:
        self._form = form
        self._name = name
        self._file_name = file_name
        self._most_bytes = most_bytes
        self._content = bytearray()

    def write(self, data: bytes) -> None:
        self._content += data
        if len(self._content) > self._most_bytes:
            raise ImageTooLarge(camel_case(self._name), self._most_bytes)

    def end(self) -> None:
        if self._file_name or self._content:
            self._form.files[self._name] = bytes(self._content)


class _Ignored:
    def write(self, data: bytes) -> None:
        pass

    def end(self) -> None:
        pass
