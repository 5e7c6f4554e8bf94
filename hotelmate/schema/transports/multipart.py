"""Requests with files: a form of `operations`, `map` and the files, in this order.

A browser sends forms to other sites without asking them first, and this one would carry out mutations. So the
request needs a header that no form can send: one of those made for that, or `Authorization`, which a browser
adds by itself only for a login of its own, and then it says in `Origin` whose form it was. And files are put
on disk before the operation says who may send them, so they are taken from nobody anonymous.

Source:
    The GraphQL multipart request specification (github.com/jaydenseric/graphql-multipart-request-spec).
    Narrower: no batches, and each file has one place, a variable of type Upload. The headers are those of
    Apollo Server and GraphQL Yoga, "CSRF prevention".
"""

import re
from collections.abc import Callable, Collection
from contextlib import ExitStack
from dataclasses import replace
from tempfile import TemporaryFile
from typing import BinaryIO

from python_multipart.multipart import parse_options_header
from starlette.types import Receive, Scope

from hotelmate.errors import Unauthenticated
from hotelmate.http.multipart import Malformed, Part, TooLarge, read_form
from hotelmate.identity.actors import Anonymous
from hotelmate.media.storage.base import failing_as_unavailable
from hotelmate.schema.transports.asgi import BodyTooLarge, chunks, header
from hotelmate.schema.transports.execution import Engine
from hotelmate.schema.transports.limits import Limits
from hotelmate.schema.transports.operations import RequestError
from hotelmate.schema.transports.requests import GraphQLRequest, MalformedRequest, from_json, read_json
from hotelmate.schema.uploads import Upload
from hotelmate.sockets.origins import is_trusted

PREFLIGHTED = ("graphql-require-preflight", "apollo-require-preflight", "x-graphql-yoga-csrf")
"""Headers that no form can send; what they say does not matter."""

_ORDER = "Send 'operations' first, then 'map', then the files."
_PLACE = re.compile(r"variables\.([_A-Za-z][_0-9A-Za-z]*)", re.ASCII)


class MultipartReader:
    """Reads requests with files of up to `file_bytes`, from our own pages and those of these `origins`."""

    def __init__(self, engine: Engine, limits: Limits, *, file_bytes: int, origins: Collection[str]) -> None:
        self._engine = engine
        self._limits = limits
        self._file_bytes = file_bytes
        self._origins = origins

    async def read(self, scope: Scope, receive: Receive, open_files: ExitStack) -> GraphQLRequest:
        """Read a request; its files are there until `open_files` is closed.

        Raises:
            MalformedRequest: it is not as the specification says, or a form of another site's could be so.
            RequestError: the caller is nobody.
            BodyTooLarge: more than all the files may have together, or too much beside them.
            ClientGone: before it was complete.
            StorageUnavailable: there is no room for temporary files.
        """
        if not self._is_sent_on_purpose(scope):
            raise MalformedRequest(f"Send a header {PREFLIGHTED[0]!r} with a multipart request.")
        actor = await self._engine.identify(header(scope, b"authorization"))
        if isinstance(actor, Anonymous):
            raise RequestError.of(Unauthenticated())
        form = _Form(open_files, self._limits, file_bytes=self._file_bytes)
        _, options = parse_options_header(header(scope, b"content-type"))
        most_bytes = self._limits.body_bytes + self._limits.files * self._file_bytes
        try:
            await read_form(
                chunks(receive),
                options.get(b"boundary"),
                form.open_part,
                most_bytes=most_bytes,
                most_parts=2 + self._limits.files,
            )
        except Malformed:
            raise MalformedRequest("The body is not such a form, or has too many parts.") from None
        except TooLarge:
            raise BodyTooLarge(most_bytes) from None
        return form.request()

    def _is_sent_on_purpose(self, scope: Scope) -> bool:
        """Whether no page of elsewhere can have had the request sent without asking."""
        if any(header(scope, name.encode()) is not None for name in PREFLIGHTED):
            return True
        origin, host = header(scope, b"origin"), header(scope, b"host")
        names_caller = header(scope, b"authorization") is not None
        return names_caller and is_trusted(origin, host, self._origins)


class _Form:
    """What has come of a form up to now."""

    def __init__(self, open_files: ExitStack, limits: Limits, *, file_bytes: int) -> None:
        self._open_files = open_files
        self._limits = limits
        self._file_bytes = file_bytes
        self._request: GraphQLRequest | None = None
        self._variables: dict[str, str] | None = None
        self._files: dict[str, Upload] = {}

    def open_part(self, name: str, _file_name: str | None) -> Part:
        """Return what takes the next part; called in a thread."""
        if self._request is None:
            return self._open_text(name, "operations", self._take_operations)
        if self._variables is None:
            return self._open_text(name, "map", self._take_map)
        if name not in self._variables:
            raise MalformedRequest(f"'map' has no place, or no other, for the part {name!r}.")
        with failing_as_unavailable(OSError):
            file: BinaryIO = self._open_files.enter_context(TemporaryFile())  # noqa: SIM115 - it is one
        self._files[self._variables.pop(name)] = Upload(file)
        return _File(file, self._file_bytes)

    def request(self) -> GraphQLRequest:
        """Return the whole request.

        Raises:
            MalformedRequest: something is missing.
        """
        if self._request is None or self._variables is None:
            raise MalformedRequest(_ORDER)
        if self._variables:
            raise MalformedRequest("A file that 'map' has a place for has not come.")
        return replace(self._request, files=self._files)

    def _open_text(self, name: str, expected: str, take: Callable[[bytes], None]) -> Part:
        if name != expected:
            raise MalformedRequest(_ORDER)
        return _Text(take, self._limits.body_bytes)

    def _take_operations(self, content: bytes) -> None:
        self._request = from_json(content)

    def _take_map(self, content: bytes) -> None:
        places = read_json(content, "'map'")
        if not isinstance(places, dict):
            raise MalformedRequest("'map' must be an object.")
        if len(places) > self._limits.files:
            raise MalformedRequest(f"A request takes {self._limits.files} files at most.")
        self._variables = _variables_by_part(places)


class _Text:
    """Takes a part that is kept in memory, and hands it on once it is complete."""

    def __init__(self, take: Callable[[bytes], None], most_bytes: int) -> None:
        self._take = take
        self._most_bytes = most_bytes
        self._content = bytearray()

    def write(self, data: bytes) -> None:
        self._content += data
        if len(self._content) > self._most_bytes:
            raise BodyTooLarge(self._most_bytes)

    def end(self) -> None:
        self._take(bytes(self._content))


class _File:
    """Puts a part on disk, at most one byte more than it may have, by which whoever uses it can tell."""

    def __init__(self, file: BinaryIO, most_bytes: int) -> None:
        self._file = file
        self._bytes_left = most_bytes + 1

    def write(self, data: bytes) -> None:
        with failing_as_unavailable(OSError):
            self._bytes_left -= self._file.write(data[: self._bytes_left])

    def end(self) -> None:
        with failing_as_unavailable(OSError):
            self._file.flush()


def _variables_by_part(places: dict[str, object]) -> dict[str, str]:
    """Read the map: by the name of each file's part, the variable that it is for."""
    variables: dict[str, str] = {}
    for name, paths in places.items():
        match paths:
            case [str(path)] if (place := _PLACE.fullmatch(path)) and place[1] not in variables.values():
                variables[name] = place[1]
            case _:
                raise MalformedRequest(
                    f"'map' must give {name!r} one place of its own: [\"variables.name\"]."
                )
    return variables
