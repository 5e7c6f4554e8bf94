"""Forms come in pieces of any size, and are handed on part by part, whole or not at all."""

from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotelmate.http.multipart import Malformed, Part, TooLarge, read_form

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="title"\r\n\r\nSpa \xe2\x82\xac\r\n'
    b'--x\r\ncontent-disposition: form-data; name="photo"; filename="s\xc3\xa1.jpg"\r\n'
    b"Content-Type: image/jpeg\r\n\r\n\xff\xd8\r\n--\r\n--y\r\n\xff\xd9\r\n"
    b'--x\r\nContent-Disposition: form-data; name="empty"; filename=""\r\n\r\n\r\n'
    b"--x--\r\n"
)
PARTS = [
    ("title", None, "Spa €".encode()),
    ("photo", "sá.jpg", b"\xff\xd8\r\n--\r\n--y\r\n\xff\xd9"),
    ("empty", "", b""),
]


class Heard:
    """What takes the parts of a form, and remembers those that are complete."""

    def __init__(self) -> None:
        self.parts: list[tuple[str, str | None, bytes]] = []

    def open(self, name: str, file_name: str | None) -> Part:
        return Kept(self, name, file_name)


class Kept:
    def __init__(self, heard: Heard, name: str, file_name: str | None) -> None:
        self._heard = heard
        self._name, self._file_name = name, file_name
        self._content = b""

    def write(self, data: bytes) -> None:
        self._content += data

    def end(self) -> None:
        self._heard.parts.append((self._name, self._file_name, self._content))


async def read(
    *pieces: bytes, boundary: bytes | None = b"x", most_bytes: int = 1000, most_parts: int = 3
) -> Heard:
    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    heard = Heard()
    await read_form(stream(), boundary, heard.open, most_bytes=most_bytes, most_parts=most_parts)
    return heard


@given(st.sets(st.integers(1, len(FORM) - 1)))
async def test_a_form_is_the_same_however_it_is_cut(cuts: set[int]) -> None:
    edges = [0, *sorted(cuts), len(FORM)]
    pieces = [FORM[start:end] for start, end in pairwise(edges)]
    assert (await read(*pieces)).parts == PARTS


async def test_what_is_no_such_form_is_malformed(subtests: pytest.Subtests) -> None:
    for name, body in {
        "empty": b"",
        "another boundary": FORM.replace(b"--x", b"--z"),
        "no end": FORM.removesuffix(b"--x--\r\n"),
        "cut short": FORM[:-60],
        "a part without a name": FORM.replace(b' name="title"', b""),
        "a part without headers": b"--x\r\n\r\ntext\r\n--x--\r\n",
        "a name in another encoding": FORM.replace(b'"title"', b'"t\xefl"'),
        "a file name in another encoding": FORM.replace(b"\xc3\xa1", b"\xe1"),
        "a header without end": b"--x\r\nContent-Disposition: " + b"a" * 100_000,
    }.items():
        with subtests.test(name), pytest.raises(Malformed):
            await read(body, most_bytes=1_000_000)


@pytest.mark.parametrize("boundary", [None, b"", b"x" * 1000])
async def test_without_a_boundary_that_can_be_it_is_malformed(boundary: bytes | None) -> None:
    with pytest.raises(Malformed):
        await read(FORM, boundary=boundary)


async def test_a_form_has_as_many_parts_as_are_allowed_and_no_more() -> None:
    with pytest.raises(Malformed):
        await read(FORM, most_parts=2)


async def test_no_more_is_read_than_is_allowed() -> None:
    assert (await read(FORM, most_bytes=len(FORM))).parts == PARTS

    async def endless() -> AsyncIterator[bytes]:
        yield FORM
        while True:
            yield b"\r\n"

    heard = Heard()
    with pytest.raises(TooLarge):
        await read_form(endless(), b"x", heard.open, most_bytes=len(FORM) + 10, most_parts=3)
