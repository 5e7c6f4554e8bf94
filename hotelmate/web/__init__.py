"""The pages that people see, served as they were built from `web/` into `static/`.

They are clients of GraphQL, REST and Pusher like any other; only `/web/config.json` is for them alone. Where
they were not built, a page in their place says how to, and nothing else depends on them.
"""
