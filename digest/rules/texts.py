"""An index of texts by their words: terms of words become bitmaps of texts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from itertools import pairwise, product

from digest import text
from digest.rules import terms, words
from digest.rules.bits import bitmap, ones, union
from digest.rules.tree import Words

_MOST_FORMS = 64  # that are tried for a phrase; where its words stand for more, the texts are read word by word

_Forms = Sequence[Sequence[str]]  # what each word of a phrase stands for


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
        posted.pop(words.PARTED, None)
        self._by_word = {word: bitmap(numbers, self._size) for word, numbers in posted.items()}
        self._by_accept: dict[words.Accept, int] = {}
        self._expected: dict[str, _Forms] = {}  # by the term's key
        self._by_pair: dict[tuple[str, str], int] = {}

    @property
    def vocabulary(self) -> Collection[str]:
        """The folded words of all texts."""
        return self._by_word.keys()

    def holding(self, leaf: Words) -> int:
        """Return the texts that the term holds for."""
        if len(leaf.words) == 1:
            return self._word(words.accepts(leaf.words[0], exact=leaf.exact))
        forms = self._expected.get(leaf.key)
        bits = self._paired(forms) if forms else self._with_all(leaf)
        if not bits or (forms and len(forms) == 2):
            return bits
        forms = forms or self._forms(leaf)
        if not forms:
            return self._only(bits, lambda number: terms.placed(leaf, words.reading(self._texts[number])))
        asked = [f" {' '.join(form)} " for form in product(*forms)]
        return self._only(bits, lambda number: any(one in self._running[number] for one in asked))

    def expect(self, leaves: Iterable[Words]) -> None:
        """Go through the texts once for the phrases among terms that will be asked for."""
        new = {leaf.key: self._forms(leaf) for leaf in leaves if len(leaf.words) > 1 and leaf.key not in self._expected}
        asked: dict[tuple[str, str], list[int]] = {}
        for forms in new.values():
            for first, second in pairwise(forms):
                asked.update((pair, []) for pair in product(first, second))
        if asked:
            for number, value in enumerate(self._running):
                for pair in asked.keys() & pairwise(value.split()):
                    asked[pair].append(number)
        self._by_pair |= {pair: bitmap(numbers, self._size) for pair, numbers in asked.items()}
        self._expected |= new

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

    def _only(self, bits: int, holds: Callable[[int], bool]) -> int:
        """Return those of the texts that something holds for, each looked at."""
        return bitmap([number for number in ones(bits) if holds(number)], self._size)

    def _forms(self, leaf: Words) -> _Forms:
        """Return what each word of a plain phrase stands for in the texts; nothing for others, or where it is much."""
        if leaf.near:
            return ()
        found = []
        room = _MOST_FORMS
        for word in leaf.words:
            accept = words.accepts(word, exact=leaf.exact)
            known = self.beginning(accept) if isinstance(accept, str) else [w for w in accept if w in self._by_word]
            room //= len(known) or 1
            if word.joint or not room:
                return ()
            found.append(known)
        return found

    def _paired(self, forms: _Forms) -> int:
        """Return the texts that have every two words of an expected phrase next to each other."""
        bits = -1
        for first, second in pairwise(forms):
            bits &= union([self._by_pair[pair] for pair in product(first, second)])
        return bits
