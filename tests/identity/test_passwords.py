"""Passwords are kept so that they can be checked and not read."""

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError

from hotelmate.identity.passwords import hash_password, needs_rehash, verify_password


def test_a_password_is_its_own_and_no_others() -> None:
    kept = hash_password("céad míle fáilte")
    assert verify_password("céad míle fáilte", kept)
    assert not verify_password("cead mile failte", kept)
    assert not verify_password("", kept)


def test_what_is_kept_is_argon2id_and_different_each_time() -> None:
    first, second = hash_password("demo"), hash_password("demo")
    assert first.startswith("$argon2id$")
    assert first != second
    assert "demo" not in first


def test_nobodys_password_is_never_right_not_even_the_one_it_is_compared_with() -> None:
    assert not verify_password("demo", None)
    assert not verify_password("nobody has this password", None)


def test_a_hash_made_with_weaker_parameters_is_to_be_made_anew() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("demo")
    assert verify_password("demo", weak)
    assert needs_rehash(weak)
    assert not needs_rehash(hash_password("demo"))


def test_a_damaged_hash_is_an_error_and_not_a_wrong_password() -> None:
    with pytest.raises(InvalidHashError):
        verify_password("demo", "damaged")
