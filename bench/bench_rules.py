"""How fast rules are: building the index, matching many rules, explaining matches, on invented papers."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import date

from digest import rules
from digest.models import Paper

PAPERS, WORDS_PER_ABSTRACT, VOCABULARY, RULES = 1_000, 200, 20_000, 2_000
DAY = date(2026, 6, 15)


def _timed(what: str, unit: str, count: int, work: Callable[[], object]) -> None:
    started = time.perf_counter()
    work()
    seconds = time.perf_counter() - started
    print(f"{what:<28} {seconds:8.3f} s {count / seconds:12,.0f} {unit}/s")


def _words(chance: random.Random, count: int) -> list[str]:
    """Words as frequent as words are: the n-th most frequent one by about 1/n (Zipf's law)."""
    return [f"w{int(VOCABULARY ** chance.random()):d}x" for _ in range(count)]


def _paper(chance: random.Random, number: int) -> Paper:
    title, abstract = " ".join(_words(chance, 10)), " ".join(_words(chance, WORDS_PER_ABSTRACT))
    authors = tuple(f"{a.title()} {b.title()}" for a, b in zip(_words(chance, 5), _words(chance, 5), strict=True))
    return Paper(number, 1, title, DAY, DAY, abstract=abstract, authors=authors, categories=("cs.LG",))


def _rule(chance: random.Random) -> str:
    a, b, c, d = _words(chance, 4)
    return chance.choice([f"{a} OR {b}", f'"{a} {b}" OR {c}', f"{a} {b} NOT {c}", f"title:({a} OR {d}) {b[:3]}*"])


def main() -> None:
    """Measure and print."""
    chance = random.Random(7)
    papers = [_paper(chance, number) for number in range(PAPERS)]
    written = [_rule(chance) for _ in range(RULES)]
    _timed("index built", "papers", PAPERS, lambda: rules.Index(papers))
    _timed("rules parsed", "rules", RULES, lambda: [rules.parse(rule) for rule in written])
    index, queries = rules.Index(papers), [rules.parse(rule) for rule in written]
    _timed("rules matched, first time", "rules", RULES, lambda: [index.match(query) for query in queries])
    _timed("rules matched, again", "rules", RULES, lambda: [index.match(query) for query in queries])
    pairs = [(q, p) for q in queries[:200] for n, p in enumerate(papers[:200]) if index.match(q) >> n & 1]
    _timed("matches explained", "matches", len(pairs), lambda: [rules.explain(q, p) for q, p in pairs])


if __name__ == "__main__":
    main()
