"""GraphQL over HTTP: drawn operations, by POST, GET and as multipart forms, from every kind of caller."""

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import aiohttp
from graphql import GraphQLSchema, build_schema

from tests.fuzzing import values
from tests.fuzzing.documents import Documents, Operation
from tests.fuzzing.pictures import picture
from tests.fuzzing.twins import CALLERS, Twin, Twins
from tests.fuzzing.verdict import Verdict

KIND = "GraphQL"

_SCHEMA = Path(__file__).parents[2] / "schema.graphql"
_KINDS = {"query": 45, "mutation": 50, "subscription": 2}
_STATUSES = frozenset({200, 400, 405, 406, 415})
_ACCEPTED = (
    *(
        "application/json",
        "application/graphql-response+json",
        "*/*",
        "application/graphql-response+json, */*;q=0.1",
    ),
    *("image/png", "text/event-stream", "application/json;q=0", "a/b, ;;q=x", ""),
)
_RENEW_EVERY = 100


@dataclass(frozen=True)
class Request:
    """One request, but for what each server fills in."""

    caller: str
    operation: Operation
    method: str
    accept: str
    files: dict[str, bytes]
    extensions: dict[str, Any] | None = None

    def body(self) -> str:
        return json.dumps(
            {
                "query": self.operation.query,
                "variables": self.operation.variables,
                "operationName": self.operation.name,
                **({} if self.extensions is None else {"extensions": self.extensions}),
            }
        )


def schema() -> GraphQLSchema:
    """The schema, as it is published."""
    return build_schema(_SCHEMA.read_text())


async def send_all(twins: Twins, verdict: Verdict, *, random: Random, count: int) -> None:
    """Draw so many operations and send each to both servers."""
    documents = Documents(schema(), random)
    for number in range(count):
        if number % _RENEW_EVERY == 0:
            await twins.renew()
        request = _draw(documents, random)
        outcomes = await asyncio.gather(*(_send(twin, request, verdict) for twin in twins.each))
        verdict.sent[KIND] += 1
        if outcomes[0] != outcomes[1]:
            verdict.fault(f"{KIND}: the servers disagree", request, outcomes)


def _draw(documents: Documents, random: Random) -> Request:
    operation = documents.draw(_KINDS)
    caller = random.choice(CALLERS)
    if "logOut" in operation.query and caller == "staff":
        caller = "leaving"
    accept = _ACCEPTED[0] if random.random() < 0.85 else random.choice(_ACCEPTED)
    files = {name: picture(random) for name in operation.files}
    method = "GET" if random.random() < 0.1 and not files else "POST"
    key = random.choice((*values.KEYS, "\0", None, 5, [], {})) if random.random() < 0.15 else ""
    extensions = {"idempotencyKey": key} if key != "" else None
    return Request(caller, operation, method, accept, files, extensions)


async def _send(twin: Twin, request: Request, verdict: Verdict) -> object:
    """Return what the other server has to answer as well: the status, and the codes of the errors."""
    headers = {"Accept": request.accept}
    if authorization := twin.authorization(request.caller):
        headers["Authorization"] = authorization
    try:
        async with twin.client.request(
            request.method, "/graphql", headers=headers, **_sent(twin, request, headers)
        ) as response:
            if request.operation.kind == "subscription" and response.content_type == "text/event-stream":
                return response.status
            payload = await response.read()
    except (aiohttp.ClientError, TimeoutError) as error:
        verdict.fault(f"{KIND} on {twin.name}: no answer", request, error)
        return None
    verdict.answered[KIND, str(response.status)] += 1
    if response.status not in _STATUSES:
        verdict.fault(f"{KIND} on {twin.name}: status {response.status}", request, payload)
    if response.content_type == "text/event-stream":
        return response.status
    return response.status, _judge(twin, request, verdict, payload)


def _sent(twin: Twin, request: Request, headers: dict[str, str]) -> dict[str, Any]:
    body = twin.fill(request.body())
    if request.method == "GET":
        parameters = {
            "query": twin.fill(request.operation.query),
            "operationName": request.operation.name or "",
        }
        if request.operation.variables:
            parameters["variables"] = json.dumps(json.loads(body)["variables"])
        return {"params": parameters}
    if not request.files:
        headers["Content-Type"] = "application/json"
        return {"data": body.encode()}
    headers["GraphQL-Require-Preflight"] = "1"
    form = aiohttp.FormData()
    form.add_field("operations", body)
    form.add_field("map", json.dumps({name: [f"variables.{name}"] for name in request.files}))
    for name, content in request.files.items():
        form.add_field(name, content, filename="p.png", content_type="image/png")
    return {"data": form}


def _judge(twin: Twin, request: Request, verdict: Verdict, payload: bytes) -> tuple[str, ...]:
    """Return the codes of the errors in what should be a GraphQL response."""
    try:
        answer = json.loads(payload)
    except ValueError:
        answer = None
    if not (isinstance(answer, dict) and answer.keys() & {"data", "errors"}):
        verdict.fault(f"{KIND} on {twin.name}: no GraphQL response", request, payload)
        return ()
    if "errors" not in answer:
        verdict.answered[KIND, "no error"] += 1
    return verdict.judge_errors(KIND, answer.get("errors", ()), request)
