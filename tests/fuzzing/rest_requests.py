"""The REST doors: schemathesis draws requests from the OpenAPI document and checks the answers against it."""

import asyncio
import json
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, NamedTuple

import hypothesis
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from schemathesis import Case, GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi import checks

from tests.fuzzing import values
from tests.fuzzing.twins import CALLERS, REQUEST_SECONDS, Twin, Twins
from tests.fuzzing.verdict import Verdict

KIND = "REST"

# What else schemathesis can check sends requests of its own, or takes a rule that no schema can write, such
# as that a stay ends after it begins, for a mistake.
_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.unsupported_method,
    checks.allow_header_conformance,
]
_BOOLEAN = r"^\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]|[Oo][Nn]|[Oo][Ff][Ff]|[01])?\s*$"
# As a browser's form sends them, in JSON too; an empty text where it can only mean that nothing was said.
_TAKEN_AS_WELL: Mapping[str, Sequence[Mapping[str, object]]] = {
    "string": [{"type": "string", "maxLength": 0}],
    "boolean": [{"enum": [0, 1]}, {"type": "string", "pattern": _BOOLEAN}],
    "integer": [{"type": "string", "pattern": r"^(\s*[+-]?[0-9]{1,18}\s*)?$"}],
}
_RENEW_EVERY = 100
_MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)


class Sender(NamedTuple):
    """Who sends a request, and under which idempotency key."""

    caller: str
    key: str | None


async def send_all(twins: Twins, verdict: Verdict, *, random: Random, count: int) -> None:
    """Draw so many requests and send each to both servers."""
    load_all_checks()
    drawn = await asyncio.to_thread(_draw, await _document(twins.each[0]), random, count)
    sessions = {twin.name: requests.Session() for twin in twins.each}
    for number, case in enumerate(drawn):
        if number % _RENEW_EVERY == 0:
            await twins.renew()
        caller = random.choice(CALLERS)
        key = random.choice(values.KEYS) if random.random() < 0.05 else None
        if random.random() < 0.9:
            _lead_somewhere(case, twins, random)
        sender = Sender(caller, key)
        outcomes = [
            await asyncio.to_thread(_send, twin, sessions[twin.name], case, sender, verdict)
            for twin in twins.each
        ]
        verdict.sent[KIND] += 1
        if outcomes[0] != outcomes[1]:
            verdict.fault(f"{KIND}: the servers disagree", _told(case, sender), outcomes)
    for session in sessions.values():
        session.close()


async def _document(twin: Twin) -> dict[str, Any]:
    """Return what the server publishes, with what its doors take beyond that: forms send numbers as text."""
    async with twin.client.get("/openapi.json") as response:
        document: dict[str, Any] = await response.json()
    for operations in document["paths"].values():
        for operation in operations.values():
            for media in operation.get("requestBody", {}).get("content", {}).values():
                media["schema"] = _with_what_is_taken_as_well(media["schema"])
    return document


def _with_what_is_taken_as_well(schema: Any) -> Any:
    match schema:
        case {"type": kind, "format": "date"} | {"type": ("boolean" | "integer") as kind}:
            return {"anyOf": [schema, *_TAKEN_AS_WELL[kind]]}
        case dict():
            return {name: _with_what_is_taken_as_well(part) for name, part in schema.items()}
        case list():
            return [_with_what_is_taken_as_well(part) for part in schema]
        case _:
            return schema


def _draw(document: Mapping[str, Any], random: Random, count: int) -> Sequence[Case]:
    """Return so many cases: of every door the bounds that schemathesis knows, and as many drawn at random."""
    schema = schemathesis.openapi.from_dict(dict(document))
    operations = [result.ok() for result in schema.get_all_operations()]
    bounds = [case for operation in operations for case in _bounds(operation)]
    bounds = random.sample(bounds, min(len(bounds), count // 2))
    each = -(-(count - len(bounds)) // (len(operations) * len(_MODES)))
    by_chance = [
        case
        for operation in operations
        for mode in _MODES
        for case in _by_chance(operation, mode, seed=random.randrange(2**32), count=each)
    ]
    drawn = [*bounds, *by_chance]
    random.shuffle(drawn)
    # What can be drawn for a door may be less than was asked for.
    while len(drawn) < count:
        seed = random.randrange(2**32)
        drawn += _by_chance(random.choice(operations), GenerationMode.POSITIVE, seed=seed, count=each)
    return drawn[:count]


def _bounds(operation: APIOperation) -> Iterator[Case]:
    schema = operation.schema
    return schema.iter_coverage_cases(
        operation,
        generation_modes=[*_MODES],
        generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
    )


def _by_chance(operation: APIOperation, mode: GenerationMode, *, seed: int, count: int) -> list[Case]:
    drawn: list[Case] = []
    if mode is GenerationMode.NEGATIVE and not operation.body and not operation.query:
        return drawn  # any text will do in a path, so there is nothing that it may not be

    @hypothesis.seed(seed)
    @hypothesis.settings(
        max_examples=count,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def draw(case: Case) -> None:
        drawn.append(case)

    draw()
    return drawn


def _lead_somewhere(case: Case, twins: Twins, random: Random) -> None:
    """Put names in the path that the demo has: few that are drawn by chance get past them.

    Nor do many that are drawn with the document's example of an idempotency key, which is used up at once.
    """
    case.headers.pop("Idempotency-Key", None)
    if isinstance(case.body, dict) and random.random() < 0.3:
        texts = sorted(name for name, value in case.body.items() if isinstance(value, str))
        case.body |= {random.choice(texts): values.text(random)} if texts else {}
    path = dict(case.path_parameters)
    if "slug" in path:
        path["slug"] = "killarney"
    if "id" in path:
        is_booking = "booking" in case.operation.path
        path["id"] = twins.each[0].fill(values.reference(random)) if is_booking else values.number_id(random)
    case.path_parameters = path


def _send(
    twin: Twin, session: requests.Session, case: Case, sender: Sender, verdict: Verdict
) -> tuple[object, ...] | None:
    """Return what the other server has to answer as well: the status, and which fields are to blame."""
    authorization = twin.authorization(sender.caller)
    headers = {"Authorization": authorization} if authorization else {}
    if sender.key is not None:
        headers["Idempotency-Key"] = sender.key
    query = {}
    if sender.caller == "guest" and "token" in case.query:
        query["token"] = authorization.removeprefix("GuestToken ")
    try:
        response = case.call(
            twin.server.url,
            session=session,
            headers=headers,
            params=query,
            timeout=REQUEST_SECONDS,
            allow_redirects=False,
        )
    except (requests.exceptions.InvalidHeader, UnicodeEncodeError):
        return None  # nothing that the client can send
    except requests.exceptions.RequestException as error:
        verdict.fault(f"{KIND} on {twin.name}: no answer", _told(case, sender), error)
        return None
    verdict.answered[KIND, str(response.status_code)] += 1
    # A form writes everything as text, and a list of one as its entry: little in it is of a wrong type.
    is_json = case.media_type == "application/json"
    checked = [*_CHECKS, checks.negative_data_rejection] if is_json else _CHECKS
    try:
        case.validate_response(response, checks=checked, headers=headers)
    except FailureGroup as group:
        for failure in group.exceptions:
            what = f"{KIND} on {twin.name}: {failure.title}: {failure.message}"
            verdict.fault(what, _told(case, sender), response.text)
    return response.status_code, *_fields(response.content)


def _fields(content: bytes) -> list[str]:
    try:
        answer = json.loads(content)
    except ValueError:
        return []
    return sorted(answer) if isinstance(answer, dict) else []


def _told(case: Case, sender: Sender) -> str:
    return f"{sender}: {case.as_curl_command()}"
