"""Close sockets of the embedded Channels server when the rights end by which they joined their channels.

A Pusher signature is valid for as long as the socket that it was made for. So when the session or the guest
token ends for which it was given, the socket is closed: its client connects again, and has to ask for a new
signature. The process that holds the socket does that, whichever process gave the signature.
Lives on the event loop's thread.
"""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from functools import partial

import orjson

from hotelmate.identity.actors import Actor, Anonymous, GuestActor, StaffActor
from hotelmate.identity.rights import Rights

_MOST_BEFORE_TIDYING = 10_000


class Admissions:
    """For whom signatures were given for the sockets of this process."""

    def __init__(
        self,
        rights: Rights,
        *,
        is_open: Callable[[str], bool],
        close: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        """Begin without any; `is_open` and `close` take a socket's id.

        What is handed to `tell` is to reach `hear` in every other process.
        """
        self._rights = rights
        self._is_open = is_open
        self._close = close
        self._tell = tell
        self._watches: dict[tuple[Actor, str], ExitStack] = {}

    def remember(self, actor: Actor, socket_id: str) -> None:
        """Note that a signature was given for this socket on behalf of this actor."""
        if self._is_open(socket_id):
            self._watch(actor, socket_id)
        else:
            self._tell(_encode(actor, socket_id))

    def hear(self, told: str) -> None:
        """Take over what another process told, if the socket is at this one."""
        actor, socket_id = _decode(told)
        if self._is_open(socket_id):
            self._watch(actor, socket_id)

    def _watch(self, actor: Actor, socket_id: str) -> None:
        if (actor, socket_id) in self._watches:
            return
        if len(self._watches) >= _MOST_BEFORE_TIDYING:
            self._forget_those_who_left()
        watch = self._watches[actor, socket_id] = ExitStack()
        watch.enter_context(self._rights.watch(actor, partial(self._end, actor, socket_id)))

    def _end(self, actor: Actor, socket_id: str) -> None:
        self._close(socket_id)
        watch = self._watches.pop((actor, socket_id), None)
        if watch is not None:
            watch.close()

    def _forget_those_who_left(self) -> None:
        for actor, socket_id in [key for key in self._watches if not self._is_open(key[1])]:
            self._watches.pop((actor, socket_id)).close()


def _encode(actor: Actor, socket_id: str) -> str:
    return orjson.dumps({"socket_id": socket_id, "kind": type(actor).__name__, "actor": actor}).decode()


def _decode(told: str) -> tuple[Actor, str]:
    content = orjson.loads(told)
    fields = content["actor"]
    match content["kind"]:
        case "StaffActor":
            expires_at = datetime.fromisoformat(fields.pop("expires_at"))
            return StaffActor(**fields, expires_at=expires_at), content["socket_id"]
        case "GuestActor":
            return GuestActor(**fields), content["socket_id"]
        case _:
            return Anonymous(), content["socket_id"]
