"""What can be read can be asked about without being read, as monitors do."""

import aiohttp

from tests.server import Server

ANNA = {"Authorization": "Token demo-anna"}


async def test_head_is_answered_as_get_without_the_body(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as client:
        for path, headers, status in (
            ("/healthz", {}, 200),
            ("/readyz", {}, 200),
            ("/metrics", {}, 200),
            ("/api/public/hotel/killarney/", {}, 200),
            ("/api/public/hotel/nowhere/", {}, 404),
            ("/api/staff/hotel/killarney/offers/", ANNA, 200),
            ("/api/staff/hotel/killarney/offers/", {}, 401),
            ("/", {}, 200),
        ):
            async with client.head(path, headers=headers) as asked, client.get(path, headers=headers) as read:
                assert (asked.status, await asked.read()) == (status, b""), path
                assert asked.content_type == read.content_type


async def test_head_does_nothing_where_nothing_is_read(server: Server) -> None:
    async with aiohttp.ClientSession(server.url) as client:
        async with client.head("/api/staff/killarney/clock/", headers=ANNA) as reply:
            assert (reply.status, reply.headers["Allow"]) == (405, "POST")
        query = {"query": "{ viewer { ... on Staff { isOnDuty } } }"}
        async with client.post("/graphql", json=query, headers=ANNA) as reply:
            assert await reply.json() == {"data": {"viewer": {"isOnDuty": False}}}
