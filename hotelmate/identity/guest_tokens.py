"""Guest tokens: a guest's only key to a booking, checked without being stored.

A token is the booking's reference and a signature over it and the booking's nonce. Whoever reads the
database cannot make one without the secret key; a new nonce revokes the old token.
"""

import base64
import hashlib
import hmac
import re
import secrets

from hotelmate.models import REFERENCE

_FIRST, _RENEWED = "first-", "renewed-"
_FORM = re.compile(rf"({REFERENCE.pattern})\.[A-Za-z0-9_-]{{43}}")


def new_nonce() -> str:
    """Return the nonce of a new booking."""
    return f"{_FIRST}{secrets.token_hex(12)}"


def renewed_nonce() -> str:
    """Return a nonce that revokes the token of the one before."""
    return f"{_RENEWED}{secrets.token_hex(12)}"


def was_renewed(nonce: str) -> bool:
    """Whether an older token of the booking has been given to somebody."""
    return nonce.startswith(_RENEWED)


def reference_in(token: str) -> str | None:
    """Return the reference of the booking that a token claims to open; None when it has no token's form."""
    match = _FORM.fullmatch(token)
    return match[1] if match else None


class GuestTokens:
    """Signs and checks guest tokens with a key of 32 bytes.

    While the key is being replaced, tokens of the `previous` one work as well.
    """

    def __init__(self, key: bytes, *previous: bytes) -> None:
        self._key = key
        self._keys = (key, *previous)

    def issue(self, reference: str, nonce: str) -> str:
        """Return the token that opens the booking as long as it keeps this nonce."""
        return _token(self._key, reference, nonce)

    def is_valid(self, token: str, reference: str, nonce: str) -> bool:
        """Whether `token` opens the booking, compared in constant time."""
        # JSON can carry half a surrogate pair, which opens nothing, and is no reason to fail.
        sent = token.encode(errors="surrogatepass")
        tokens = [_token(key, reference, nonce).encode() for key in self._keys]
        return any(hmac.compare_digest(sent, issued) for issued in tokens)


def _token(key: bytes, reference: str, nonce: str) -> str:
    digest = hmac.digest(key, f"{reference}:{nonce}".encode(), hashlib.sha256)
    return f"{reference}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"
