"""What came of changes that were sent under a key, written down in the transaction of each change.

So an outcome is there exactly when its change was committed: after a crash between the commit and the answer
the repeat finds it, and a change that was rolled back leaves nothing behind. Of two at once the second waits
for the first, on the key's row, and then answers what came of that.

What an operation returned is kept, and not what was answered: an answer can hold a guest token, which is kept
nowhere, and is made again from the booking. A refusal for how things stand (CONFLICT, NOT_FOUND) is an
outcome as well, since an earlier attempt may have been answered with it. No other refusal is: what was sent
can be mended, and what was away or too much will do later.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import orjson
import structlog
from pydantic import BaseModel, TypeAdapter
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import col, delete, select, update

from hotelmate.database import Database, Reading, Transaction, savepoint, turn_held
from hotelmate.errors import Conflict, NotFound, Refused
from hotelmate.idempotency.keys import KeyedRequest
from hotelmate.models import Hotel, IdempotencyRecord

Value = TypeVar("Value")

_KEPT = timedelta(days=1)
_REFUSALS: Mapping[str, type[Conflict | NotFound]] = {kind.code: kind for kind in (Conflict, NotFound)}

logger = structlog.get_logger(__name__)


class KeyReused(Conflict):
    """The key came with something else before."""

    def __init__(self) -> None:
        super().__init__("This key was used for another request.")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[Value]):
    """What an operation returned, and the hotel whose turn it had, as it stood at its end."""

    value: Value
    hotel: Hotel


@dataclass(frozen=True, slots=True)
class Recorded:
    """An outcome as it is written down."""

    content: Mapping[str, Any]

    def outcome(self, kind: type[Value]) -> Outcome[Value]:
        """Return it again, its value of the kind that the operation returns.

        Raises:
            Conflict, NotFound: that is what came of it.
        """
        if refusal := _REFUSALS.get(self.content.get("refused", "")):
            raise refusal(self.content["message"])
        return Outcome(_decode(kind, self.content["value"]), _decode(Hotel, self.content["hotel"]))


def is_known(reading: Reading, key_hash: str) -> bool:
    """Whether something came of what was sent under a key."""
    statement = select(IdempotencyRecord.key_hash).where(IdempotencyRecord.key_hash == key_hash)
    return reading.exec(statement).first() is not None


def find(reading: Reading, request: KeyedRequest, place: str) -> Recorded | None:
    """Return what came of one of the request's changes before; None when nothing did.

    Args:
        reading: the session.
        request: what was sent.
        place: which of its changes, if it can have several.

    Raises:
        KeyReused: something else was sent under the key.
    """
    kept = select(IdempotencyRecord).where(IdempotencyRecord.key_hash == request.key_hash)
    record = reading.exec(kept).first()
    return None if record is None else _recorded(request, record.fingerprint, record.outcomes, place)


def make(transaction: Transaction, operation: Callable[[Transaction], Value]) -> Outcome[Value]:
    """Make a change that came without a key."""
    return Outcome(operation(transaction), turn_held(transaction))


def make_once(
    database: Database,
    request: KeyedRequest,
    place: str,
    operation: Callable[[Transaction], Value],
) -> Outcome[Value] | Recorded:
    """Make a change in a transaction of its own, unless it was made before.

    Args:
        database: where.
        request: what was sent.
        place: which of its changes it is.
        operation: makes the change, and takes the turn of one hotel. What it returns is a row, a dataclass, a
            list of either, or a value that JSON has.

    Returns:
        What came of it now, or what came of it before.

    Raises:
        KeyReused: something else was sent under the key.
        BadUserInput: an anonymous caller's key is too short; nothing was changed.
        Refused: what the operation raises.
    """
    with database.transaction() as transaction:
        recorded = _claim(transaction, request, place)
        if recorded is not None:
            return recorded
        made = _attempt(transaction, operation)
        request.require_unguessable()
        _record(transaction, request, place, made)
    if isinstance(made, Refused):
        raise made
    return made


async def prune(database: Database) -> None:
    """Remove what was kept for a day."""
    before = datetime.now(UTC) - _KEPT

    def remove(transaction: Transaction) -> int:
        old = delete(IdempotencyRecord).where(col(IdempotencyRecord.created_at) < before)
        return int(transaction.exec(old).rowcount)

    removed = await database.write(remove)
    if removed:
        logger.info("idempotency_records_pruned", records=removed)


def _claim(transaction: Transaction, request: KeyedRequest, place: str) -> Recorded | None:
    """Lock the key's row, which is made when it is not there, until the transaction ends."""
    dialect = sqlite if transaction.get_bind().dialect.name == "sqlite" else postgresql
    statement = (
        dialect.insert(IdempotencyRecord)
        .values(
            key_hash=request.key_hash,
            fingerprint=request.fingerprint,
            outcomes="{}",
            created_at=datetime.now(UTC),
        )
        # An update that changes nothing: what it is for is the lock, and the row as it is under that.
        .on_conflict_do_update(index_elements=["key_hash"], set_={"key_hash": request.key_hash})
        .returning(col(IdempotencyRecord.fingerprint), col(IdempotencyRecord.outcomes))
    )
    fingerprint, outcomes = transaction.exec(statement).one()
    return _recorded(request, fingerprint, outcomes, place)


def _recorded(request: KeyedRequest, fingerprint: str, outcomes: str, place: str) -> Recorded | None:
    if fingerprint != request.fingerprint:
        raise KeyReused
    content = orjson.loads(outcomes).get(place)
    return None if content is None else Recorded(content)


def _attempt(
    transaction: Transaction, operation: Callable[[Transaction], Value]
) -> Outcome[Value] | Conflict | NotFound:
    try:
        with savepoint(transaction):
            return make(transaction, operation)
    except (Conflict, NotFound) as refusal:
        return refusal


def _record(
    transaction: Transaction,
    request: KeyedRequest,
    place: str,
    made: Outcome[Any] | Conflict | NotFound,
) -> None:
    its_own = col(IdempotencyRecord.key_hash) == request.key_hash
    outcomes = orjson.loads(transaction.exec(select(IdempotencyRecord.outcomes).where(its_own)).one())
    outcomes[place] = (
        {"value": made.value, "hotel": made.hotel}
        if isinstance(made, Outcome)
        else {"refused": made.code, "message": made.message}
    )
    encoded = orjson.dumps(outcomes, default=_encode).decode()
    transaction.exec(update(IdempotencyRecord).where(its_own).values(outcomes=encoded))


def _encode(value: object) -> object:
    assert isinstance(value, BaseModel), "rows and answers are"  # noqa: S101 - a programmer's mistake
    return value.model_dump()


def _decode(kind: type[Value], content: Any) -> Value:
    if get_origin(kind) is list:
        (entry,) = get_args(kind)
        return kind(_decode(entry, each) for each in content)  # type: ignore[call-arg]
    if is_dataclass(kind):
        kinds = get_type_hints(kind)
        made = {field.name: _decode(kinds[field.name], content[field.name]) for field in fields(kind)}
        return kind(**made)
    # A row's type, given to an adapter, would make rows with texts for dates.
    if issubclass(kind, BaseModel):
        return kind.model_validate(content)
    return TypeAdapter(kind).validate_python(content)
