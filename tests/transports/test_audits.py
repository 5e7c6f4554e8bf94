"""The audits of the npm package graphql-http, whose authors wrote the GraphQL over HTTP specification."""

from tests.clients.fixtures import StartClient
from tests.transports.running import Served


async def test_every_audit_passes(served: Served, start_graphql_http_audit: StartClient) -> None:
    client = await start_graphql_http_audit()
    await client.command("audit", url=served.url)
    assert (await client.wait_for("done"))["audits"] == 61
    audited = client.reported("audited")
    assert len(audited) == 61
    assert [audit for audit in audited if audit["status"] != "ok"] == []
