"""Rules that librarians wrote, on papers as they were listed; skipped where there is no test data."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import naive_rules
import pytest

from digest import rules
from digest.models import Paper

ROOT = Path(os.environ.get("DIGEST_TESTDATA", "/nowhere")) / "data"
pytestmark = pytest.mark.skipif(
    not (ROOT / "rules.jsonl").exists(), reason="DIGEST_TESTDATA names no folder of test data"
)


def _lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def _papers(*days: Path) -> list[Paper]:
    rows = {row["id"]: row for day in days for row in _lines(day)}
    return [
        Paper(
            number,
            1,
            row["title"],
            date(2025, 3, 18),
            date(2025, 3, 18),
            abstract=row["summary"],
            authors=tuple(row["authors"]),
            categories=tuple(row["categories"]),
        )
        for number, row in enumerate(rows.values())
    ]


@pytest.fixture(scope="module")
def queries() -> list[rules.Query]:
    return [rules.parse(row["rule"]) for row in _lines(ROOT / "rules.jsonl")]


@pytest.fixture(scope="module")
def everything() -> rules.Index:
    return rules.Index(_papers(*sorted((ROOT / "daily-arxiv").glob("*.jsonl"))))


def test_all_forty_queries_are_rules_and_keep_their_meaning_in_normal_form(queries: list[rules.Query]):
    assert len(queries) == 40
    assert [rules.parse(str(query)) for query in queries] == queries
    assert [rules.warnings(query) for query in queries] == [()] * 40


def _disagreements(queries: list[rules.Query], papers: list[Paper]) -> list[tuple[str, str]]:
    index = rules.Index(papers)
    found = []
    for query in queries:
        bits = index.match(query)
        for place, paper in enumerate(papers):
            held = naive_rules.holds(query.root, paper)
            if held != bool(bits >> place & 1) or held != bool(rules.explain(query, paper)):
                found.append((query.text[:80], paper.title))
    return found


def test_index_and_plain_reading_agree_on_the_papers_of_a_morning(queries: list[rules.Query]):
    papers = _papers(ROOT / "daily-arxiv" / "2025-03-18.jsonl")[:5]
    assert _disagreements(queries, papers) == []


@pytest.mark.slow
def test_index_and_plain_reading_agree_on_the_every_third_paper_of_a_day(queries: list[rules.Query]):
    papers = _papers(ROOT / "daily-arxiv" / "2025-03-18.jsonl")[::3]
    assert len(papers) > 40
    assert _disagreements(queries, papers) == []


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
