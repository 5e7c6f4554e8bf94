"""Passwords, kept as argon2id hashes with the library's own parameters."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

_HASHER = PasswordHasher()


def hash_password(password: str) -> str:
    """Return the hash to keep."""
    return _HASHER.hash(password)


def verify_password(password: str, kept: str | None) -> bool:
    """Whether `password` is the one whose hash was kept.

    Without a hash (nobody has that name) the answer is False after the same work, so that the time taken does
    not tell whether a name exists.
    """
    try:
        _HASHER.verify(kept or _nobodys_hash(), password)
    except VerifyMismatchError:
        return False
    return kept is not None


def needs_rehash(kept: str) -> bool:
    """Whether a hash was made with weaker parameters than today's."""
    return _HASHER.check_needs_rehash(kept)


@cache
def _nobodys_hash() -> str:
    return _HASHER.hash("nobody has this password")
