"""What a run has found: how much was sent, how it was answered, and what should never have been."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

# The codes of the contract, and those for what is no GraphQL request or no valid document.
CODES = frozenset(
    {
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "NOT_FOUND",
        "BAD_USER_INPUT",
        "CONFLICT",
        "CURSOR_EXPIRED",
        "QUERY_TOO_COMPLEX",
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_REQUEST",
    }
)
_MOST_SHOWN = 1200
_GREETINGS = ("HotelMate serves at ", "Demo hotels: ")
_BAD_LEVELS = frozenset({"error", "critical"})


@dataclass(slots=True)
class Verdict:
    """Counts what was sent by kind, and answers by kind and status or code; `faults` should be empty."""

    seed: int
    sent: Counter[str] = field(default_factory=Counter)
    answered: Counter[tuple[str, str]] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def fault(self, what: str, sent: object, answered: object = "") -> None:
        """Write down something that should not have been, with what led to it."""
        self.faults.append(f"{what}\n    sent: {_shortened(sent)}\n    answered: {_shortened(answered)}")

    def judge_errors(self, kind: str, errors: Iterable[object], sent: object) -> tuple[str, ...]:
        """Count the codes of a GraphQL answer's errors and return them in order; none may be masked."""
        codes = []
        for error in errors:
            extensions = error.get("extensions") if isinstance(error, dict) else None
            code = str(extensions.get("code")) if isinstance(extensions, dict) else "none"
            self.answered[kind, code] += 1
            if code not in CODES:
                self.fault(f"{kind}: an error with the code {code}", sent, error)
            codes.append(code)
        return tuple(sorted(codes))

    def judge_log(self, server: str, text: str) -> None:
        """Look for tracebacks and errors in what a server has written."""
        for line in _bad_lines(text):
            self.fault(f"the log of the server on {server}", "", line)

    def __str__(self) -> str:
        lines = [f"seed {self.seed}: {self.sent.total()} sent to each of two servers in {self.seconds:.0f} s"]
        for kind, count in sorted(self.sent.items()):
            answers = sorted((answer, of) for (its, answer), of in self.answered.items() if its == kind)
            lines.append(f"  {kind} {count}: " + ", ".join(f"{answer} {of}" for answer, of in answers))
        lines.append(f"{len(self.faults)} faults")
        return "\n".join([*lines, *self.faults])


def _bad_lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            # No line of the log; the interpreter itself writes so of what nobody has caught.
            if not line.startswith(_GREETINGS):
                yield line
            continue
        if entry.get("level") in _BAD_LEVELS or "exception" in entry:
            yield line


def _shortened(what: object) -> str:
    text = what if isinstance(what, str) else repr(what)
    return text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}… ({len(text)} characters)"
