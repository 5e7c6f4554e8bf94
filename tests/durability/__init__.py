"""Nothing is lost when servers, PostgreSQL and Redis are killed at random under load.

`make durability` runs the long form; the test suite runs a short one.
"""
