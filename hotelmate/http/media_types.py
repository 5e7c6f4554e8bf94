"""Media types, as headers write them: `text/html;charset=utf-8`, `text/html,application/json;q=0.9`.

Source:
    RFC 9110, "Media Type" and "Accept".
"""

from collections.abc import Mapping


def parse(text: str) -> tuple[str, Mapping[str, str]]:
    """Return a media type in lower case, and its parameters by their names in lower case."""
    media_type, *parameters = text.split(";")
    pairs = (parameter.partition("=") for parameter in parameters)
    named = {name.strip().lower(): value.strip().strip('"') for name, _, value in pairs}
    return media_type.strip().lower(), named


def qualities(accept: str) -> dict[str, float]:
    """Return how much a client wants each media type (or wildcard) that its `Accept` names.

    From 0, not at all, to 1; a number that cannot be read counts as 0.
    """
    wanted = {}
    for entry in accept.split(","):
        media_type, parameters = parse(entry)
        try:
            wanted[media_type] = float(parameters.get("q", "1"))
        except ValueError:
            wanted[media_type] = 0.0
    return wanted
