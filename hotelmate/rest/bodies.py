"""The bodies of requests: JSON, a form, or a form with files, and never more of one than is allowed."""

from collections.abc import AsyncIterator, Collection, Mapping
from dataclasses import dataclass, field
from typing import BinaryIO
from urllib.parse import parse_qsl

import orjson
from python_multipart.multipart import parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from hotelmate import deadlines
from hotelmate.errors import BadUserInput
from hotelmate.http.multipart import Malformed
from hotelmate.http.pace import TooSlow
from hotelmate.resolvers.checks import camel_case
from hotelmate.rest.multipart import read_multipart

Fields = Mapping[str, object]

_SMALL_BYTES = 16 * 1024
_MOST_FIELDS = 1000


@dataclass(frozen=True, slots=True)
class Body:
    """What a request says: fields by name, any JSON value or a form's text; and what files came with it."""

    fields: Fields
    files: Mapping[str, BinaryIO] = field(default_factory=dict)


class Bodies:
    """Reads the bodies of requests."""

    def __init__(self, *, most_bytes: int, most_file_bytes: int) -> None:
        """Take bodies of up to `most_bytes`, and beside that files of up to `most_file_bytes` each."""
        self._most_bytes = most_bytes
        self._most_file_bytes = most_file_bytes

    async def read(
        self, request: Request, *, files: Collection[str] = (), structured: Collection[str] = ()
    ) -> Body:
        """Return the body; one that is empty has no fields.

        Args:
            request: whose body has not been read yet.
            files: the names under which files are taken; under others they are ignored.
            structured: names of lists and objects, which a form cannot write: it sends them as JSON, and a
                list also as its entries under a repeated name. Of any other name that is repeated the last
                counts.

        Raises:
            HTTPException: 400 for what is no such body, 408 for one that comes in too slowly, 413 for one
                that is too large, 415 for any other kind.
            ImageTooLarge: a file is larger than it may be.
            StorageUnavailable: there is no room for temporary files.
        """
        media_type, options = parse_options_header(request.headers.get("content-type"))
        try:
            match media_type:
                case b"application/json":
                    return Body(_json_object(await _read(request, most_bytes=self._most_bytes) or b"{}"))
                case b"application/x-www-form-urlencoded":
                    return Body(_form(_pairs(await _read(request, most_bytes=self._most_bytes)), structured))
                case b"multipart/form-data":
                    with deadlines.paused():
                        form = await read_multipart(
                            _chunks(request),
                            options,
                            files=files,
                            most_text_bytes=self._most_bytes,
                            most_file_bytes=self._most_file_bytes,
                            open_files=request.state.open_files,
                        )
                    return Body(_form(form.texts, structured), form.files)
        except ValueError as error:
            raise HTTPException(400, "The body is neither a form nor a JSON object.") from error
        if await _read(request, most_bytes=self._most_bytes):
            raise HTTPException(415, "Send application/json or multipart/form-data.")
        return Body({})


async def read_fields(request: Request) -> Fields:
    """Return the fields of a small body, form-encoded or JSON: text in a form, any JSON value otherwise.

    pusher-js sends a form whatever content type it was told to claim, so the body itself has to say which.

    Raises:
        HTTPException: 408 when it comes in too slowly, 413 for more than 16 KiB, 400 for what is neither form
            nor JSON.
    """
    body = await _read(request, most_bytes=_SMALL_BYTES)
    try:
        return _json_object(body) if body.lstrip().startswith(b"{") else dict(_pairs(body))
    except ValueError as error:
        raise HTTPException(400, "The body is neither a form nor a JSON object.") from error


def optional_text(fields: Fields, name: str) -> str | None:
    """Return a field's text; None when it is absent or empty.

    Raises:
        BadUserInput: the value is no text.
    """
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise BadUserInput(camel_case(name), "This must be text.")
    return value or None


def _json_object(body: bytes) -> Fields:
    value = orjson.loads(body)
    if not isinstance(value, dict):
        raise Malformed
    return value


def _pairs(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode(), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS)


def _form(texts: list[tuple[str, str]], structured: Collection[str]) -> Fields:
    sent: dict[str, object] = dict(texts)
    for name in sent.keys() & set(structured):
        sent[name] = _structure([text for other, text in texts if other == name])
    return sent


def _structure(texts: list[str]) -> object:
    """What the texts under one name stand for: JSON, or else a list of themselves."""
    if texts == [""]:
        return []
    try:
        value = orjson.loads(texts[0])
    except orjson.JSONDecodeError:
        return texts
    return value if len(texts) == 1 and isinstance(value, list | dict) else texts


async def _read(request: Request, *, most_bytes: int) -> bytes:
    body = bytearray()
    # How fast it comes in is up to the client.
    with deadlines.paused():
        async for chunk in _chunks(request):
            body += chunk
            if len(body) > most_bytes:
                raise HTTPException(413, "The body is too large.")
    return bytes(body)


async def _chunks(request: Request) -> AsyncIterator[bytes]:
    try:
        async for chunk in request.stream():
            yield chunk
    except TooSlow as error:
        raise HTTPException(408, str(error), {"Connection": "close"}) from None
