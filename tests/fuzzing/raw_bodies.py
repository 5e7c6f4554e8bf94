"""Bodies with something wrong in them: cut, encoded otherwise, or with values that JSON has not."""

import json
from collections.abc import Callable
from random import Random

from tests.fuzzing import values

Fields = dict[str, object]


def draw(fields: Fields, random: Random) -> bytes:
    """Return a body that has been these fields; now and then it still is."""
    return random.choice(_MUTATIONS)(fields, random)


def _encoded(fields: object) -> bytes:
    return json.dumps(fields).encode()


def _cut(fields: Fields, random: Random) -> bytes:
    whole = _encoded(fields)
    return whole[: random.randrange(len(whole))]


def _changed_bytes(fields: Fields, random: Random) -> bytes:
    whole = bytearray(_encoded(fields))
    for _ in range(random.randrange(1, 5)):
        whole[random.randrange(len(whole))] = random.randrange(256)
    return bytes(whole)


def _otherwise_encoded(fields: Fields, random: Random) -> bytes:
    return json.dumps(fields).encode(
        random.choice(("utf-16", "utf-16-le", "utf-32", "utf-7", "cp037", "utf-8-sig"))
    )


def _with_another_value(fields: Fields, random: Random) -> bytes:
    """Replace one value, however deep, by something else; raw, so that it may be what JSON does not have."""
    raw = random.choice(
        (
            json.dumps(random.choice(values.ODD_TEXTS)),
            json.dumps(random.choice(values.ODD_NUMBERS)),
            json.dumps(random.choice((*values.ODD_DAYS, *values.ODD_TIMES, *values.ODD_IDS))),
            *(
                *('"\\u0000"', '"a\\u0000"', '"\\ud800x"') * 3,
                '"\\ud800"',
                '"\\udc00\\ud800"',
                '"\\u0000"',
                '"\\q"',
                '"\x01"',
                "NaN",
                "-Infinity",
                "1e400",
                "-1e-400",
            ),
            *(
                "0123",
                "1.",
                ".5",
                "+1",
                "'a'",
                "undefined",
                "null",
                "true",
                "[]",
                "{}",
                '{"a":1,"a":2}',
                "[[[]]]",
                "9" * 4000,
            ),
            "[" * 2000 + "]" * 2000,
            '{"a":' * 900 + "1" + "}" * 900,
            json.dumps("x" * 200_000),
            json.dumps(["x"] * 2000),
        )
    )
    mark = "@here@"
    places = [*_places(fields)]
    return (
        json.dumps(_replaced(fields, random.choice(places), mark))
        .replace(f'"{mark}"', raw)
        .encode("utf-8", "surrogatepass")
    )


def _places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    match value:
        case dict():
            return [path, *(place for key, part in value.items() for place in _places(part, (*path, key)))]
        case list():
            return [path, *(place for key, part in enumerate(value) for place in _places(part, (*path, key)))]
        case _:
            return [path]


def _replaced(value: object, path: tuple[str | int, ...], by: object) -> object:
    match value, path:
        case _, ():
            return by
        case dict(), (key, *rest):
            return {
                name: _replaced(part, tuple(rest), by) if name == key else part
                for name, part in value.items()
            }
        case list(), (key, *rest):
            return [
                _replaced(part, tuple(rest), by) if place == key else part for place, part in enumerate(value)
            ]
    raise AssertionError(path)


def _multipart(fields: Fields, random: Random) -> bytes:
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    whole = ("".join(parts) + "--x--\r\n").encode()
    return whole[: random.randrange(len(whole))] if random.random() < 0.5 else whole


def _large(_fields: Fields, random: Random) -> bytes:
    return b'{"query":"' + b"x" * random.choice((70_000, 1_100_000)) + b'"}'


_MUTATIONS: tuple[Callable[[Fields, Random], bytes], ...] = (
    *(_with_another_value,) * 10,
    *(_changed_bytes,) * 3,
    *(_cut, _cut, _otherwise_encoded, _multipart, _large),
    lambda fields, _: _encoded(fields),
    lambda fields, _: _encoded([fields, fields]),
    lambda fields, _: _encoded(fields) + b"\0{}",
)
