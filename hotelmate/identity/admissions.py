"""Sockets of the Channels server that were let in by rights that can end.

A Pusher signature is good for as long as the socket that it was made for. So when the rights end that it was
given by, the socket is closed: its client comes back with another socket, and has to be let in anew.
The process that has the socket sees to that, whichever has given the signature.
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
    """Who was let in by which rights, of the sockets of this process."""

    def __init__(
        self,
        rights: Rights,
        *,
        is_open: Callable[[str], bool],
        close: Callable[[str], None],
        tell: Callable[[str], None],
    ) -> None:
        """Remember nobody yet; `is_open` and `close` take a socket's id, `tell` what others are to `hear`."""
        self._rights = rights
        self._is_open = is_open
        self._close = close
        self._tell = tell
        self._watches: dict[tuple[Actor, str], ExitStack] = {}

    def remember(self, actor: Actor, socket_id: str) -> None:
        """Have this socket closed when the actor's rights end, should it still be open then."""
        if self._is_open(socket_id):
            self._watch(actor, socket_id)
        else:
            self._tell(_encode(actor, socket_id))

    def hear(self, told: str) -> None:
        """Learn what another process had to remember, if the socket is one of ours."""
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
