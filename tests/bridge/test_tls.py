"""Pusher is who the system's certificates say it is, not those that the `pusher` library brings along."""

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

SENDING = """
import asyncio, sys
from hotelmate.bridge.pusher_client import PusherSender
from hotelmate.bridge.sending import LegacyMessage, Unreachable
from hotelmate.settings import PusherSettings

async def send():
    settings = PusherSettings(app_id="1", key="k", secret="s", host="127.0.0.1", port=int(sys.argv[1]))
    sender = PusherSender.to_service(settings)
    try:
        await sender.send_batch([LegacyMessage("hotel-killarney", "offer-deleted", "{}")])
        print("sent")
    except Unreachable as error:
        print(error)
    await sender.close()

asyncio.run(send())
"""


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "A company's own Pusher")])
    now = datetime.now(UTC)
    address = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(address, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "pusher.pem"
    path.write_bytes(
        made.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return path


@pytest.fixture
async def port(certificate: Path) -> AsyncIterator[int]:
    """Where a Pusher with that certificate listens."""

    async def take(_: web.Request) -> web.Response:
        return web.json_response({})

    application = web.Application()
    application.router.add_post("/apps/1/batch_events", take)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
    yield runner.addresses[0][1]
    await runner.cleanup()


async def send(port: int, environment: dict[str, str]) -> str:
    """Send a message from a process of its own, as what it trusts is read once."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SENDING, str(port), env=os.environ | environment, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await process.communicate()
    return said.decode().strip()


async def test_whom_the_system_trusts_is_trusted(port: int, certificate: Path) -> None:
    assert await send(port, {"SSL_CERT_FILE": str(certificate)}) == "sent"


async def test_whom_it_does_not_trust_is_sent_nothing(port: int) -> None:
    assert "certificate verify failed" in await send(port, {})
