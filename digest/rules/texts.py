"""An index of texts by their words and by the pairs of words in them: terms of words become bitmaps of texts."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property
from itertools import islice, pairwise, product

from digest.rules import terms, words
from digest.rules.bits import bitmap, ones, union
from digest.rules.tree import Words

_MOST_FORMS = 64  # that are tried for a phrase; where its words stand for more, the texts are read word by word


class Texts:
    """Texts by what they say; bit i of every bitmap stands for ``texts[i]``.

    Cost: all texts are cut into words once. A word asked for then costs its forms, a prefix the words that begin so, a
    phrase of two words the product of their forms, a longer one also the texts that have all its pairs. The pairs are
    indexed when so many texts were looked through for phrases that it pays.
    """

    def __init__(self, texts: Sequence[str]) -> None:
        """Index readable texts (see ``text.readable``)."""
        self._texts = texts
        self._size = len(texts)
        self._running = [words.running(value) for value in texts]
        posted: dict[str, list[int]] = defaultdict(list)
        for number, value in enumerate(self._running):
            for word in set(value.split()):
                posted[word].append(number)
        posted.pop(words.PARTED, None)
        self._by_word = {word: bitmap(numbers, self._size) for word, numbers in posted.items()}
        self._by_accept: dict[words.Accept, int] = {}
        self._by_pair: dict[tuple[str, str], list[int]] = {}
        self._looked_through = 0

    @property
    def vocabulary(self) -> Collection[str]:
        """The folded words of all texts."""
        return self._by_word.keys()

    def holding(self, leaf: Words) -> int:
        """Return the texts that the term holds for."""
        accepts = [words.accepts(word, exact=leaf.exact) for word in leaf.words]
        bits = self._word(accepts[0])
        for accept in accepts[1:]:
            bits &= self._word(accept)
            if not bits:
                return 0
        if len(accepts) == 1:
            return bits
        forms = () if leaf.near or any(word.joint for word in leaf.words) else self._forms(accepts)
        if not forms:
            return self._only(bits, lambda number: terms.placed(leaf, words.reading(self._texts[number])))
        if self._by_pair or self._looked_through > self._size:
            bits &= self._paired(forms)
            if len(forms) == 2:
                return bits
        asked = [f" {' '.join(form)} " for form in product(*forms)]
        return self._only(bits, lambda number: any(one in self._running[number] for one in asked))

    def beginning(self, prefix: str) -> Iterator[str]:
        """Yield the words of all texts that begin so, in alphabetical order."""
        known = self._sorted
        for place in range(bisect_left(known, prefix), len(known)):
            if not known[place].startswith(prefix):
                return
            yield known[place]

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._by_word)

    def _word(self, accept: words.Accept) -> int:
        bits = self._by_accept.get(accept)
        if bits is None:
            known = self._by_word
            found = self.beginning(accept) if isinstance(accept, str) else [word for word in accept if word in known]
            bits = self._by_accept[accept] = union([known[word] for word in found])
        return bits

    def _only(self, bits: int, holds: Callable[[int], bool]) -> int:
        """Return those of the texts that something holds for, each looked at."""
        self._looked_through += bits.bit_count()
        return bitmap([number for number in ones(bits) if holds(number)], self._size)

    def _forms(self, accepts: Sequence[words.Accept]) -> list[Collection[str]]:
        """Return the words of the texts that each word of a phrase stands for; nothing where they are too many."""
        found: list[Collection[str]] = []
        room = _MOST_FORMS
        for accept in accepts:
            known = self.beginning(accept) if isinstance(accept, str) else (w for w in accept if w in self._by_word)
            found.append(list(islice(known, room + 1)))
            room //= max(1, len(found[-1]))
            if not room:
                return []
        return found

    def _paired(self, forms: Sequence[Collection[str]]) -> int:
        """Return the texts that have every two words of a phrase next to each other."""
        if not self._by_pair:
            for number, value in enumerate(self._running):
                cut = value.split()
                for pair in set(pairwise(cut)):
                    self._by_pair.setdefault(pair, []).append(number)
        bits = -1
        for first, second in pairwise(forms):
            found = [number for pair in product(first, second) for number in self._by_pair.get(pair, ())]
            bits &= bitmap(found, self._size)
        return bits
