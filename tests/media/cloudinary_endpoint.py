"""Cloudinary's APIs and delivery, in a process of its own: checks signatures, keeps images, fails on demand.

Run as a program it serves on a free port of 127.0.0.1 and prints that port. `/control/…` is for the tests,
and `CloudinaryEndpoint` is their end of it.

Source:
    Cloudinary docs: "Upload API reference", "Admin API reference", "Generating authentication signatures".
"""

import asyncio
import hashlib
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from aiohttp import BasicAuth, web

from tests.media.http_client import fetch
from tests.own_process import running

CLOUD, KEY, SECRET = "hotel-cloud", "123456", "endpoint-secret"
NOT_SIGNED = {"file", "api_key", "signature", "cloud_name", "resource_type"}
DELIVERED_AT = f"https://res.cloudinary.com/{CLOUD}/image/upload/"
CLOCK_SECONDS = 3600
PER_PAGE = 2


class CloudinaryEndpoint:
    """The tests' end of a running endpoint."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self.account = self.account_with(SECRET)

    @classmethod
    @contextmanager
    def run(cls) -> Iterator[Self]:
        with running("tests.media.cloudinary_endpoint") as printed:
            yield cls(int(printed))

    def account_with(self, secret: str) -> str:
        """CLOUDINARY_URL for this endpoint."""
        return f"cloudinary://{KEY}:{secret}@{CLOUD}?upload_prefix={self.url}"

    @property
    def delivery(self) -> str:
        """What the urls of delivered images begin with."""
        return f"{self.url}/{CLOUD}/image/upload/v1"

    def reset(self) -> None:
        """Forget everything."""
        self._control("reset")

    def age(self, seconds: float) -> None:
        """Make all that was uploaded so much older."""
        self._control("age", seconds=seconds)

    def fail(self, status: int, body: str) -> None:
        """Answer everything like this from now on."""
        self._control("fail", status=status, body=body)

    def _control(self, name: str, **body: Any) -> None:
        answer = fetch(f"{self.url}/control/{name}", method="POST", body=json.dumps(body).encode())
        assert answer.status == 200, answer


@dataclass
class Image:
    """What was uploaded under one public id."""

    content: bytes
    format: str
    version: float


class Endpoint:
    """The endpoint's own end."""

    def __init__(self) -> None:
        self._images: dict[str, Image] = {}
        self._failure: web.Response | None = None

    def application(self) -> web.Application:
        application = web.Application(client_max_size=64 * 1024 * 1024)
        application.router.add_post(f"/v1_1/{CLOUD}/image/upload", self._upload)
        application.router.add_get(f"/v1_1/{CLOUD}/resources/image/upload", self._resources)
        application.router.add_delete(f"/v1_1/{CLOUD}/resources/image/upload", self._delete)
        application.router.add_get(f"/{CLOUD}/image/upload/v1/{{name:.+}}", self._deliver)
        for control in (self._reset, self._age, self._fail):
            application.router.add_post(f"/control/{control.__name__[1:]}", control)
        return application

    async def _upload(self, request: web.Request) -> web.Response:
        form = dict(await request.post())
        if self._failure is not None:
            return _copy(self._failure)
        refusal = _refusal(form)
        if refusal is not None:
            return _error(401, refusal)
        match form["file"]:
            case web.FileField() as file:
                content, kept_as = file.file.read(), file.filename.rpartition(".")[2]
            case str(url):
                public_id, _, kept_as = url.removeprefix(DELIVERED_AT).partition("/")[2].rpartition(".")
                content = self._images[public_id].content
        self._images[str(form["public_id"])] = Image(content, kept_as, time.time())
        return web.json_response({"public_id": form["public_id"], "format": kept_as})

    async def _resources(self, request: web.Request) -> web.Response:
        if self._failure is not None:
            return _copy(self._failure)
        if not _is_the_account(request):
            return _error(401, "unknown api_key")
        wanted = request.query.getall("public_ids[]", None) or [
            public_id for public_id in sorted(self._images) if public_id.startswith(request.query["prefix"])
        ]
        start = int(request.query.get("next_cursor", "0"))
        count = len(wanted) if "public_ids[]" in request.query else PER_PAGE
        listed = [self._described(each) for each in wanted[start : start + count] if each in self._images]
        following = {"next_cursor": str(start + count)} if start + count < len(wanted) else {}
        return web.json_response({"resources": listed, **following})

    async def _delete(self, request: web.Request) -> web.Response:
        if not _is_the_account(request):
            return _error(401, "unknown api_key")
        wanted = (await request.json())["public_ids"]
        deleted = {each: "deleted" if self._images.pop(each, None) else "not_found" for each in wanted}
        return web.json_response({"deleted": deleted, "partial": False})

    async def _deliver(self, request: web.Request) -> web.Response:
        public_id, _, ending = request.match_info["name"].rpartition(".")
        image = self._images.get(public_id)
        if image is None or image.format != ending:
            return web.Response(status=404)
        return web.Response(body=image.content)

    def _described(self, public_id: str) -> dict[str, Any]:
        image = self._images[public_id]
        return {
            "public_id": public_id,
            "format": image.format,
            "version": int(image.version),
            "secure_url": f"{DELIVERED_AT}v{int(image.version)}/{public_id}.{image.format}",
            "type": "upload",
        }

    async def _reset(self, _: web.Request) -> web.Response:
        self._images, self._failure = {}, None
        return web.json_response(None)

    async def _age(self, request: web.Request) -> web.Response:
        seconds = json.loads(await request.read())["seconds"]
        for image in self._images.values():
            image.version -= seconds
        return web.json_response(None)

    async def _fail(self, request: web.Request) -> web.Response:
        wanted = json.loads(await request.read())
        self._failure = web.Response(status=wanted["status"], text=wanted["body"])
        return web.json_response(None)


def _refusal(form: dict[str, Any]) -> str | None:
    """Check an upload's signature as Cloudinary's documentation describes it; None when it is good."""
    signed = "&".join(f"{name}={form[name]}" for name in sorted(form) if name not in NOT_SIGNED)
    if (
        form.get("signature")
        != hashlib.new("sha1", (signed + SECRET).encode(), usedforsecurity=False).hexdigest()
    ):
        return f"Invalid Signature {form.get('signature')}. String to sign - '{signed}'."
    if form.get("api_key") != KEY:
        return "unknown api_key"
    if abs(time.time() - int(form["timestamp"])) > CLOCK_SECONDS:
        return "Stale request"
    return None


def _is_the_account(request: web.Request) -> bool:
    return BasicAuth.decode(request.headers.get("Authorization", "Basic Og==")) == BasicAuth(KEY, SECRET)


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message}}, status=status)


def _copy(response: web.Response) -> web.Response:
    return web.Response(status=response.status, text=response.text)


async def _serve() -> None:
    runner = web.AppRunner(Endpoint().application(), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)  # the port, for who started it
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
