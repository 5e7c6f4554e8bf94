"""Keys under which a change may be sent again: what a key is, whose it is, and what was sent under it.

A key belongs to the member of the staff, or to the guest's token, that it came with: nobody else's request
finds what came of it. Anonymous callers have only their keys to tell them apart, so theirs must be hard to
guess; and since the content has to be the same as well, who asks for an outcome knows what was sent for it.

Neither keys nor contents are kept. A content is signed with its key, so that who reads the database cannot
try out what it may have been.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, Self

import orjson

from hotelmate.errors import BadUserInput
from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor

HEADER = "idempotency-key"
FIELD = "idempotencyKey"
"""What a refusal calls the key, wherever it stood in the request."""

REPLAYED_HEADER = "idempotent-replayed"
"""Is `true` in an answer that was not made anew; the name is Stripe's."""

_LONGEST = 255
_SHORTEST_OF_ANONYMOUS = 16
_PRINTABLE = re.compile(rf"[\x20-\x7e]{{1,{_LONGEST}}}")
# The draft has a string of structured fields (RFC 9651), in quotes, which most clients leave out.
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')


@dataclass(frozen=True, slots=True)
class KeyedRequest:
    """A request that came with a key: two are the same if both hashes are; the first says whose key it is."""

    key_hash: str
    fingerprint: str
    is_guessable: bool

    @classmethod
    def of(cls, actor: Actor, key: str, content: object, files: Mapping[str, BinaryIO]) -> Self:
        """Make it of what was sent.

        Args:
            actor: the caller.
            key: as `parse` returned it.
            content: what is asked for, of JSON's values.
            files: those that belong to it, by name; they are read to their ends.

        Raises:
            BadUserInput: the content is nested too deeply.
        """
        return cls(
            key_hash=hash_of(actor, key),
            fingerprint=_fingerprint(key, content, files),
            is_guessable=isinstance(actor, Anonymous) and len(key) < _SHORTEST_OF_ANONYMOUS,
        )

    def require_unguessable(self) -> None:
        """Refuse a key that somebody else could try.

        Raises:
            BadUserInput: it is an anonymous caller's, and short.
        """
        if self.is_guessable:
            needed = f"at least {_SHORTEST_OF_ANONYMOUS} characters, best a random UUID"
            raise BadUserInput(FIELD, f"Without a log-in a key has {needed}.")


def parse(sent: object) -> str:
    """Return the key that was sent, in quotes or not.

    Raises:
        BadUserInput: it is not 1 to 255 printable characters of ASCII.
    """
    if not isinstance(sent, str) or not _PRINTABLE.fullmatch(sent):
        raise BadUserInput(FIELD, f"A key is 1 to {_LONGEST} printable characters of ASCII.")
    quoted = _QUOTED.fullmatch(sent)
    key = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else sent
    if not key:
        raise BadUserInput(FIELD, "The key is empty.")
    return key


def hash_of(actor: Actor, key: str) -> str:
    """Return what is kept of a key, different for each actor."""
    return hashlib.sha256(orjson.dumps([*_owner(actor), key])).hexdigest()


def _owner(actor: Actor) -> tuple[str, ...]:
    match actor:
        # Whoever logs in again between two attempts is still the same.
        case StaffActor(staff_id=staff_id):
            return "staff", str(staff_id)
        # Whoever has the renewed token may be somebody else.
        case GuestActor(reference=reference, nonce=nonce):
            return "guest", reference, nonce
        case Anonymous():
            return ("anonymous",)


def _fingerprint(key: str, content: Any, files: Mapping[str, BinaryIO]) -> str:
    digests = {}
    for name, file in files.items():
        file.seek(0)
        digests[name] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
        file.seek(0)
    try:
        whole = orjson.dumps([content, digests], option=orjson.OPT_SORT_KEYS)
    except orjson.JSONEncodeError:
        raise BadUserInput(FIELD, "What is nested so deeply cannot be sent under a key.") from None
    return hmac.digest(key.encode(), whole, hashlib.sha256).hex()
