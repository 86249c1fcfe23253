"""What running a program found: for each rule the papers that it holds for, and what it weighs for each of them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from digest.rules.explain import WEIGHTS
from digest.rules.index import Index

if TYPE_CHECKING:
    from digest.rules.program import Program

_KEPT = 4096  # rules of which the credits are kept: those of topics are asked for by every subscriber


class Found:
    """Bitmaps and weights by the text of a rule; bit and place i stand for paper i of the index."""

    def __init__(self, program: Program, index: Index) -> None:
        """Look each different term up once and evaluate each different rule once."""
        leaves = [program.leaf(term) for term in range(len(program.terms))]
        index.expect(leaves)
        found = [index.term(leaf) for leaf in leaves]
        self._program = program
        self._everything = index.everything
        self._papers = [term.papers for term in found]
        self._titles = [term.titles for term in found]
        self._bits = [0] * len(program.kinds)
        for rows in program.rows:
            evaluated = rows.shape.evaluate(self._papers, self._everything, rows)
            for number, bits in zip(rows.rules, evaluated, strict=True):
                self._bits[number] = bits
        self._kept_credits = lru_cache(maxsize=_KEPT)(self._credits)

    def bits(self, text: str) -> int:
        """Return the bitmap of the papers that a rule holds for; none for one that cannot be read."""
        number = self._program.numbers.get(text)
        return 0 if number is None else self._bits[number]

    def credits(self, text: str) -> tuple[tuple[float, int], ...]:
        """Return weights, each with the bitmap of the papers that it counts for; their sums are what the rule weighs.

        A positive term that makes the rule hold counts with its own weight (``^``) times 3.0 where it holds in the
        title, 2.0 where it is an author, else 1.0. A term that stands in the rule twice counts once, with its greater
        weight.
        """
        number = self._program.numbers.get(text)
        return () if number is None else self._kept_credits(number)

    def _credits(self, number: int) -> tuple[tuple[float, int], ...]:
        rows, place = self._program.place(number)
        terms = rows.row(place)
        counted = rows.shape.counted([self._papers[term] for term in terms], self._everything, self._bits[number])
        seen = [0] * len(terms)
        found = []
        # The greatest weight of a term comes first, and takes its papers away from the others.
        for slot, weight, papers in sorted(counted, key=lambda one: -one[1]):
            papers &= ~seen[slot]
            seen[slot] |= papers
            in_title = papers & self._titles[terms[slot]]
            if in_title:
                found.append((weight * WEIGHTS["title"], in_title))
            if elsewhere := papers & ~in_title:
                found.append((weight * WEIGHTS.get(self._program.leaf(terms[slot]).field, 1.0), elsewhere))
        return tuple(found)
