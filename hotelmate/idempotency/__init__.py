"""Changes that a caller may send again under the same key, and that are made once.

    keys        what a key is, whose it is, and what was sent under it
    outcomes    what came of it, written down in the transaction of the change

Source: draft-ietf-httpapi-idempotency-key-header, "The Idempotency-Key HTTP Request Header Field".
"""
