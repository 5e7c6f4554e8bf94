"""What is run from a checkout and not shipped: run a module with `python -m tools.…`."""
