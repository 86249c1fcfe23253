"""Rules beside SQLite FTS5, asked the same: no paper more or less, once the differences that by_fts5 names are gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import by_fts5
import made_rules
import naive_rules
import pytest
import real_papers

from digest import rules
from digest.models import Paper
from digest.rules import words
from digest.rules.tree import Leaf, Node, Not, Query, Words

DAY = date(2026, 6, 15)
on_real_papers = pytest.mark.skipif(not real_papers.ARE_HERE, reason=real_papers.WHY_NOT)

INVENTED = (
    ("Reward Models for Code", "A reward-model, trained on ten looms. Models of reward/regret."),
    ("The loom's Pattern: weave, card & wheel", "Weaving (a pattern) in C++ and GPT-3.5; see loom_card."),
    ("Poincaré Embeddings", "Łódź’s naïve m² looms: ﬁne 𝑥-cards. Straße 学习."),
    ("Card", "The card of the card of the wheel; no loom."),
    ("", ""),
)


def invented() -> list[Paper]:
    return [Paper(n, 1, title, DAY, DAY, abstract=abstract) for n, (title, abstract) in enumerate(INVENTED)]


def differing(table: by_fts5.Table, index: rules.Index, queries: list[Query]) -> list[tuple[str, list[int]]]:
    """The rules for which the two disagree, and the papers where."""
    found = []
    for query in queries:
        bits = index.match(query)
        ours = {place for place in range(len(index.papers)) if bits >> place & 1}
        if places := sorted(ours.symmetric_difference(table.matching(query))):
            found.append((query.text, places))
    return found


def without_plurals(query: Query) -> Query:
    """The rule with ``=`` before every word and phrase that has no star."""

    def changed(node: Node) -> Node:
        if isinstance(node, Leaf):
            return replace(node, exact=True) if isinstance(node, Words) else node
        if isinstance(node, Not):
            return Not(changed(node.part))
        return type(node)(tuple(map(changed, node.parts)))

    return rules.parse(rules.normal_form(Query(query.text, changed(query.root))))


@pytest.mark.parametrize("difference", by_fts5.DIFFERENCES, ids=lambda difference: difference.what)
def test_each_difference_is_one_and_is_gone_once_the_text_is_prepared(difference: by_fts5.Difference):
    paper = Paper(1, 1, difference.paper, DAY, DAY)
    index, query = rules.Index([paper]), rules.parse(difference.rule)
    assert differing(by_fts5.Table([paper], prepare=False), index, [query]) == [(difference.rule, [0])]
    assert differing(by_fts5.Table([paper]), index, [query]) == []


def test_rules_made_of_a_few_papers_find_the_same_by_fts5():
    papers = invented()
    made = made_rules.Maker(papers, seed=3, kinds=made_rules.TEXT, sign="=").rules(1500)
    table, index = by_fts5.Table(papers), rules.Index(papers)
    assert differing(table, index, list(map(rules.parse, made))) == []


@pytest.mark.parametrize("rule", ["loom", 'title:"loom card"', "author:=Chan", '="rew* model"', '"a b*"~3', "title:*"])
def test_what_fts5_cannot_be_asked_is_not_asked(rule: str):
    with pytest.raises(by_fts5.UntoldError):
        by_fts5.Table([]).matching(rules.parse(rule))


def _our_words(papers: list[Paper]) -> Iterator[tuple[str, int, str]]:
    for place, paper in enumerate(papers):
        for field in by_fts5.FIELDS:
            for word in words.reading(getattr(paper, field) or "").words:
                yield word, place, field


@pytest.fixture(scope="module")
def ten_days() -> list[Paper]:
    return real_papers.papers(*real_papers.days())


@pytest.fixture(scope="module")
def table(ten_days: list[Paper]) -> by_fts5.Table:
    return by_fts5.Table(ten_days)


@pytest.fixture(scope="module")
def index(ten_days: list[Paper]) -> rules.Index:
    return rules.Index(ten_days)


@on_real_papers
@pytest.mark.slow
def test_ten_days_are_cut_into_the_same_words_by_fts5(ten_days: list[Paper], table: by_fts5.Table):
    theirs = {found for found in table.vocabulary() if found[0][0] != by_fts5.SIGN}
    ours = set(_our_words(ten_days))
    assert len(ours) > 100_000
    assert sorted(theirs ^ ours) == []


@on_real_papers
@pytest.mark.slow
def test_without_preparation_fts5_differs_on_ten_days(ten_days: list[Paper], index: rules.Index):
    """Else the preparation would not be worth its lines, or the comparison would not see anything."""
    made = made_rules.Maker(ten_days, seed=4, kinds=made_rules.TEXT, sign="=").rules(300)
    assert differing(by_fts5.Table(ten_days, prepare=False), index, list(map(rules.parse, made))) != []


@on_real_papers
@pytest.mark.slow
def test_the_librarians_queries_find_the_same_by_fts5(table: by_fts5.Table, index: rules.Index):
    queries = [without_plurals(rules.parse(written)) for written in real_papers.written_rules()]
    assert len(queries) == 40
    assert sum(index.match(query).bit_count() for query in queries) > 100
    assert differing(table, index, queries) == []


@on_real_papers
@pytest.mark.slow
def test_with_plurals_as_or_of_forms_fts5_finds_the_same(ten_days: list[Paper], index: rules.Index):
    table = by_fts5.Table(ten_days, forms=naive_rules.spellings)
    made = made_rules.Maker(ten_days, seed=6, kinds=made_rules.TEXT).rules(1000)
    assert differing(table, index, list(map(rules.parse, [*real_papers.written_rules(), *made]))) == []


@on_real_papers
@pytest.mark.slow
def test_five_thousand_made_rules_find_the_same_by_fts5(
    ten_days: list[Paper], table: by_fts5.Table, index: rules.Index
):
    made = made_rules.Maker(ten_days, seed=5, kinds=made_rules.TEXT, sign="=").distinct()
    assert differing(table, index, [rules.parse(next(made)) for _ in range(5000)]) == []
