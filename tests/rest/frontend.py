"""A frontend of today: it calls the doors over a real socket, and every answer must be what is published."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
from jsonschema import Draft202012Validator, FormatChecker

ANNA, BEN, CARLA = "Token demo-anna", "Bearer demo-ben", "Bearer demo-carla"
KILLARNEY = "/api/staff/hotel/killarney"


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    content: Any
    headers: Mapping[str, str]


class Contract:
    """What the published OpenAPI document says of answers."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = document["components"]
        self._paths = [
            (re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(path.rstrip("/"))) + "/?"), operations)
            for path, operations in document["paths"].items()
        ]

    def check(self, method: str, path: str, reply: Reply) -> None:
        """Make sure that a reply is one of those that are published for its door."""
        operations = next((found for form, found in self._paths if form.fullmatch(path)), {})
        operation = operations.get(method.lower())
        if operation is None:
            assert reply.status in {404, 405}, "there is no such door"
            return
        responses = operation["responses"]
        code = "default" if reply.status in {429, 500, 503} else str(reply.status)
        assert code in responses, f"{method} {path} is not said to answer {reply.status}"
        published = responses[code]
        if "content" not in published:
            assert reply.content is None
            return
        schema = published["content"]["application/json"]["schema"]
        validator = Draft202012Validator(
            {"components": self._components, **schema}, format_checker=FormatChecker()
        )
        validator.validate(reply.content)


class Frontend:
    """Sends requests as browsers do."""

    def __init__(self, client: aiohttp.ClientSession, contract: Contract) -> None:
        self._client = client
        self._contract = contract

    async def send(self, method: str, path: str, caller: str | None = ANNA, **body: Any) -> Reply:
        """Send a request; `body` is aiohttp's: `json`, `data` or `params`, and more `headers`."""
        headers = {"Authorization": caller} if caller else {}
        headers |= body.pop("headers", {})
        # To be sent elsewhere is an answer as well, and not one that is published.
        body = {"headers": headers, "allow_redirects": False, **body}
        async with self._client.request(method, path, **body) as response:
            content = await response.json() if response.status != 204 else None
            reply = Reply(response.status, content, response.headers)
        self._contract.check(method, path, reply)
        return reply

    async def ok(self, method: str, path: str, caller: str | None = ANNA, **body: Any) -> Any:
        """Send a request that must succeed; returns what it is answered with."""
        reply = await self.send(method, path, caller, **body)
        assert reply.status < 300, reply
        return reply.content


def form(*fields: tuple[str, str]) -> aiohttp.FormData:
    """A form as a browser sends FormData: multipart, each field a part, whether or not it has files."""
    data = aiohttp.FormData(default_to_multipart=True)
    for name, text in fields:
        data.add_field(name, text)
    return data


def with_files(*fields: tuple[str, str], **files: bytes) -> aiohttp.FormData:
    """A form with fields and with files; what the browser calls the files says nothing."""
    data = form(*fields)
    for name, content in files.items():
        data.add_field(name, content, filename="C:\\photo.svg", content_type="image/svg+xml")
    return data
