"""The index of the news: each term becomes a bitmap of papers (decision 7), each worked out once."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from itertools import chain
from typing import NamedTuple

from digest.bits import bitmap, ones, union
from digest.models import Paper
from digest.rules import fields, names, terms, words
from digest.rules.texts import Texts
from digest.rules.tree import Flag, Leaf, Person, Query, Range, Words, evaluated

_IN_TEXT = frozenset(("", *fields.DEFAULT))


class Where(NamedTuple):
    """Where a term holds: the bitmap of the papers, and of those of them that have it in the title."""

    papers: int
    titles: int


class Index:
    """Papers by what they say; bit i of every bitmap stands for ``papers[i]``.

    Titles, abstracts and other fields are read when a rule first asks for them.
    """

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Keep the papers."""
        self.papers = tuple(papers)
        self.everything = (1 << len(self.papers)) - 1
        self._terms: dict[str, Where] = {}
        self._values: dict[str, _Values] = {}
        self._numbers: dict[str, _Numbers] = {}

    def match(self, query: Query) -> int:
        """Return the bitmap of the papers that the query holds for."""
        return evaluated(query.root, lambda leaf: self.term(leaf).papers, self.everything)

    def term(self, leaf: Leaf) -> Where:
        """Return where the term holds; terms that ask for the same are looked up once."""
        found = self._terms.get(leaf.key)
        if found is None:
            found = self._terms[leaf.key] = self._found(leaf)
        return found

    def expect(self, leaves: Iterable[Leaf]) -> None:
        """Prepare for terms that will be looked up together."""
        found = [leaf for leaf in leaves if isinstance(leaf, Words) and leaf.field in _IN_TEXT]
        if found:
            self._read.expect(found)

    @property
    def vocabulary(self) -> Collection[str]:
        """The folded words of all titles and abstracts."""
        return self._read.vocabulary

    def _found(self, leaf: Leaf) -> Where:
        if leaf.field in _IN_TEXT:
            return self._in_text(leaf)
        if fields.FIELDS[leaf.field] in ("number", "date"):
            return Where(self._in_numbers(leaf), 0)
        return Where(self._in_values(leaf), 0)

    def _in_text(self, leaf: Leaf) -> Where:
        if leaf.is_everything:
            return Where(self.everything, 0)
        if isinstance(leaf, Words):
            bits = self._read.holding(leaf)
            titles, abstracts = bits & self.everything, bits >> len(self.papers)
        else:
            titles, abstracts = self._holding(leaf, "title"), self._holding(leaf, "abstract")
        if leaf.field:
            return Where(titles, titles) if leaf.field == "title" else Where(abstracts, 0)
        return Where(titles | abstracts, titles)

    @cached_property
    def _read(self) -> Texts:
        """The titles, then the abstracts: a word is looked up in both at once."""
        titles = [paper.title for paper in self.papers]
        return Texts(titles + [paper.abstract or "" for paper in self.papers])

    def _holding(self, leaf: Leaf, field: str) -> int:
        known = [(number, value) for number, paper in enumerate(self.papers) for value in fields.values(paper, field)]
        return bitmap([number for number, value in known if terms.holds(leaf, field, value)], len(self.papers))

    def _in_numbers(self, leaf: Leaf) -> int:
        if leaf.field not in self._numbers:
            self._numbers[leaf.field] = _Numbers([fields.number(paper, leaf.field) for paper in self.papers])
        low, high = (leaf.low, leaf.high) if isinstance(leaf, Range) else (-math.inf, math.inf)
        return self._numbers[leaf.field].between(low, high)

    def _in_values(self, leaf: Leaf) -> int:
        if leaf.field not in self._values:
            self._values[leaf.field] = _Values([fields.values(paper, leaf.field) for paper in self.papers], leaf.field)
        return self._values[leaf.field].holding(leaf)


class _Numbers:
    """The values of a number or date field in order, so that a range is a slice of them."""

    def __init__(self, values: Sequence[float | None]) -> None:
        known = sorted((value, number) for number, value in enumerate(values) if value is not None)
        self._values = [value for value, _ in known]
        self._papers = [number for _, number in known]
        self._size = len(values)

    def between(self, low: float, high: float) -> int:
        """Return the papers with a value between the bounds, both included."""
        return bitmap(self._papers[bisect_left(self._values, low) : bisect_right(self._values, high)], self._size)


class _Values:
    """The distinct values of a field that a paper may have several of, and which papers have each."""

    def __init__(self, values: Iterable[tuple[str, ...]], field: str) -> None:
        found: dict[str, list[int]] = defaultdict(list)
        size = 0
        for number, own in enumerate(values):
            size = number + 1
            for value in own:
                found[value].append(number)
        self._field = field
        self._values = list(found)
        self._papers = {value: bitmap(numbers, size) for value, numbers in found.items()}

    def holding(self, leaf: Leaf) -> int:
        """Return the papers with a value that the term holds for."""
        if isinstance(leaf, Flag):
            return self._papers.get(leaf.flag, 0)
        if isinstance(leaf, Words) and self._field not in fields.LABELS:
            return union(self._papers[self._values[place]] for place in ones(self._read.holding(leaf)))
        if isinstance(leaf, Person):
            return union(
                papers for name, papers in self._candidates(leaf) if names.matches(leaf.name, name, exact=leaf.exact)
            )
        return union(self._papers[value] for value in self._values if terms.holds(leaf, self._field, value))

    @cached_property
    def _read(self) -> Texts:
        return Texts(self._values)

    @cached_property
    def _names(self) -> dict[tuple[str, str], list[tuple[names.Name, int]]]:
        """The printed names with their papers, by each of their parts with their initial, and with any (``""``)."""
        found: dict[tuple[str, str], list[tuple[names.Name, int]]] = defaultdict(list)
        for printed, papers in self._papers.items():
            name = names.printed(printed)
            for part in set(name.parts):
                found[part, name.parts[0][0]].append((name, papers))
                found[part, ""].append((name, papers))
        return dict(found)

    @cached_property
    def _parts(self) -> list[str]:
        return sorted(part for part, initial in self._names if not initial)

    def _candidates(self, leaf: Person) -> Iterable[tuple[names.Name, int]]:
        """Return the names that can be the one asked for: they share its last part, and the initial of its first."""
        asked = leaf.name.parts
        if asked[-1].endswith("*"):
            parts = words.beginning(self._parts, asked[-1].removesuffix("*"))
            return chain.from_iterable(self._names[part, ""] for part in parts)
        return self._names.get((asked[-1], asked[0][0] if leaf.name.given else ""), ())
