"""Prometheus figures of GraphQL operations: how many, of which field, with which outcome, and how fast."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Histogram

from hotelmate.telemetry.requests import SECONDS

UNKNOWN = "unknown"
SEVERAL = "several"
SUCCESS = "OK"


@dataclass(slots=True)
class Measured:
    """What is counted of one operation, filled in as it becomes known; the rest stays UNKNOWN.

    `kind` is query, mutation or subscription; `field` its one root field, or SEVERAL; `code` that of its
    first error, or SUCCESS. All are words of the schema's or of ours, never of the client's.
    """

    kind: str = UNKNOWN
    field: str = UNKNOWN
    code: str = SUCCESS


class OperationMetrics:
    """The figures of all GraphQL operations of a process, over whichever transport. Any thread may count."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._done = Counter(
            "hotelmate_graphql_operations",
            "GraphQL operations by type, root field and the code of their first error; OK without one.",
            ["type", "field", "code"],
            registry=registry,
        )
        self._seconds = Histogram(
            "hotelmate_graphql_operation_seconds",
            "From when an operation was read until it was carried out; a subscription, until it was open.",
            ["type", "field"],
            buckets=SECONDS,
            registry=registry,
        )

    @contextmanager
    def operation(self, *, began: float) -> Iterator[Measured]:
        """Count the operation that the block carries out, under what the block fills in.

        `began` is the `time.perf_counter` of when it came.
        """
        measured = Measured()
        try:
            yield measured
        finally:
            self._done.labels(measured.kind, measured.field, measured.code).inc()
            self._seconds.labels(measured.kind, measured.field).observe(time.perf_counter() - began)
