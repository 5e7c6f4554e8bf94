"""The GraphQL door: types and fields, a file per domain, and the transports that execute them."""

from hotelmate.schema.build import build_schema, introspection, sdl

__all__ = ["build_schema", "introspection", "sdl"]
