"""What an upload can be refused for. GraphQL answers with `code`; REST has a status for each fact."""

from hotelmate.errors import BadUserInput, RateLimited, Unavailable


class ImageTooLarge(BadUserInput):
    """The file has more bytes than an upload may have; 413 in REST."""

    def __init__(self, field: str, most_bytes: int) -> None:
        super().__init__(field, f"A picture may have up to {most_bytes:,} bytes.")


class NotAnImage(BadUserInput):
    """The file is in none of the accepted formats, or is something else besides; 415 in REST."""


class UnusableImage(BadUserInput):
    """The file cannot be shown: empty, damaged, or too much to decode; 400 in REST."""


class NoSuchPicture(BadUserInput):
    """An address is of a picture of ours, and there is none; 400 in REST."""

    def __init__(self, field: str) -> None:
        super().__init__(field, "There is no picture at this address.")


class TooManyUploads(RateLimited):
    """So many uploads are being decoded that this one's turn did not come; 429 in REST."""

    def __init__(self) -> None:
        super().__init__("Too many pictures are being uploaded; try again in a minute.", retry_after=60)


class StorageUnavailable(Unavailable):
    """The store did not do what it was asked to; the log says why."""

    def __init__(self) -> None:
        super().__init__("Pictures cannot be stored at the moment. Nothing was changed; try again later.")
