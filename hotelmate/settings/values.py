"""What the value of a setting may look like, and the sentence that refuses another."""

import re
from ipaddress import ip_address, ip_network
from typing import Annotated, Any

from limits import parse_many
from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

# Of apps as well, as capacitor://localhost.
_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[^\s/?#@:*\[\]]+)(:\d{1,5})?")


def is_loopback(host: str) -> bool:
    """Whether only this machine can connect to `host`."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _database_url(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql://", "postgresql+psycopg://")):
        raise ValueError("use sqlite:///PATH or postgresql://USER@HOST/NAME")
    try:
        url = make_url(value)
    except (ArgumentError, ValueError) as error:
        raise ValueError("this is no database's address; use postgresql://USER@HOST:PORT/NAME") from error
    if url.database in {None, "", ":memory:"}:
        raise ValueError("name the database: sqlite:///PATH or postgresql://USER@HOST/NAME")
    return value


def _redis_url(value: str) -> str:
    if not value.startswith(("redis://", "rediss://", "unix://")):
        raise ValueError("use redis://HOST:PORT/NUMBER")
    return value


def _http_url(value: str) -> str:
    if not value.startswith(("http://", "https://")):
        raise ValueError("use an http or https address")
    return value.rstrip("/")


def _status_url(value: str) -> str:
    try:
        value.format(public_url="", slug="", id="", token="")
    except (KeyError, IndexError, ValueError, AttributeError) as error:
        raise ValueError("the placeholders are {public_url}, {slug}, {id} and {token}") from error
    return value


def _split_by_commas(value: Any) -> Any:
    if isinstance(value, str):
        # Browsers write scheme and host in lower case, and no slash after them.
        return tuple(origin.strip().rstrip("/").lower() for origin in value.split(",") if origin.strip())
    return value


def _origins(value: tuple[str, ...]) -> tuple[str, ...]:
    for origin in value:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise ValueError(f"{origin!r} is no origin; use https://app.example, separated by commas, or *")
    return value


def _networks(value: str) -> str:
    try:
        for address in value.split(","):
            ip_network(address.strip())
    except ValueError as error:
        raise ValueError("use addresses or networks, separated by commas: 10.0.0.0/8") from error
    return value


def _rate(value: str | None) -> str | None:
    if value is None or value == "unlimited":
        return None
    try:
        parse_many(value)
    except ValueError as error:
        raise ValueError('use a rate such as "5/minute" or "5/minute;30/hour", or "unlimited"') from error
    return value


DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
"""Of SQLite or PostgreSQL, with the database's name."""

RedisUrl = Annotated[str, AfterValidator(_redis_url)]

HttpUrl = Annotated[str, AfterValidator(_http_url)]
"""An address of http or https; kept without a slash at its end."""

StatusUrl = Annotated[str, AfterValidator(_status_url)]
"""The address of a booking's page, with placeholders."""

Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split_by_commas), AfterValidator(_origins)]
"""Origins of pages, separated by commas, or `*`."""

Networks = Annotated[str, AfterValidator(_networks)]
"""Addresses and networks, separated by commas."""

Rate = Annotated[str | None, AfterValidator(_rate)]
"""How often, as `limits` writes it; None for as often as they like."""
