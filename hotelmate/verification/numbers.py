"""A set of numbers that counts on as events do: a bit for each, so that millions fit into little memory."""

_BITS = 1 << 16


class Numbers:
    """Numbers from 0, close together or far apart."""

    def __init__(self) -> None:
        self._pages: dict[int, bytearray] = {}

    def add(self, number: int) -> bool:
        """Put a number in, and return whether it is new."""
        page, bit = divmod(number, _BITS)
        bits = self._pages.setdefault(page, bytearray(_BITS // 8))
        byte, mask = bit >> 3, 1 << (bit & 7)
        is_new = not bits[byte] & mask
        bits[byte] |= mask
        return is_new

    def __contains__(self, number: int) -> bool:
        page, bit = divmod(number, _BITS)
        bits = self._pages.get(page)
        return bits is not None and bool(bits[bit >> 3] & (1 << (bit & 7)))
