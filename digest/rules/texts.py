"""An index of texts by their words: terms of words become bitmaps of texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, product

from digest import text
from digest.bits import bitmap, ones, union
from digest.rules import terms, words
from digest.rules.tree import Words

_MOST_FORMS = 64  # that are tried for a phrase; where its words stand for more, the texts are read word by word


@dataclass(frozen=True)
class _Phrase:
    """What each word of a phrase stands for in the texts, and each joint; ``ending`` is how a last word begins."""

    parts: Sequence[Sequence[str]]
    ending: str = ""

    @cached_property
    def asked(self) -> list[str]:
        """The running words that one of must be found."""
        return [f" {' '.join(form)} {self.ending}" for form in product(*self.parts)]


class Texts:
    """Texts by what they say; bit i of every bitmap stands for ``texts[i]``.

    Cost: all texts are cut into words once. A word asked for then costs its forms, a prefix the words that begin so, a
    phrase the texts that have all its words. Phrases that are expected together are looked up in the pairs of words
    that stand next to each other, for which each text is gone through once, however many they are.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Index texts as papers have them; each is made readable once, for what is read twice may read otherwise."""
        self._texts = texts
        self._size = len(texts)
        self._running = [words.running(text.readable(value)) for value in texts]
        posted: dict[str, list[int]] = defaultdict(list)
        for number, value in enumerate(self._running):
            for word in set(value.split()):
                posted[word].append(number)
        self._by_word = {
            word: bitmap(numbers, self._size) for word, numbers in posted.items() if word[0] != words.PARTED
        }
        self._by_accept: dict[words.Accept, int] = {}
        self._expected: dict[str, _Phrase | None] = {}  # by the term's key
        self._by_pair: dict[tuple[str, str], int] = {}

    @property
    def vocabulary(self) -> Collection[str]:
        """The folded words of all texts."""
        return self._by_word.keys()

    def holding(self, leaf: Words) -> int:
        """Return the texts that the term holds for."""
        if len(leaf.words) == 1:
            return self._word(words.accepts(leaf.words[0], exact=leaf.exact))
        if leaf.key in self._expected:
            phrase = self._expected[leaf.key]
            bits = self._paired(phrase) if phrase else -1
            if phrase and len(phrase.parts) == 2 and not phrase.ending:
                return bits
        else:
            phrase, bits = self._phrase(leaf), -1
        if bits := bits & self._with_all(leaf):
            bits = bitmap([number for number in ones(bits) if self._holds(leaf, phrase, number)], self._size)
        return bits

    def expect(self, leaves: Iterable[Words]) -> None:
        """Go through the texts once for the phrases among terms that will be asked for."""
        new = {leaf.key: leaf for leaf in leaves if len(leaf.words) > 1 and leaf.key not in self._expected}
        phrases = {key: self._phrase(leaf) for key, leaf in new.items()}
        asked: dict[tuple[str, str], list[int]] = {}
        for phrase in phrases.values():
            for first, second in pairwise(phrase.parts if phrase else ()):
                asked.update((pair, []) for pair in product(first, second))
        if asked:
            for number, value in enumerate(self._running):
                for pair in asked.keys() & pairwise(value.split()):
                    asked[pair].append(number)
        self._by_pair |= {pair: bitmap(numbers, self._size) for pair, numbers in asked.items()}
        self._expected |= phrases

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._by_word)

    def beginning(self, prefix: str) -> Sequence[str]:
        """Return the words of all texts that begin so, in alphabetical order."""
        return words.beginning(self._sorted, prefix)

    def _word(self, accept: words.Accept) -> int:
        bits = self._by_accept.get(accept)
        if bits is None:
            known = self._by_word
            found = self.beginning(accept) if isinstance(accept, str) else [word for word in accept if word in known]
            bits = self._by_accept[accept] = union([known[word] for word in found])
        return bits

    def _with_all(self, leaf: Words) -> int:
        """Return the texts that have all the words of a term."""
        bits = -1
        for word in leaf.words:
            bits &= self._word(words.accepts(word, exact=leaf.exact))
            if not bits:
                break
        return bits

    def _phrase(self, leaf: Words) -> _Phrase | None:
        """Return how a phrase is found in running words; None for other terms, or where it stands for too much."""
        if leaf.near:
            return None
        parts: list[Sequence[str]] = []
        room = _MOST_FORMS
        for place, word in enumerate(leaf.words):
            accept = words.accepts(word, exact=leaf.exact)
            known = self.beginning(accept) if isinstance(accept, str) else [w for w in accept if w in self._by_word]
            if word.joint:
                parts.append((words.mark(word.joint),))
            if len(known) > room:
                return _Phrase(parts, word.token) if word.prefix and place == len(leaf.words) - 1 else None
            room //= len(known) or 1
            parts.append(known)
        return _Phrase(parts)

    def _paired(self, phrase: _Phrase) -> int:
        """Return the texts that have every two parts of an expected phrase next to each other."""
        bits = -1
        for first, second in pairwise(phrase.parts):
            bits &= union([self._by_pair[pair] for pair in product(first, second)])
        return bits

    def _holds(self, leaf: Words, phrase: _Phrase | None, number: int) -> bool:
        """Look at one text."""
        if phrase is None:
            return terms.placed(leaf, words.reading(self._texts[number]))
        running = self._running[number]
        return any(one in running for one in phrase.asked)
