"""The secret that everything is signed with: keys for each purpose, and the file that it is kept in."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from hotelmate.settings.errors import SettingsError

_SHORTEST = 32


def derived(secret: bytes, purpose: str) -> bytes:
    """Return 32 bytes that only who has the secret knows, different for every purpose."""
    return hmac.digest(secret, purpose.encode(), hashlib.sha256)


def kept_in(path: Path) -> bytes:
    """Return the secret in a file, which is made with a new one when it is not there (mode 0600).

    Raises:
        SettingsError: the file cannot be used, or is damaged.
    """
    try:
        secret = _read_or_made(path)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be used ({error.strerror}); set HOTELMATE_DATA_DIR or HOTELMATE_SECRET_KEY"
        ) from error
    if len(secret) < _SHORTEST:
        raise SettingsError(f"{path} is damaged; restore it, or remove it and renew every guest token")
    return secret


def _read_or_made(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    # Written beside its place and linked there, so that of two processes starting together one wins whole.
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(secrets.token_hex(32).encode())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its secret is the one
    finally:
        draft.unlink()
    return path.read_bytes()
