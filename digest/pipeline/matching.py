"""Which papers in view match whose rules, and why: a program run on an index, for editions and previews alike."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from digest import rules as language
from digest.bits import bitmap, union
from digest.editions import Composition, ordered_matches
from digest.errors import RuleError
from digest.models import Entry, Hit, Match, Paper, Rule
from digest.pipeline.collecting import seldom_collecting
from digest.rules import Leaf

_KEPT_QUERIES, _KEPT_HITS = 4096, 100_000  # that are kept for the next recipient who shares them


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
    """Papers and the rules that are asked of them: all are evaluated at once, and explained only where they are shown.

    Cost: see ``rules.texts`` and ``rules.Program``; a recipient then costs a few operations on bitmaps for each term
    of their rules and each different weight, however many papers a rule holds for.
    """

    def __init__(self, papers: Sequence[Paper], program: language.Program) -> None:
        """Run a program on the papers; ``places`` maps a paper's id to its bit."""
        self.papers = papers
        self.places = {paper.id: place for place, paper in enumerate(papers)}
        self.program = program
        self._index = language.Index(papers)
        with seldom_collecting():
            self._found = program.run(self._index)
        self._query = lru_cache(maxsize=_KEPT_QUERIES)(language.parse)
        self._explained = lru_cache(maxsize=_KEPT_HITS)(self._explain)
        self._hits: dict[tuple[str, str, int], Sequence[Hit]] = {}

    @property
    def everything(self) -> int:
        """The bitmap of all papers."""
        return self._index.everything

    @property
    def problems(self) -> dict[str, RuleError]:
        """The rules that cannot be read, by their text."""
        return self.program.problems

    def standing(self, sets: Sequence[RuleSet], fresh: int, again: int = 0) -> Standing:
        """Return what the rules of a recipient bring.

        A rule that cannot be read matches nothing, and so does a set with an exclusion that cannot. ``fresh`` is the
        bitmap of papers to consider; ``again`` that of papers that were replaced, which only a rule that asks for
        those gets.
        """
        return Standing(self, tuple(self._scopes(sets, fresh, again)))

    def _scopes(self, sets: Sequence[RuleSet], fresh: int, again: int) -> Iterator[tuple[Rule, int]]:
        found, program = self._found, self.program
        for own in sets:
            if program.problems and any(text in program.problems for text in own.exclude):
                continue
            unwanted = 0
            for text in own.exclude:
                unwanted |= found.bits(text)
            for rule in own.rules:
                if bits := found.bits(rule.query):
                    scope = fresh | again if again and program.asks_for_replaced(rule.query) else fresh
                    if bits := bits & scope & ~unwanted:
                        yield rule, bits

    def unreadable(self, sets: Sequence[RuleSet]) -> list[str]:
        """Return the queries of the sets that cannot be read; ``problems`` says why."""
        return [text for own in sets for text in own.queries if text in self.problems] if self.problems else []

    def bitmap(self, ids: Iterable[int]) -> int:
        """Return the bitmap of the papers with these ids, as far as they are in view."""
        return bitmap([self.places[paper] for paper in ids if paper in self.places], len(self.papers))

    def credits(self, rule: Rule) -> tuple[tuple[float, int], ...]:
        """Return what a rule weighs, as weights with the papers that they count for, its own weight left out."""
        return self._found.credits(rule.query)

    def match(self, rule: Rule, place: int) -> Match:
        """Return why a rule holds for the paper at a place."""
        return Match(
            rule=rule.name or rule.query,
            named=rule.name is not None,
            people=self.program.is_for_people(rule.query),
            weight=rule.weight * sum(weight for weight, papers in self.credits(rule) if papers >> place & 1),
            hits=self._explained(rule.query, place),
            topic=rule.topic,
        )

    def _explain(self, query: str, place: int) -> tuple[Hit, ...]:
        return language.explain(self._query(query), self.papers[place], self._hits_of)

    def _hits_of(self, leaf: Leaf, paper: Paper) -> Sequence[Hit]:
        """Return a term's hits, which many rules share; papers are read for terms that hold alone."""
        if not self._index.term(leaf).papers >> self.places[paper.id] & 1:
            return ()
        key = leaf.key, leaf.written, paper.id
        if key not in self._hits:
            if len(self._hits) >= _KEPT_HITS:
                self._hits.clear()
            self._hits[key] = language.hits(leaf, paper)
        return self._hits[key]


@dataclass(frozen=True, slots=True)
class Standing:
    """What the rules of one recipient bring: for each rule the bitmap of its papers."""

    matcher: Matcher
    scopes: tuple[tuple[Rule, int], ...]

    def classes(self) -> dict[float, int]:
        """Return the papers as bitmaps, by the sum of what the rules weigh that bring them."""
        found = {0.0: union(scope for _, scope in self.scopes)}
        for rule, scope in self.scopes:
            for weight, papers in self.matcher.credits(rule):
                found = _raised(found, papers & scope, rule.weight * weight)
        return found

    def entries(self, composition: Composition) -> tuple[Entry, ...]:
        """Return the entries of an edition: only these are explained."""
        papers = self.matcher.papers
        return (
            *(Entry(papers[place], self.why(place)) for place in composition.chosen),
            *(Entry(papers[place], self.why(place), older=True) for place in composition.older),
        )

    def why(self, place: int) -> tuple[Match, ...]:
        """Return why a paper is there, the best match first."""
        return ordered_matches(self.matcher.match(rule, place) for rule, scope in self.scopes if scope >> place & 1)


def _raised(classes: dict[float, int], papers: int, weight: float) -> dict[float, int]:
    """Return the classes with these papers moved up by a weight; no class is empty but the one of nothing."""
    if not papers:
        return classes
    raised: dict[float, int] = {}
    for total, members in classes.items():
        inside = members & papers
        if inside:
            raised[total + weight] = raised.get(total + weight, 0) | inside
        if inside != members:
            raised[total] = raised.get(total, 0) | members ^ inside
    return raised
