"""What the form of a rule tells for sure: that it holds for every paper, or for none; and other doubts about it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import rules
from digest.models import Paper
from digest.rules.certain import MOST_TERMS, certain_parts, verdict

DAYS = (date(2024, 3, 1), date(2024, 3, 2), date(2025, 1, 1))
NONE = {
    "a category and its opposite": "cat:cs.LG AND NOT cat:cs.LG",
    "a term excluded in a group": "a AND NOT (a OR b)",
    "scores that do not meet": "score:>5 score:<3",
    "scores that just do not meet": "score:>5 score:<=5",
    "years that do not meet": "published:>2025 published:<2024",
    "a range and a wider one excluded": "score:>3 -score:>2",
    "a range covered by two excluded": "score:{1 TO 3} -score:[1 TO 2] -score:[2 TO 3]",
    "two days excluded of two": "published:[2024-03-01 TO 2024-03-02] -published:2024-03-01 -published:2024-03-02",
    "a phrase without its word": '"reward model" -reward',
    "near words without one of them": '"kv cache"~5 -caches',
    "a prefix that takes it all": "transformer -transform*",
    "an exact word without the word": "=models -model",
    "a phrase without its prefix": '"reward model" -"reward model*"',
    "a title without the word anywhere": "title:rlhf -rlhf",
    "a value in a field of no value": "venue:nature -venue:*",
    "a score in no score": "score:>3 -score:*",
    "something in a longer group": "(a OR b) (c OR d) NOT ((a OR b) (c OR d))",
    "more terms than are tried": "a " + " ".join(f"b{n}" for n in range(MOST_TERMS)) + " -a",
    "groups of more terms than are tried": " ".join(f"(a{n} -a{n})" for n in range(MOST_TERMS)),
}
ALL = {
    "a flag or not": "has:abstract OR -has:abstract",
    "listed before or since": "listed:<2024 OR listed:>=2024",
    "not both of what cannot be both": "NOT (score:>5 score:<3)",
    "a term or another than it": "a OR NOT (a b)",
    "more terms than are tried": "-a OR " + " OR ".join(f"b{n}" for n in range(MOST_TERMS)) + " OR a",
    "any title": "title:*",
}
OPEN = {
    "published before or since, or unknown": "published:<2024 OR published:>=2024",
    "scores that meet in one": "score:>=5 score:<=5",
    "a word without its exact form": "model -=models",
    "a phrase's word without the phrase": 'reward -"reward model"',
    "a prefix without the word": "transform* -transformer",
    "a title or not in it": "rlhf -title:rlhf",
    "the whole of a site's name in one": 'layout:"hugging face" -layout:face',
    "a day between two": "published:[2024-03-01 TO 2024-03-03] -published:2024-03-01 -published:2024-03-03",
    "a score between two": "score:[1 TO 2] -score:1 -score:2",
    "everything but": "* -survey",
    "words in another order": '"a b" -"b a"',
}


@pytest.mark.parametrize("rule", NONE.values(), ids=NONE)
def test_a_rule_that_no_paper_can_match_is_told_from_its_form(rule: str):
    assert verdict(rules.parse(rule).root) == "none"
    assert "the rule can't match any paper" in rules.warnings(rules.parse(rule))


@pytest.mark.parametrize("rule", ALL.values(), ids=ALL)
def test_a_rule_that_every_paper_matches_is_told_from_its_form(rule: str):
    assert verdict(rules.parse(rule).root) == "all"
    assert "the rule matches every paper" in rules.warnings(rules.parse(rule))


@pytest.mark.parametrize("rule", OPEN.values(), ids=OPEN)
def test_a_rule_that_papers_decide_gives_no_warning(rule: str):
    assert verdict(rules.parse(rule).root) is None
    assert rules.warnings(rules.parse(rule)) == ()


WORDS = ["reward", "model", "models", "modelling"]
TERMS = st.sampled_from(
    [
        *WORDS,
        *(f"={word}" for word in WORDS),
        *(f"ti:{word}" for word in WORDS),
        *('"reward model"', '"reward model*"', '"model reward"~2', "model*", "mod*", "*", "venue:*", "venue:nature"),
        *("score:>5", "score:>=5", "score:<3", "score:[3 TO 5]", "score:*", "has:abstract", "au:chan", "au:*"),
        *("published:2024", "published:>2024", "published:2024-03-01", "listed:<2025", "listed:>=2025"),
    ]
)
RULES = st.recursive(
    TERMS,
    lambda inner: (
        st.builds("({} {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | inner.map("-({})".format)
    ),
    max_leaves=14,
)
TEXTS = st.lists(st.sampled_from([*WORDS, "of"]), max_size=5).map(" ".join)
PAPERS = st.builds(
    lambda title, abstract, score, published, listed, venue: Paper(
        1,
        1,
        title or "x",
        listed,
        listed,
        abstract=abstract or None,
        scores=(("site", score),) if score else (),
        published=published,
        venue=venue,
        authors=("A. Chan",) if score else (),
    ),
    TEXTS,
    TEXTS,
    st.sampled_from([None, 2.5, 3.0, 5.0, 6.0]),
    st.sampled_from([None, *DAYS]),
    st.sampled_from(DAYS),
    st.sampled_from([None, "Nature"]),
)


@given(RULES, st.lists(PAPERS, min_size=1, max_size=8))
def test_no_paper_contradicts_what_is_said_for_sure(written: str, papers: list[Paper]):
    query, index = rules.parse(written), rules.Index(papers)
    expected = {"all": (1 << len(papers)) - 1, "none": 0}
    for node, said in [(query.root, verdict(query.root)), *certain_parts(query.root)]:
        assert said is None or index.match(rules.Query("", node)) == expected[said]


DOUBTS = {
    "a part that can't match": ("rlhf OR (a -a)", "a part can't match any paper: a AND NOT a"),
    "a part that always does": ("rlhf (a OR -a)", "a part matches every paper: a OR NOT a"),
    "a term twice": ("rlhf OR dpo OR RLHF", "rlhf stands there twice; once is enough"),
    "a term three times": ("rlhf rlhf rlhf", "rlhf stands there 3 times; once is enough"),
    "an excluded term twice": ("a -b -b", "b stands there twice; once is enough"),
    "a category that is none": ("cat:cs.XX", "arXiv has no category cs.XX"),
    "TeX": (
        r'"\alpha divergence"',
        r"\alpha divergence is TeX, and papers are matched as they read; write α divergence",
    ),
}


@pytest.mark.parametrize(("rule", "warning"), DOUBTS.values(), ids=DOUBTS)
def test_a_doubt_about_a_rule_is_said_in_a_sentence(rule: str, warning: str):
    assert [said.lower() for said in rules.warnings(rules.parse(rule))] == [warning.lower()]


@pytest.mark.parametrize("rule", ["(a b) OR (a c)", "cat:math.CO OR cat:LG OR cat:nature", "cat:=cs.LG", "$10 bills"])
def test_what_only_looks_odd_gives_no_warning(rule: str):
    assert rules.warnings(rules.parse(rule)) == ()
