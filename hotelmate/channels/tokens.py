"""Signatures: of clients that want to join a channel, and of requests to the HTTP API.

All are HMAC-SHA256 in lower-case hexadecimal, and all are compared in constant time.

Source:
    Pusher docs, "Generating the authentication string" and "HTTP API: authentication".
"""

import hashlib
import hmac
from collections.abc import Iterable


def sign(secret: str, text: str | bytes) -> str:
    """Return the HMAC-SHA256 of the text under the secret, in lower-case hexadecimal."""
    message = text.encode() if isinstance(text, str) else text
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def channel_signature(secret: str, *, socket_id: str, channel: str, channel_data: str | None = None) -> str:
    """Sign one connection's subscription to one channel; `channel_data` is signed as it stands."""
    signed = [socket_id, channel] if channel_data is None else [socket_id, channel, channel_data]
    return sign(secret, ":".join(signed))


def user_signature(secret: str, *, socket_id: str, user_data: str) -> str:
    """Sign one connection's sign-in; `user_data` is signed as it stands."""
    return sign(secret, f"{socket_id}::user::{user_data}")


def request_signature(secret: str, *, method: str, path: str, parameters: Iterable[tuple[str, str]]) -> str:
    """Sign a request by its method, its path and its query parameters other than `auth_signature`.

    Path and values are taken percent-decoded. The body counts through its parameter `body_md5`.
    """
    decorated = sorted(((name.lower(), value) for name, value in parameters), key=lambda pair: pair[0])
    query = "&".join(f"{name}={value}" for name, value in decorated)
    return sign(secret, f"{method.upper()}\n{path}\n{query}")


def body_digest(body: bytes) -> str:
    """Return what `body_md5` must be: it ties the body to the signature, which alone is the proof."""
    return hashlib.md5(body, usedforsecurity=False).hexdigest()


def is_one_of(given: str, expected: Iterable[str]) -> bool:
    """Compare with each in constant time. Any text may be given, also outside ASCII."""
    return any(equal(given, each) for each in expected)


def equal(given: str, expected: str) -> bool:
    """Compare in constant time. Any text may be given, also outside ASCII."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode())
