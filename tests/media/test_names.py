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


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        (f"https://h.example/media/{DIGEST}.jpg", f"https://h.example/media/{DIGEST}-320.webp"),
        (f"/media/{DIGEST}.png", f"/media/{DIGEST}-320.webp"),
        (
            f"https://res.cloudinary.com/c/image/upload/v1/hotelmate/{DIGEST}.webp",
            f"https://res.cloudinary.com/c/image/upload/v1/hotelmate/{DIGEST}-320.webp",
        ),
        ("https://pictures.example/killarney/hero.jpg", "https://pictures.example/killarney/hero.jpg"),
        (f"https://h.example/?x=/{DIGEST}.jpg&y", f"https://h.example/?x=/{DIGEST}.jpg&y"),
        ("", ""),
    ],
)
def test_the_url_at_a_width_is_known_for_our_pictures_only(url: str, expected: str) -> None:
    assert names.url_at_width(url, names.THUMBNAIL_WIDTH) == expected


def test_digests_are_found_in_any_text() -> None:
    other = "f" * 64
    text = f'<img src="/media/{DIGEST}-320.webp"> and ["https://cdn.example/{other}.png"], not {"e" * 65}'
    assert names.digests_in(text) == {DIGEST, other}
    assert names.digests_in("") == set()
