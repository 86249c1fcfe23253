"""Which papers in view match whose rules, and why: the rule engine's index, asked by editions and previews alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from digest import rules as language
from digest.editions import ordered_matches
from digest.errors import RuleError
from digest.models import Hit, Match, Paper, Rule
from digest.rules import Query


@dataclass(frozen=True, slots=True)
class RuleSet:
    """Rules of one owner, and what that owner never wants to see among their matches."""

    rules: tuple[Rule, ...]
    exclude: tuple[str, ...] = ()

    @property
    def queries(self) -> tuple[str, ...]:
        """All that must be readable for the set to mean what its owner wrote."""
        return (*(rule.query for rule in self.rules), *self.exclude)


class Matcher:
    """An index of papers, asked by rules; equal rules are read and evaluated once."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Index the papers; ``places`` maps a paper's id to its bit."""
        self.papers = papers
        self.places = {paper.id: place for place, paper in enumerate(papers)}
        self.problems: dict[str, RuleError] = {}  # rules that cannot be read, by their text
        self._index = language.Index(papers)
        self._queries: dict[str, Query | None] = {}
        self._told: dict[tuple[str, int], tuple[tuple[Hit, ...], float]] = {}

    def matches(self, sets: Sequence[RuleSet], fresh: int, again: int = 0) -> dict[int, tuple[Match, ...]]:
        """Return the matches per place, best first.

        A rule that cannot be read matches nothing, and so does a set with an exclusion that cannot. ``fresh`` is the
        bitmap of papers to consider; ``again`` that of papers that were replaced, which only a rule that asks for
        those gets.
        """
        found: dict[int, list[Match]] = {}
        for own in sets:
            if any(self.query(text) is None for text in own.exclude):
                continue
            wanted = ~self._any(own.exclude)
            for rule in own.rules:
                if query := self.query(rule.query):
                    scope = (fresh | again if query.asks_for_replaced else fresh) & wanted
                    for place in _places(self._index.match(query) & scope):
                        found.setdefault(place, []).append(self._match(rule, query, place))
        return {place: ordered_matches(matches) for place, matches in found.items()}

    def query(self, text: str) -> Query | None:
        """Return the rule's query, or None for one that cannot be read, which is noted in ``problems``."""
        if text not in self._queries:
            try:
                self._queries[text] = language.parse(text)
            except RuleError as error:
                self._queries[text] = None
                self.problems[text] = error
        return self._queries[text]

    def unreadable(self, sets: Sequence[RuleSet]) -> list[str]:
        """Return the queries of the sets that cannot be read; ``problems`` says why."""
        return [text for own in sets for text in own.queries if self.query(text) is None]

    def bitmap(self, ids: Sequence[int] | set[int]) -> int:
        """Return the bitmap of those of the ids that are in view."""
        bits = 0
        for paper_id in ids:
            if (place := self.places.get(paper_id)) is not None:
                bits |= 1 << place
        return bits

    def _any(self, queries: Sequence[str]) -> int:
        bits = 0
        for text in queries:
            if query := self.query(text):
                bits |= self._index.match(query)
        return bits

    def _match(self, rule: Rule, query: Query, place: int) -> Match:
        if (rule.query, place) not in self._told:
            paper = self.papers[place]
            hits = language.explain(query, paper)
            self._told[rule.query, place] = (hits, language.strength(query, paper, hits))
        hits, strength = self._told[rule.query, place]
        return Match(
            rule=rule.name or rule.query,
            named=rule.name is not None,
            people=query.people_only,
            weight=rule.weight * strength,
            hits=hits,
            topic=rule.topic,
        )


def _places(bits: int) -> Iterator[int]:
    """Yield the places of the bits that are set, lowest first."""
    while bits:
        low = bits & -bits
        yield low.bit_length() - 1
        bits ^= low
