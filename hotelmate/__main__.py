"""`hotelmate`, and `python -m hotelmate`, are the command line."""

import gc


def main() -> None:
    """Run the command that the arguments name."""
    # Importing makes hundreds of thousands of objects that stay: to look through them again and again would
    # be a sixth of the time until a server is ready.
    gc.disable()
    from hotelmate.cli import app  # noqa: PLC0415 - as said

    gc.freeze()
    gc.enable()
    app()


if __name__ == "__main__":
    main()
