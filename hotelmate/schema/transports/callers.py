"""Who calls, from what a GraphQL client sends to prove it."""

from hotelmate.errors import Unauthenticated
from hotelmate.identity.actors import Actor, Anonymous
from hotelmate.schema.context import Context


def identify(context: Context, credentials: str | None) -> Actor:
    """Return whoever the credentials name; anonymous when they name nobody, or nobody any longer.

    Credentials that no longer work do not refuse the request: a client with an old token must still be able
    to log in and to read what is public, and a socket that was closed because rights ended must be able to
    come back. Fields that need a log-in answer UNAUTHENTICATED by themselves.
    """
    services = context.services
    try:
        return services.sessions.authenticate(
            lambda: context.reading, credentials, guest_tokens=services.guest_tokens, at=context.now
        )
    except Unauthenticated:
        return Anonymous()
