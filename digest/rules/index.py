"""The index of the news: each term becomes a bitmap of papers (decision 7), each worked out once."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, or_

from digest import text
from digest.models import Paper
from digest.rules import fields, names, terms, words
from digest.rules.tree import And, Anything, Leaf, Node, Not, Person, Query, Range, Words


def ones(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    digits = f"{bits:b}"[::-1]
    position = digits.find("1")
    while position >= 0:
        yield position
        position = digits.find("1", position + 1)


class Index:
    """Papers by what they say; bit i of every bitmap stands for ``papers[i]``."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Index the papers' titles and abstracts; the other fields follow when a rule first asks for them."""
        self.papers = tuple(papers)
        self._all = (1 << len(self.papers)) - 1
        self._nodes: dict[Node, int] = {}
        self._terms: dict[str, int] = {}
        self._words_known: dict[tuple[str, words.Accept], int] = {}
        self._values: dict[str, dict[str, int]] = {}
        self._postings = {field: self._posted(field) for field in fields.DEFAULT}
        self._sorted: dict[str, list[str]] = {}
        self._names: dict[str, set[str]] | None = None

    def match(self, query: Query) -> int:
        """Return the bitmap of the papers that the query holds for."""
        return self._node(query.root)

    # Building

    def _posted(self, field: str) -> dict[str, list[int]]:
        posted: dict[str, list[int]] = defaultdict(list)
        for number, paper in enumerate(self.papers):
            for value in fields.values(paper, field):
                for word in words.distinct(text.readable(value)):
                    posted[word].append(number)
        return dict(posted)

    def _bitmap(self, numbers: Iterable[int]) -> int:
        """Return the bitmap with these bits: linear in the papers, unlike setting bits in an integer."""
        row = bytearray(len(self.papers) // 8 + 1)
        for number in numbers:
            row[number >> 3] |= 1 << (number & 7)
        return int.from_bytes(row, "little")

    def _by_value(self, field: str) -> dict[str, int]:
        """Return which papers have each distinct value of a field."""
        if field not in self._values:
            found: dict[str, list[int]] = defaultdict(list)
            for number, paper in enumerate(self.papers):
                for value in fields.values(paper, field):
                    found[value].append(number)
            self._values[field] = {value: self._bitmap(numbers) for value, numbers in found.items()}
        return self._values[field]

    # Matching

    def _node(self, node: Node) -> int:
        if isinstance(node, Leaf):
            return self._leaf(node)
        if node not in self._nodes:
            if isinstance(node, Not):
                self._nodes[node] = self._all & ~self._node(node.part)
            else:
                join = and_ if isinstance(node, And) else or_
                self._nodes[node] = reduce(join, map(self._node, node.parts))
        return self._nodes[node]

    def _leaf(self, leaf: Leaf) -> int:
        key = leaf.key
        if key not in self._terms:
            self._terms[key] = self._term(leaf)
        return self._terms[key]

    def _term(self, leaf: Leaf) -> int:
        if isinstance(leaf, Anything) and not leaf.field:
            return self._all
        if leaf.field and fields.FIELDS[leaf.field] in ("number", "date"):
            return self._numbers(leaf)
        if isinstance(leaf, Words):
            return reduce(or_, (self._words(leaf, field) for field in fields.searched(leaf.field)))
        if isinstance(leaf, Person):
            return self._person(leaf)
        return reduce(or_, (self._holding(leaf, field) for field in fields.searched(leaf.field)))

    def _numbers(self, leaf: Leaf) -> int:
        known = ((i, fields.number(paper, leaf.field)) for i, paper in enumerate(self.papers))
        if isinstance(leaf, Range):
            return self._bitmap(i for i, value in known if value is not None and leaf.low <= value <= leaf.high)
        return self._bitmap(i for i, value in known if value is not None)

    def _holding(self, leaf: Leaf, field: str) -> int:
        """Return the papers with a value of the field that the leaf holds for."""
        found = self._by_value(field)
        return reduce(or_, (bits for value, bits in found.items() if terms.holds(leaf, field, value)), 0)

    def _person(self, leaf: Person) -> int:
        found = self._by_value("author")
        return reduce(or_, (found[name] for name in self._candidates(leaf) if terms.holds(leaf, "author", name)), 0)

    def _candidates(self, leaf: Person) -> Iterable[str]:
        """Return the printed names that can be the one asked for: those that share its last part."""
        last = leaf.name.parts[-1]
        if any(part.endswith("*") for part in leaf.name.parts):
            return self._by_value("author")
        if self._names is None:
            self._names = defaultdict(set)
            for printed in self._by_value("author"):
                for part in names.parse(text.readable(printed)).parts:
                    self._names[part].add(printed)
        return self._names.get(last, ())

    # Words in titles and abstracts

    def _words(self, leaf: Words, field: str) -> int:
        if field not in self._postings:
            return self._holding(leaf, field)
        accepts = [words.accepts(word, exact=leaf.exact) for word in leaf.words]
        bits = self._all
        for accept in accepts:
            bits &= self._word(field, accept)
            if not bits:
                return 0
        if len(accepts) == 1:
            return bits
        return self._bitmap(i for i in ones(bits) if terms.placed(leaf, self._reading(field, i)))

    def _word(self, field: str, accept: words.Accept) -> int:
        if (field, accept) in self._words_known:
            return self._words_known[field, accept]
        posted = self._postings[field]
        tokens = self._beginning(field, accept) if isinstance(accept, str) else accept
        found = self._bitmap(i for token in tokens for i in posted.get(token, ()))
        self._words_known[field, accept] = found
        return found

    def _beginning(self, field: str, prefix: str) -> Iterator[str]:
        """Yield the words of a field that begin so."""
        if field not in self._sorted:
            self._sorted[field] = sorted(self._postings[field])
        known = self._sorted[field]
        for place in range(bisect_left(known, prefix), len(known)):
            if not known[place].startswith(prefix):
                return
            yield known[place]

    def _reading(self, field: str, number: int) -> words.Reading:
        """Return the words of a paper's title or abstract in order, cut when a phrase first needs them."""
        (value,) = fields.values(self.papers[number], field)
        return words.reading(value)
