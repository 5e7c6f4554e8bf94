"""Whatever is sent, the servers answer it in time, in the form that is promised, and go on.

Requests drawn from the OpenAPI document and from the GraphQL schema, bodies and headers that are none, frames
of both WebSocket protocols: each goes to a server on SQLite and to one on PostgreSQL, which have to agree.
`make fuzz` runs the long form; the test suite runs a short one.
"""
