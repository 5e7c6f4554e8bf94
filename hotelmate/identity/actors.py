"""Whoever calls: resolved once for a request or a socket, and passed to every operation."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Anonymous:
    """Someone who has shown no credentials."""


@dataclass(frozen=True, slots=True)
class StaffActor:
    """A staff member, by a session that lasts until `expires_at` unless it is ended before."""

    session_id: int
    staff_id: int
    user_id: int
    hotel_id: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class GuestActor:
    """The holder of a booking's guest token; `nonce` is what that token is signed over."""

    reference: str
    hotel_id: int
    nonce: str


Actor = Anonymous | StaffActor | GuestActor
