"""A name says which picture it is, and how wide."""

import pytest

from hotelmate.media import names

DIGEST = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("name", "width", "expected"),
    [
        (f"{DIGEST}.jpg", 800, f"{DIGEST}-800.webp"),
        (f"{DIGEST}.png", 320, f"{DIGEST}-320.webp"),
        (f"{DIGEST}-800.webp", 320, f"{DIGEST}-320.webp"),
    ],
)
def test_narrower_pictures_are_named_after_the_full_one(name: str, width: int, expected: str) -> None:
    assert names.narrower(name, width) == expected


def test_a_name_says_whether_it_is_of_a_picture_in_full() -> None:
    assert [names.is_full(f"{DIGEST}{end}") for end in (".jpg", ".webp", "-1920.webp")] == [True, True, False]


def test_digests_are_found_in_any_text() -> None:
    other = "f" * 64
    text = f'<img src="/media/{DIGEST}-320.webp"> and ["https://cdn.example/{other}.png"], not {"e" * 65}'
    assert names.digests_in(text) == {DIGEST, other}
    assert names.digests_in("") == set()
