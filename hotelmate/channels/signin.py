"""Who is this client? Users sign in with a token of their application, apart from any channel.

Source:
    Pusher docs, "User authentication" and "Signin" of the protocol page.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hotelmate.channels import frames, tokens
from hotelmate.channels.config import App, Limits
from hotelmate.channels.errors import FrameRefusedError

NOT_AUTHORIZED = 4009
WATCHLIST_TOO_LONG = 4302


@dataclass(frozen=True, slots=True)
class User:
    """A signed-in user; `info` is JSON, `watchlist` names users whose coming and going it is told of."""

    user_id: str
    info: bytes
    watchlist: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignIn:
    """A user, and the text that named it: clients want that back unchanged."""

    user: User
    user_data: str


def check(data: Any, *, socket_id: str, app: App, limits: Limits) -> SignIn:
    """Read the data of `pusher:signin`, and let pass only what the application has signed.

    Raises:
        FrameRefusedError: 4009 when the token or the user will not do.
    """
    content = frames.unwrapped(data)
    auth, user_data = content.get("auth"), content.get("user_data")
    if not isinstance(auth, str) or not isinstance(user_data, str):
        raise FrameRefusedError('A sign-in needs strings "auth" and "user_data".', code=NOT_AUTHORIZED)
    signatures = [
        tokens.user_signature(secret, socket_id=socket_id, user_data=user_data) for secret in app.secrets
    ]
    if not tokens.is_one_of(auth, [f"{app.key}:{signature}" for signature in signatures]):
        message = (
            f"Invalid signature: expected KEY:HMAC, the HMAC SHA256 hex digest being of {socket_id}::user::"
        )
        raise FrameRefusedError(message, code=NOT_AUTHORIZED)
    try:
        return SignIn(_user(frames.unwrapped(user_data), limits), user_data)
    except FrameRefusedError as refused:
        raise FrameRefusedError(f"user_data: {refused.message}", code=NOT_AUTHORIZED) from refused


def _user(content: Mapping[str, Any], limits: Limits) -> User:
    user_id, watchlist = content.get("id"), content.get("watchlist", [])
    if not isinstance(user_id, str) or not 1 <= len(user_id) <= limits.user_id_characters:
        raise FrameRefusedError(f'"id" must have 1 to {limits.user_id_characters} characters.')
    if not isinstance(watchlist, list) or not all(isinstance(watched, str) for watched in watchlist):
        raise FrameRefusedError('"watchlist" must be a list of user ids.')
    return User(
        user_id, info=frames.encoded(content.get("user_info")), watchlist=tuple(dict.fromkeys(watchlist))
    )
