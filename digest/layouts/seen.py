"""What a page has shown beside a line: the names and words by which a doubtful place in it can be judged."""

from __future__ import annotations

from collections.abc import Iterable

_PARTING = str.maketrans(dict.fromkeys("-'’.,;:!?()[]{}\"“”/–—$\\_*", " "))  # what stands between words
_MOST = 50_000
"""Names or words kept of one page; what a page shows later is read without the help of more."""


class Seen:
    """What a page has shown so far: names that nothing was glued to (a first author is second elsewhere), and words."""

    def __init__(self) -> None:
        """Begin with nothing seen."""
        self._full: set[str] = set()
        self._given: set[str] = set()
        self._family: set[str] = set()
        self._words: set[str] = set()

    def learn(self, names: Iterable[str]) -> None:
        """Keep these names; beyond a bound no more are kept."""
        for name in names:
            parts = name.split(" ")
            if len(self._full) < _MOST and len(parts) > 1:
                self._full.add(name)
                self._given.add(parts[0])
                self._family.add(parts[-1])

    def read(self, text: str) -> set[str]:
        """Keep the words of an abstract, and return them; beyond a bound no more are kept."""
        words = set(text.lower().translate(_PARTING).split())
        if len(self._words) < _MOST:
            self._words |= words
        return words

    def has_word(self, word: str) -> bool:
        """Tell whether the page has had the word, in whatever case, singular or plural."""
        return _has(self._words, word)

    def name_weight(self, name: str) -> float:
        """Return how much the page speaks for this name."""
        if name in self._full:
            return 5.0
        parts = name.split(" ")
        return 1.5 * (parts[0] in self._given) + 1.0 * (parts[-1] in self._family)


class Clues:
    """What the listing and the page tell beside the line itself."""

    def __init__(self, abstract: str, seen: Seen) -> None:
        """Read the listing's abstract."""
        self.seen = seen
        self._words = seen.read(abstract)

    def word_weight(self, word: str) -> float:
        """Return how much speaks for its being a word: 3 where the abstract has it, 1.5 where the page has."""
        return 3.0 if _has(self._words, word) else 1.5 if self.seen.has_word(word) else 0.0


def _has(words: set[str], word: str) -> bool:
    """Tell whether the word is there, in singular or plural; of one with hyphens or apostrophes, all its pieces."""
    pieces = word.lower().translate(_PARTING).split()
    return bool(pieces) and all(p in words or p + "s" in words or p.removesuffix("s") in words for p in pieces)
