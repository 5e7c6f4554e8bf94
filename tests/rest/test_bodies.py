"""Bodies as frontends send them: JSON, forms, and forms with files, with all that browsers do to them."""

from collections.abc import AsyncIterator
from io import BytesIO
from typing import Any

import pytest

from hotelmate.database import Database
from tests.resolvers.steps import everything
from tests.rest.frontend import KILLARNEY, Frontend, form

OFFERS, SETTINGS = f"{KILLARNEY}/offers/", f"{KILLARNEY}/settings/"
NEW = {"title": "Oysters", "short_description": "A dozen"}
FORM = "multipart/form-data; boundary=XX"


@pytest.fixture
async def offer(frontend: Frontend) -> dict[str, Any]:
    """An offer with something in every field."""
    fields = {
        **NEW,
        "details_text": "Fresh",
        "details_html": "<p>Fresh</p>",
        "valid_from": "2026-05-01",
        "valid_to": "2026-08-31",
        "tag": "Summer",
        "book_now_url": "https://killarney.example/oysters",
        "sort_order": 7,
        "is_active": True,
    }
    created: dict[str, Any] = await frontend.ok("POST", OFFERS, json=fields)
    assert created == {**created, **fields}
    return created


def place(offer: dict[str, Any]) -> str:
    return f"{OFFERS}{offer['id']}/"


def part(name: str, content: str = "", **parameters: str) -> bytes:
    """A part of a form, written out."""
    others = "".join(f'; {key}="{value}"' for key, value in parameters.items())
    return f'--XX\r\nContent-Disposition: form-data; name="{name}"{others}\r\n\r\n{content}\r\n'.encode()


END = b"--XX--\r\n"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("true", True),
        ("True", True),
        ("1", True),
        ("on", True),
        (" true ", True),
        ("false", False),
        ("FALSE", False),
        ("0", False),
        ("off", False),
    ],
)
async def test_a_boolean_may_be_a_text(
    frontend: Frontend, offer: dict[str, Any], sent: str, kept: bool
) -> None:
    await frontend.ok("PATCH", place(offer), json={"is_active": not kept})
    for body in (
        {"data": form(("is_active", sent))},
        {"data": {"is_active": sent}},
        {"json": {"is_active": sent}},
    ):
        changed = await frontend.ok("PATCH", place(offer), **body)
        assert changed == {**offer, "is_active": kept}
        await frontend.ok("PATCH", place(offer), json={"is_active": not kept})


async def test_what_is_left_out_stays_as_it_is(frontend: Frontend, offer: dict[str, Any]) -> None:
    for method in ("PATCH", "PUT"):
        for body in ({}, {"json": {}}, {"data": b"", "headers": {"Content-Type": "application/json"}}):
            assert await frontend.ok(method, place(offer), **body) == offer
        changed = await frontend.ok(method, place(offer), data=form(("title", f"By {method}")))
        assert changed == {**offer, "title": f"By {method}"}
        await frontend.ok(method, place(offer), json={"title": offer["title"]})


async def test_an_empty_text_clears_a_date_and_a_text_and_says_nothing_of_the_rest(
    frontend: Frontend, offer: dict[str, Any]
) -> None:
    cleared = ("details_text", "details_html", "valid_from", "valid_to", "tag", "book_now_url")
    fields = [(name, "") for name in (*cleared, "sort_order", "is_active")]
    changed = await frontend.ok("PATCH", place(offer), data=form(*fields))
    dates = {"valid_from": None, "valid_to": None}
    assert changed == {**offer, **dict.fromkeys(cleared, ""), **dates}
    created = await frontend.ok("POST", OFFERS, data=form(*NEW.items(), *fields))
    assert (created["sort_order"], created["is_active"], created["valid_to"]) == (0, True, None)


async def test_unknown_fields_and_those_that_cannot_be_set_are_ignored(
    frontend: Frontend, offer: dict[str, Any]
) -> None:
    unknown = {"id": 999, "photo": "x", "photo_url": "x", "created_at": "x", "hotel": 2, "nonsense": [{}]}
    assert await frontend.ok("PATCH", place(offer), json=unknown) == offer
    assert await frontend.ok("PUT", place(offer), json={**offer, **unknown}) == offer
    texts = [(name, "x") for name in unknown]
    assert await frontend.ok("PATCH", place(offer), data=form(*texts)) == offer
    settings = await frontend.ok("GET", SETTINGS)
    assert await frontend.ok("PUT", SETTINGS, json={**settings, "slug": "dublin"}) == settings


async def test_of_a_repeated_name_the_last_counts(frontend: Frontend, offer: dict[str, Any]) -> None:
    """As forms do it that put a hidden field before a checkbox."""
    fields = [("is_active", "false"), ("title", "a"), ("is_active", "on"), ("title", "b")]
    for data in (form(*fields), fields):
        changed = await frontend.ok("PATCH", place(offer), data=data)
        assert changed == {**offer, "is_active": True, "title": "b"}


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        (["Sauna", "Bar"], ["Sauna", "Bar"]),
        (["Sauna"], ["Sauna"]),
        (['["Sauna", "Bar"]'], ["Sauna", "Bar"]),
        (["[]"], []),
        ([""], []),
        (["7"], ["7"]),
        (['["Sauna"]', "Bar"], ['["Sauna"]', "Bar"]),
    ],
)
async def test_a_form_writes_a_list_as_json_or_under_a_repeated_name(
    frontend: Frontend, texts: list[str], kept: list[str]
) -> None:
    fields = [("amenities", text) for text in texts]
    for data in (form(*fields), fields):
        assert (await frontend.ok("PATCH", SETTINGS, data=data))["amenities"] == kept


async def test_a_form_writes_the_theme_as_json(frontend: Frontend) -> None:
    before = (await frontend.ok("GET", SETTINGS))["theme"]
    changed = await frontend.ok("PATCH", SETTINGS, data=form(("theme", '{"link_color": "#000000"}')))
    assert changed["theme"] == {**before, "link_color": "#000000"}


async def test_an_empty_file_control_says_nothing(frontend: Frontend, offer: dict[str, Any]) -> None:
    empty = (
        b'--XX\r\nContent-Disposition: form-data; name="photo"; filename=""\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n\r\n"
    )
    body = {"data": part("title", "Mussels") + empty + END, "headers": {"Content-Type": FORM}}
    assert await frontend.ok("PATCH", place(offer), **body) == {**offer, "title": "Mussels"}


async def test_a_form_is_read_however_it_arrives(frontend: Frontend, offer: dict[str, Any]) -> None:
    written = (
        part("tag", "Fáilte\r\n--X, not the end\r\n")
        + part("nonsense", "x", filename="a.txt")
        + b"--XX\r\ncontent-type: text/plain\r\n"
        + b'CONTENT-DISPOSITION: form-data; name="title"\r\n\r\nMussels\r\n'
        + END
        + b"an epilogue"
    )

    async def byte_by_byte() -> AsyncIterator[bytes]:
        for place_ in range(len(written)):
            yield written[place_ : place_ + 1]

    for data in (written, byte_by_byte()):
        headers = {"Content-Type": FORM.upper().replace("BOUNDARY=XX", 'boundary="XX"')}
        changed = await frontend.ok("PATCH", place(offer), data=data, headers=headers)
        assert changed == {**offer, "title": "Mussels", "tag": "Fáilte\r\n--X, not the end\r\n"}


UNREADABLE = [
    ("application/json", b"{"),
    ("application/json", b'["title"]'),
    ("application/json", b"null"),
    ("application/json", b'"title"'),
    ("application/json", b'{"title": NaN}'),
    ("application/json", b'{"title": "\\ud800"}'),
    ("application/json", b'{"title": "\xff"}'),
    ("application/json", '{"title": "é"}'.encode("utf-16")),
    ("application/json", b'{"a":' * 2_000),
    ("application/x-www-form-urlencoded", b"title=%ff"),
    ("application/x-www-form-urlencoded", b"title=\xff"),
    ("application/x-www-form-urlencoded", b"a=1&" * 1_001),
    ("multipart/form-data", part("title", "a") + END),
    ("multipart/form-data; boundary=" + "b" * 300, part("title", "a") + END),
    (FORM, b""),
    (FORM, b"nonsense"),
    (FORM, part("title", "cut short")),
    (FORM, part("title", "cut short")[:-4]),
    (FORM, b"--XX\r\nContent-Disposition: form-data\r\n\r\nno name\r\n" + END),
    (FORM, b"--XX\r\n\r\nno header\r\n" + END),
    (FORM, b'--XX\r\nContent-Disposition: form-data; name="\xff"\r\n\r\na\r\n' + END),
    (FORM, b'--XX\r\nContent-Disposition: form-data; name="title"\r\n\r\n\xff\r\n' + END),
    (FORM, part("a") * 1_001 + END),
]


async def test_an_unreadable_body_is_400(
    frontend: Frontend, sqlite_database: Database, offer: dict[str, Any]
) -> None:
    before = everything(sqlite_database)
    for media_type, body in UNREADABLE:
        headers = {"Content-Type": media_type}
        for method, path in (("POST", OFFERS), ("PATCH", place(offer)), ("PATCH", SETTINGS)):
            reply = await frontend.send(method, path, data=body, headers=headers)
            error = {"error": "The body is neither a form nor a JSON object."}
            assert (reply.status, reply.content) == (400, error), (media_type, body[:80])
    assert everything(sqlite_database) == before


async def test_a_body_that_is_too_large_is_413(frontend: Frontend, offer: dict[str, Any]) -> None:
    large = "a" * 2 * 1024 * 1024
    json, encoded = b'{"tag": "' + large.encode() + b'"}', b"tag=" + large.encode()
    for media_type, body in (
        ("application/json", json),
        ("application/x-www-form-urlencoded", encoded),
        (FORM, part("tag", large[: 1024 * 1024 + 1]) + END),
        (FORM, part("nonsense", large, filename="a.bin") + END),
        ("text/plain", encoded),
    ):
        headers = {"Content-Type": media_type}
        reply = await frontend.send("PATCH", SETTINGS, data=BytesIO(body), headers=headers)
        assert (reply.status, reply.content) == (413, {"error": "The body is too large."}), media_type


async def test_a_body_of_another_kind_is_415(frontend: Frontend, offer: dict[str, Any]) -> None:
    for media_type in ("text/plain", "application/xml", "application/jsonl", "multipart/mixed; boundary=XX"):
        headers = {"Content-Type": media_type}
        reply = await frontend.send("PATCH", place(offer), data=b'{"title": "a"}', headers=headers)
        assert (reply.status, reply.content) == (
            415,
            {"error": "Send application/json or multipart/form-data."},
        )
