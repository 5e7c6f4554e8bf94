"""A guest token opens one booking, cannot be forged, and dies with its nonce."""

import pytest

from hotelmate.identity.guest_tokens import GuestTokens, new_nonce, reference_in

TOKENS = GuestTokens(b"k" * 32)
NONCE = "0123456789abcdef0123456789abcdef"
TOKEN = TOKENS.issue("BK-2040-0001", NONCE)


def test_a_token_opens_its_booking() -> None:
    assert TOKENS.is_valid(TOKEN, "BK-2040-0001", NONCE)
    assert reference_in(TOKEN) == "BK-2040-0001"


def test_a_token_opens_no_other_booking() -> None:
    assert not TOKENS.is_valid(TOKEN, "BK-2040-0002", NONCE)
    renamed = TOKEN.replace("BK-2040-0001", "BK-2040-0002")
    assert not TOKENS.is_valid(renamed, "BK-2040-0002", NONCE)


def test_a_token_dies_with_its_nonce() -> None:
    assert not TOKENS.is_valid(TOKEN, "BK-2040-0001", new_nonce())


def test_a_token_is_nothing_without_the_key() -> None:
    forged = GuestTokens(b"x" * 32).issue("BK-2040-0001", NONCE)
    assert not TOKENS.is_valid(forged, "BK-2040-0001", NONCE)


def test_a_token_is_the_signature_of_reference_and_nonce() -> None:
    # HMAC-SHA256 of "BK-2040-0001:0123…cdef" under 32 times "k", by openssl dgst -sha256 -mac HMAC.
    assert TOKEN == "BK-2040-0001.tiQkpL3JHq96qwfWZu8QjApzygeOjyJBsz_zfxXSr5c"


def test_while_the_key_is_replaced_the_old_ones_tokens_work_and_new_ones_are_the_new_ones() -> None:
    new = GuestTokens(b"n" * 32)
    both = GuestTokens(b"n" * 32, b"k" * 32)
    issued = both.issue("BK-2040-0001", NONCE)
    assert issued == new.issue("BK-2040-0001", NONCE) != TOKEN
    for token in (issued, TOKEN):
        assert both.is_valid(token, "BK-2040-0001", NONCE)
        assert not both.is_valid(token, "BK-2040-0002", NONCE)
        assert not both.is_valid(token, "BK-2040-0001", new_nonce())
    assert not both.is_valid(GuestTokens(b"x" * 32).issue("BK-2040-0001", NONCE), "BK-2040-0001", NONCE)
    assert not new.is_valid(TOKEN, "BK-2040-0001", NONCE)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "BK-2040-0001",
        "BK-2040-0001.",
        TOKEN[:-1],
        TOKEN + "A",
        TOKEN + "\n",
        " " + TOKEN,
        TOKEN.lower(),
        TOKEN.replace(".", ":"),
        TOKEN.replace("2040", "204"),
        TOKEN.replace("0001", "001"),
        TOKEN[:-1] + "\u00e9",
        TOKEN[:-1] + "=",
        TOKEN[:-1] + "\ud800",
    ],
)
def test_what_has_not_a_tokens_form_opens_nothing(token: str) -> None:
    assert reference_in(token) is None
    assert not TOKENS.is_valid(token, "BK-2040-0001", NONCE)


def test_references_of_more_digits_have_tokens_too() -> None:
    token = TOKENS.issue("BK-2040-123456", NONCE)
    assert reference_in(token) == "BK-2040-123456"
    assert TOKENS.is_valid(token, "BK-2040-123456", NONCE)


def test_nonces_are_not_repeated() -> None:
    assert len({new_nonce() for _ in range(100)}) == 100
