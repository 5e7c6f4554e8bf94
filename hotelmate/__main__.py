"""`hotelmate`, and `python -m hotelmate`, are the command line."""

from hotelmate.cli import app


def main() -> None:
    """Run the command that the arguments name."""
    app()


if __name__ == "__main__":
    main()
