"""`python -m hotelmate` is the command line."""

from hotelmate.cli import app

app()
