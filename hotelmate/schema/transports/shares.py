"""How many groups and documents are followed, in all and by address, so that one cannot use up all room."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Followed:
    """The groups that are open, and their documents: each is parsed once, however many groups follow it."""

    groups: int = 0
    characters: int = 0
    _texts: Counter[str] = field(default_factory=Counter)

    def has_room(self, text: str, *, groups: int, characters: int) -> bool:
        """Whether one more group with this document would stay within these limits."""
        longer = 0 if text in self._texts else len(text)
        return self.groups < groups and self.characters + longer <= characters

    def add(self, text: str) -> None:
        """Count a group that has been opened."""
        self.groups += 1
        self._texts[text] += 1
        if self._texts[text] == 1:
            self.characters += len(text)

    def remove(self, text: str) -> None:
        """Count it no more."""
        self.groups -= 1
        self._texts[text] -= 1
        if not self._texts[text]:
            del self._texts[text]
            self.characters -= len(text)


class Shares:
    """What everybody follows, and what was opened by each address."""

    def __init__(self) -> None:
        self.all = Followed()
        self._of_address: dict[str, Followed] = {}

    def of(self, address: str) -> Followed:
        """Return the share of an address."""
        return self._of_address.get(address, Followed())

    def add(self, address: str, text: str) -> None:
        """Count a group that an address has opened."""
        self.all.add(text)
        self._of_address.setdefault(address, Followed()).add(text)

    def remove(self, address: str, text: str) -> None:
        """Count it no more."""
        self.all.remove(text)
        share = self._of_address[address]
        share.remove(text)
        if not share.groups:
            del self._of_address[address]
