"""The pages on events, made from the catalogue: `make docs` writes them, a test compares them."""
