"""What a caller can be refused for: one class per code of the contract, and under it one per fact.

An operation raises the fact. Only the doors turn `code` into a GraphQL error or an HTTP status.
"""

from typing import ClassVar


class Refused(Exception):
    """The operation was not carried out, nothing changed, and the caller can know why."""

    code: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unauthenticated(Refused):
    """The operation needs to know who calls, and no valid credentials came with it."""

    code = "UNAUTHENTICATED"

    def __init__(self, message: str = "Log in first.") -> None:
        super().__init__(message)


class Forbidden(Refused):
    """The caller is known, and may not do this."""

    code = "FORBIDDEN"

    def __init__(self, message: str = "You may not do this.") -> None:
        super().__init__(message)


class NotFound(Refused):
    """There is no such thing, or none that the caller may know of."""

    code = "NOT_FOUND"


class BadUserInput(Refused):
    """A value that cannot be accepted; `field` names it as the GraphQL contract spells it."""

    code = "BAD_USER_INPUT"

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


class Conflict(Refused):
    """What is asked for contradicts what is already so."""

    code = "CONFLICT"


class CursorExpired(Refused):
    """The log no longer holds, or never held, what follows the cursor: read the state anew."""

    code = "CURSOR_EXPIRED"

    def __init__(self, message: str = "The log no longer holds what follows this cursor.") -> None:
        super().__init__(message)


class QueryTooComplex(Refused):
    """A document asks for more than one request may."""

    code = "QUERY_TOO_COMPLEX"


class RateLimited(Refused):
    """Too much in too short a time; `retry_after` is in how many seconds to come back."""

    code = "RATE_LIMITED"

    def __init__(self, message: str = "That was too often; try again later.", *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unavailable(Refused):
    """Something that the operation needs cannot be used at present. Nothing was changed; try again later."""

    def __init__(self, message: str = "The database cannot be reached. Nothing was changed.") -> None:
        super().__init__(message)


class TimedOut(Unavailable):
    """The operation took longer than one may, and was ended; the message says if it could change anything."""

    def __init__(self, message: str = "This took too long and was stopped.") -> None:
        super().__init__(message)


class OutcomeUnknown(Unavailable):
    """It cannot be told whether the commit was made: the database was lost meanwhile, or is still at it."""

    def __init__(
        self, message: str = "The database was lost at the very end. See whether the change was made."
    ) -> None:
        super().__init__(message)
