"""What slightly wider rules would have brought to those for whom nothing matched: for the still-here message.

Cost: the papers with news in the days that the message tells of, read and indexed once for all who are told of the same
days; a different rule is widened once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice

from digest import editions, rules
from digest.bits import ones, union
from digest.models import Paper, Rule, StillHere, Wider
from digest.pipeline.context import Context
from digest.pipeline.matching import RuleSet
from digest.rules import widen
from digest.store import papers as paper_store

_MOST = 20  # papers that a wider rule may bring: more are no small change
_RULES = 3  # that are widened for one subscriber
_TRIED = 20  # rules of one subscriber that are tried for them
_TITLES = 3
_LONGEST = 400  # characters of a wider rule: it is there to be copied, and longer rules are not shown whole
_KEPT = 4096  # rules of which the widenings are kept: followers of a topic share them


@dataclass(frozen=True, slots=True)
class Widened:
    """A rule with one change, as text, and the papers that it adds; ``close``: it means the same."""

    query: str
    adds: int
    close: bool


class Widener:
    """The papers with news in some days, and what changes of rules would add of them."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Keep the papers; they are read when the first rule asks for them."""
        self.papers = tuple(papers)
        self._index = rules.Index(self.papers)
        self._bits = lru_cache(_KEPT)(self._match)
        self._widened = lru_cache(_KEPT)(lambda text: tuple(self._wider(rules.parse(text))))

    def offers(self, sets: Sequence[RuleSet]) -> tuple[Wider, ...]:
        """Return a wider rule for each of at most three readable rules, in their order, that would bring a few papers.

        What any of the rules brings already, or is excluded, does not count.
        """
        brought = union(self._bits(rule.query) for own in sets for rule in own.rules)
        tried = islice(((own, rule) for own in sets for rule in own.rules), _TRIED)
        found: dict[str, Wider] = {}
        for own, rule in tried:
            if len(found) == _RULES:
                break
            if offer := self._offer(rule, brought | union(map(self._bits, own.exclude))):
                found.setdefault(offer.query, offer)
        return tuple(found.values())

    def _offer(self, rule: Rule, unwanted: int) -> Wider | None:
        """Return the widening that brings the most of those that bring a few; another spelling before any other."""
        few = [(made, made.adds & ~unwanted) for made in self._widened(rule.query)]
        few = [(made, adds) for made, adds in few if 0 < adds.bit_count() <= _MOST]
        if not few:
            return None
        made, adds = max(few, key=lambda one: (one[0].close, one[1].bit_count()))
        titles = tuple(self.papers[place] for place in islice(ones(adds), _TITLES))
        return Wider(rule, made.query, adds.bit_count(), titles)

    def _match(self, text: str) -> int:
        return self._index.match(rules.parse(text))

    def _wider(self, query: rules.Query) -> Iterator[Widened]:
        """Yield the widenings that add papers; where none does, those that leave out a part."""
        own, none = self._index.match(query), True
        for made in widen.widenings(query):
            if self._index.match(made.after) & ~self._index.match(made.before):
                adds = self._index.match(made.query) & ~own
                if adds and len(str(made.query)) <= _LONGEST:
                    none = False
                    yield Widened(str(made.query), adds, made.how in widen.SAME_MEANING)
        for _, rest in widen.without_one(query) if none else ():
            if (adds := self._index.match(rest) & ~own) and len(str(rest)) <= _LONGEST:
                yield Widened(str(rest), adds, close=False)


class Silence:
    """What is said to those for whom nothing matched up to a date; the last days that were asked for are kept."""

    def __init__(self, context: Context, on: date, upto: int) -> None:
        """Keep what tells the papers: the date, and the last news number that counts."""
        self._context, self._on, self._upto = context, on, upto
        self._wideners = lru_cache(maxsize=2)(self._widener)  # each about as large as what editions are composed from

    def message(self, sets: Sequence[RuleSet], days: int) -> tuple[StillHere, int] | None:
        """Return what is said of the last ``days`` and how many papers were read in them; None where none was."""
        widener = self._wideners(days)
        return (StillHere(days, widener.offers(sets)), len(widener.papers)) if widener.papers else None

    def _widener(self, days: int) -> Widener:
        with self._context.store.reading() as tx:
            papers = paper_store.in_news(tx, self._on - timedelta(days=days - 1), self._upto)
        return Widener(editions.in_order(papers))
