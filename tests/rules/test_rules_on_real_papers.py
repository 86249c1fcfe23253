"""Rules that librarians wrote, and thousands made at random, on papers as listed; skipped without test data."""

from __future__ import annotations

from collections.abc import Sequence

import made_rules
import naive_rules
import pytest
import real_papers
from weighed import weights

from digest import rules
from digest.models import Paper

pytestmark = pytest.mark.skipif(not real_papers.ARE_HERE, reason=real_papers.WHY_NOT)


@pytest.fixture(scope="module")
def queries() -> list[rules.Query]:
    return [rules.parse(written) for written in real_papers.written_rules()]


@pytest.fixture(scope="module")
def ten_days() -> list[Paper]:
    return real_papers.papers(*real_papers.days())


@pytest.fixture(scope="module")
def everything(ten_days: list[Paper]) -> rules.Index:
    return rules.Index(ten_days)


@pytest.fixture(scope="module")
def reader(ten_days: list[Paper]) -> naive_rules.Reader:
    return naive_rules.Reader(ten_days)


def test_all_forty_queries_are_rules_and_keep_their_meaning_in_normal_form(queries: list[rules.Query]):
    assert len(queries) == 40
    assert [rules.parse(str(query)) for query in queries] == queries
    assert all(said.endswith("once is enough") for query in queries for said in rules.warnings(query))


def _differences(queries: Sequence[rules.Query], index: rules.Index, reader: naive_rules.Reader) -> list[str]:
    """The rules for which an index, or a program of all the rules on it, finds other papers than a plain reading."""
    found = rules.Program(query.text for query in queries).run(index)
    plain = [reader.bits(query.root) for query in queries]
    return [
        query.text[:80]
        for query, bits in zip(queries, plain, strict=True)
        if not index.match(query) == bits == found.bits(query.text)
    ]


def test_index_explanation_and_plain_reading_agree_on_the_papers_of_a_morning(queries: list[rules.Query]):
    papers = real_papers.papers(real_papers.days()[0])[:60]
    index = rules.Index(papers)
    assert _differences(queries, index, naive_rules.Reader(papers)) == []
    for query in queries:
        explained = [bool(rules.explain(query, paper)) for paper in papers[:5]]
        assert explained == [bool(index.match(query) >> place & 1) for place in range(5)]


@pytest.mark.slow
def test_made_rules_find_many_papers_few_and_none_and_keep_their_meaning_in_normal_form(
    ten_days: list[Paper], everything: rules.Index
):
    made = made_rules.Maker(ten_days, seed=2).rules(400)
    queries = [rules.parse(rule) for rule in made]
    assert [rules.parse(str(query)) for query in queries] == queries
    found = [everything.match(query).bit_count() for query in queries]
    assert min(sum(count == 0 for count in found), sum(0 < n < 20 for n in found), sum(n > 200 for n in found)) > 20


def test_a_program_weighs_papers_as_a_plain_reading_does(ten_days: list[Paper], queries: list[rules.Query]):
    papers = ten_days[:40]
    reader = naive_rules.Reader(papers)
    made = [rules.parse(rule) for rule in made_rules.Maker(papers, seed=3).rules(300)]
    found = rules.Program(query.text for query in [*queries, *made]).run(rules.Index(papers))
    for query in [*queries, *made]:
        assert weights(found, query.text) == pytest.approx(reader.weights(query.root))


@pytest.mark.slow
def test_index_and_plain_reading_agree_on_all_forty_queries_and_ten_days(
    queries: list[rules.Query], everything: rules.Index, reader: naive_rules.Reader
):
    assert len(everything.papers) == 1927
    assert sum(everything.match(query).bit_count() for query in queries) > 500
    assert _differences(queries, everything, reader) == []


@pytest.mark.slow
def test_index_and_plain_reading_agree_on_five_thousand_made_rules_and_ten_days(
    ten_days: list[Paper], everything: rules.Index, reader: naive_rules.Reader
):
    made = made_rules.Maker(ten_days, seed=1).distinct()
    queries = [rules.parse(next(made)) for _ in range(5000)]
    assert _differences(queries, everything, reader) == []


@pytest.mark.parametrize(
    ("rule", "papers"),
    [
        ('="large language model"', 58),
        ('"large language model"', 366),
        ('"large language models"', 366),
        ('="diffusion model"', 111),
        ('"diffusion model"', 210),
    ],
)
def test_plurals_find_what_the_singular_alone_would_miss(rule: str, papers: int, everything: rules.Index):
    assert len(everything.papers) == 1927
    assert everything.match(rules.parse(rule)).bit_count() == papers
