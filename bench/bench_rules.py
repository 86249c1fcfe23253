"""What rules cost: compiling and loading them, matching a day's papers, picking each subscriber's top 20; beside peers.

``python bench/bench_rules.py [--papers N] [--subscribers N] [--terms N] [--sample N]`` takes its papers from the folder
that DIGEST_TESTDATA names, else invents some. Each subscriber has five rules: four in five of their own, one of 2,000
that many share, all made of 30,000 different terms, a few of them in very many rules and most in few. Peers answer a
sample of the same rules, one query each; what all rules would take them is extrapolated from it. Cost law: time grows
with different terms and with different rules, each by the papers.
"""

from __future__ import annotations

import argparse
import gc
import math
import os
import random
import resource
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from statistics import linear_regression, median
from time import perf_counter
from typing import Any

from rule_peers import Fts5, Tantivy, measured, told_to_all

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import real_papers
from made_rules import Maker

from digest import rules
from digest.editions import Limits, Pool, in_order
from digest.errors import RuleError
from digest.models import Paper, Rule
from digest.pipeline.collecting import seldom_collecting
from digest.pipeline.matching import Matcher, RuleSet

DAY = date(2026, 6, 15)
RULES_EACH, SHARED, SHARED_TEXTS = 5, 0.2, 2_000
# Terms as subscribers write them, of 100; proximity and regular expressions, which few do, are measured by themselves.
KINDS = {"word": 40, "phrase": 26, "prefix": 14, "begun": 4, "author": 8, "category": 5, "range": 2, "flag": 1}
TOP = Limits(max_items=20, backlog_days=7)
VOCABULARY, WORDS_PER_ABSTRACT = 20_000, 200


def line(what: str, figure: str, aim: str = "") -> None:
    """Print one figure, and what it should be."""
    print(f"{what:<44} {figure:<44} {f'aim: {aim}' if aim else ''}".rstrip())


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    """Return how long something takes, and what it returns; garbage is collected as the pipeline does."""
    gc.collect()
    with seldom_collecting():
        started = perf_counter()
        made = work()
        return perf_counter() - started, made


def peak_mb() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


# Papers and rules


def invented(count: int, chance: random.Random) -> list[Paper]:
    """Papers of words as frequent as words are: the n-th most frequent one by about 1/n (Zipf's law)."""

    def some(words: int) -> str:
        return " ".join(f"w{int(VOCABULARY ** chance.random()):d}x" for _ in range(words))

    return [
        Paper(
            number,
            1,
            some(10),
            DAY,
            DAY,
            abstract=some(WORDS_PER_ABSTRACT),
            authors=tuple(f"{some(1).title()} {some(1).title()}" for _ in range(5)),
            categories=(chance.choice(("cs.LG", "cs.CV", "stat.ML")),),
        )
        for number in range(count)
    ]


def drawn(known: Sequence[Paper], count: int, chance: random.Random) -> list[Paper]:
    """So many of the papers; once all are taken, again as other papers."""
    rounds = [chance.sample(known, len(known)) for _ in range(math.ceil(count / len(known)))]
    papers = [paper for papers in rounds for paper in papers][:count]
    return [replace(paper, id=number) for number, paper in enumerate(papers)]


def subscribed(maker: Maker, subscribers: int) -> list[tuple[Rule, ...]]:
    """The rules of each subscriber, the shared ones by Zipf's law."""
    own = maker.distinct()
    shared = [Rule(text) for text in islice(own, SHARED_TEXTS)]
    chance = maker.chance

    def one() -> Rule:
        if chance.random() < SHARED:
            return shared[int(SHARED_TEXTS ** chance.random()) - 1]
        return Rule(next(own))

    return [tuple(one() for _ in range(RULES_EACH)) for _ in range(subscribers)]


# What is measured


def compiled(texts: Sequence[str]) -> tuple[rules.Program, float]:
    """Compile the rules; print how fast."""
    took, program = seconds(lambda: rules.Program(texts))
    rate = len(program.numbers) / took
    line("rules parsed and compiled", f"{took:.2f} s, {rate:,.0f} different texts/s", ">= 30,000 rules/s")
    counts = program.counts
    line("  rules, different ones", f"{len(texts):,}, {counts.rules:,}; {len(program.problems)} unreadable")
    line("  terms, different ones, shapes", f"{counts.terms:,}, {counts.distinct_terms:,}, {counts.shapes:,}")
    return program, took


def read(papers: Sequence[Paper]) -> rules.Index:
    """Return an index that has read the papers, as it does when it is first asked for a word."""
    index = rules.Index(papers)
    index.match(rules.parse("loom"))
    return index


def matched(program: rules.Program, papers: Sequence[Paper]) -> float:
    """Run the program on a new index; print and return the seconds of both."""
    building, index = seconds(lambda: read(papers))
    running, _ = seconds(lambda: program.run(index))
    again, _ = seconds(lambda: program.run(index))
    line("index built", f"{building:.2f} s")
    line("everything matched", f"{running:.2f} s: terms {running - again:.2f} s, rules {again:.2f} s")
    line("  evaluated", f"{program.counts.distinct_terms:,} terms, {program.counts.rules:,} rules, each once")
    return building + running


def picked(program: rules.Program, papers: Sequence[Paper], subscribers: Sequence[tuple[Rule, ...]]) -> None:
    """Pick the top 20 of each subscriber as composing an edition does; print how fast."""
    matcher, pool = Matcher(in_order(papers), program), Pool(in_order(papers), recent_days=90)

    def all_tops() -> int:
        chosen = 0
        for own in subscribers:
            classes = matcher.standing((RuleSet(own),), matcher.everything).classes()
            chosen += len(pool.compose(classes, {}, TOP, DAY).chosen)
        return chosen

    took, chosen = seconds(all_tops)
    each = took / len(subscribers) * 1e6
    line("top 20 of each subscriber", f"{took:.2f} s, {each:.0f} µs each, {chosen / len(subscribers):.1f} papers each")


def loaded(program: rules.Program, compiling: float) -> None:
    """Keep the program as bytes and load it again; print how fast."""
    packing, data = seconds(lambda: rules.packed(program))
    times = [seconds(lambda: rules.unpacked(data))[0] for _ in range(3)]
    took = median(times)
    line("  kept as bytes", f"{len(data) / 1e6:.0f} MB in {packing:.2f} s")
    rate = f"{took:.2f} s, {len(program.numbers) / took:,.0f} texts/s, {compiling / took:.1f} x compiling"
    line("unchanged rules loaded", rate, ">= 10 x compiling")


def beside_peers(papers: Sequence[Paper], program: rules.Program, ours: float, sample_size: int) -> None:
    """Ask each peer a sample of the rules; print what all different rules would take, and who finds the same."""
    peers = (Fts5(papers), Tantivy(papers))
    every = list(program.numbers)
    chance = random.Random(11)
    sample, looked_at = told_to_all(peers, chance.sample(every, len(every)), sample_size)
    line("sample for the peers", f"{len(sample):,} rules of text alone, of {looked_at:,} looked at")
    index = rules.Index(papers)
    for peer, aim in zip(peers, (15, 50), strict=True):
        each, found = measured(peer, sample)
        same = sum(
            index.match(q) == sum(1 << place for place in places) for q, places in zip(sample, found, strict=True)
        )
        whole = each * program.counts.rules
        line(f"{peer.name}, extrapolated", f"{whole:.1f} s ({each * 1e6:.0f} µs a rule), finds the same for {same:,}")
        line("  ours, index included", f"{whole / ours:.1f} x as fast", f">= {aim} x")


def slope(maker: Maker, papers: Sequence[Paper], most: int) -> None:
    """Match twice as many different rules; print what each further one takes."""
    own = maker.distinct()
    program = rules.Program(islice(own, most // 2))
    times, counts = [], []
    for _ in range(2):
        times.append(median(seconds(lambda: program.run(rules.Index(papers)))[0] for _ in range(3)))
        counts.append(program.counts)
        program.add(islice(own, most // 2))
    few, many = counts
    each = (times[1] - times[0]) / (many.rules - few.rules) * 1e6
    line("a further different rule", f"{each:.2f} µs, from {few.rules:,} to {many.rules:,} rules", "<= 1.5 µs")


def costly(known: Sequence[Paper], sizes: Sequence[int]) -> None:
    """Print what a different term of the slower kinds takes, over few papers and many."""
    for kind in ("phrase", "near", "pattern"):
        program = rules.Program(islice(Maker(known, seed=9, kinds={kind: 1}, most_common=0.5).distinct(), 100))
        for size in sizes:
            index = read(drawn(known, size, random.Random(size)))
            took, _ = seconds(lambda p=program, i=index: p.run(i))
            each = took / program.counts.distinct_terms * 1e3
            line(
                f"a different term with {kind}, {size:,} papers", f"{each:.2f} ms, of {program.counts.distinct_terms:,}"
            )


def growth(program: rules.Program, known: Sequence[Paper], most: int) -> None:
    """Match more and more papers; print the exponent."""
    sizes = [most // 6, most // 3, most * 2 // 3, most]
    times = []
    for size in sizes:
        papers = drawn(known, size, random.Random(size))
        times.append(min(seconds(lambda p=papers: program.run(rules.Index(p)))[0] for _ in range(2)))
    exponent = linear_regression([math.log(n) for n in sizes], [math.log(t) for t in times]).slope
    line(
        f"{', '.join(f'{n:,}' for n in sizes)} papers",
        f"{', '.join(f'{t:.2f}' for t in times)} s: exponent {exponent:.2f}",
        "<= 1.1",
    )


def one_by_one(papers: Sequence[Paper], own: tuple[Rule, ...]) -> None:
    """Preview one subscriber's rules, over a day and over one paper; then rules that are made for harm."""
    texts = [rule.query for rule in own]
    a_day = papers[:200]
    for what, some in ((f"a preview over {len(a_day)} papers", a_day), ("a preview over one paper", papers[:1])):
        times = [seconds(lambda p=some: rules.Program(texts).run(rules.Index(p)))[0] for _ in range(5)]
        line(what, f"{median(times) * 1e3:.2f} ms")
    for what, text in (("(a+)+$", "/(a+)+$/"), ("100,000 characters", "loom OR " * 12_500)):
        took, said = seconds(lambda t=text: answered(t, papers))
        line(f"a rule of {what}", f"{took * 1e3:.2f} ms: {said}", "< 50 ms")


def answered(text: str, papers: Sequence[Paper]) -> str:
    """Say what becomes of a rule."""
    try:
        query = rules.parse(text)
    except RuleError as error:
        return str(error)[:60]
    return f"{rules.Index(papers).match(query).bit_count()} papers of {len(papers):,}"


def main() -> None:
    """Measure and print."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--papers", type=int, default=1_000)
    asked.add_argument("--subscribers", type=int, default=100_000)
    asked.add_argument("--terms", type=int, default=30_000, help="different terms that the rules are made of")
    asked.add_argument("--sample", type=int, default=1_000, help="rules that the peers are asked")
    size = asked.parse_args()
    chance = random.Random(7)
    known = real_papers.papers(*real_papers.days()) if real_papers.ARE_HERE else invented(size.papers, chance)
    papers = drawn(known, size.papers, chance)
    maker = Maker(papers, seed=7, kinds=KINDS, most_common=0.5, pool=size.terms)
    subscribers = subscribed(maker, size.subscribers)
    texts = [rule.query for own in subscribers for rule in own]
    print(
        f"{len(papers):,} papers, {'real' if real_papers.ARE_HERE else 'invented'}; "
        f"{len(subscribers):,} subscribers with {RULES_EACH} rules each; {os.cpu_count()} cores, one used"
    )
    before = peak_mb()
    program, compiling = compiled(texts)
    ours = matched(program, papers)
    picked(program, papers, subscribers)
    line("memory at its peak", f"{peak_mb():.0f} MB, of which this script's own {before:.0f} MB", "< 700 MB")
    loaded(program, compiling)
    beside_peers(papers, program, ours, size.sample)
    growth(program, known, 3 * size.papers)
    del program
    costly(known, (size.papers, 3 * size.papers))
    one_by_one(papers, subscribers[0])
    slope(maker, papers, RULES_EACH * size.subscribers)


if __name__ == "__main__":
    main()
