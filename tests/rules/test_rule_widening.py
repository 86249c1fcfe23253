"""Small widenings of a rule: each matches all that the rule does, and what they are for a kind of term."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nested import rules_of

from digest import rules
from digest.models import Paper
from digest.rules import spelling
from digest.rules.widen import SAME_MEANING, widenings, without_one

DAY = date(2026, 6, 15)

MADE = {
    "a prefix of a word": ("reward", "reward*", "a prefix"),
    "a prefix that leaves a plural out": ("study", "study OR study*", "a prefix"),
    "a phrase's prefix that leaves a plural out": ('"case study"', '"case study" OR "case study*"', "a prefix"),
    "a name of a site": ('layout:"hugging face"', 'layout:"hugging face" OR layout:"hugging face*"', "a prefix"),
    "a stem": ("analysis", "analys*", "a prefix"),
    "a stem without its doubled letter": ("modelling", "model*", "a prefix"),
    "a stem of a plural": ("alignments", "align*", "a prefix"),
    "an American spelling": ("optimisation", "optimisation OR optimization", "another spelling"),
    "a British spelling": ("behavior", "behavior OR behaviour", "another spelling"),
    "two words": ("finetuning", 'finetuning OR "fine tuning"', "in two words"),
    "one word": ('"data set"', '"data set" OR dataset', "in one word"),
    "one word of a hyphened one": ("data-set", "data-set OR dataset", "in one word"),
    "a phrase with a prefix": ('"reward model"', '"reward model*"', "a prefix"),
    "a phrase with a stem": ('"cluster analysis"', '"cluster analys*"', "a prefix"),
    "a phrase's words near each other": ('"reward model"', '"reward model"~3', "near each other"),
    "the words of a long phrase": ('"a b c d"', '"a b c d"~4', "near each other"),
    "a phrase in another spelling": ('"topic modelling"', '"topic modelling" OR "topic modeling"', "another spelling"),
    "near words further apart": ('"kv cache"~5', '"kv cache"~10', "further apart"),
    "near words at the most": ('"kv cache"~900', '"kv cache"~1000', "further apart"),
    "plurals": ("=model", "model", "with plurals"),
    "title and abstract": ("title:rlhf", "rlhf", "not in the title alone"),
    "a field stays": ('title:"data set"', 'title:"data set" OR title:dataset', "in one word"),
    "an initial": (
        'author:"Antoni B. Chan"',
        'author:"Antoni B. Chan" OR author:"A. Chan"',
        "also by the initial alone",
    ),
    "initials": ('author:="Antoni Chan"', 'author:"Antoni Chan"', "also by initials"),
    "a whole archive": ("cat:cs", "category:cs.*", "the whole archive"),
    "a bare category": ("cat:=cs.LG", "category:cs.LG", "with or without its archive"),
}


@pytest.mark.parametrize(("rule", "change", "how"), MADE.values(), ids=MADE)
def test_a_term_is_widened(rule: str, change: str, how: str):
    assert (change, how) in [(own.change, own.how) for own in widenings(rules.parse(rule))]


@pytest.mark.parametrize(
    "rule", ["*", "rlhf*", "au:chan", "score:>30", "has:code", "/a+/", "-reward", "cat:cs.LG", "rl"]
)
def test_what_is_wide_or_negated_is_left_as_it_is(rule: str):
    assert list(widenings(rules.parse(rule))) == [] or rule == "rlhf*"


def test_the_rest_of_the_rule_stays_as_it_is():
    (found,) = (
        own for own in widenings(rules.parse("(ti:rlhf^2 OR dpo) -survey")) if own.how == "not in the title alone"
    )
    assert str(found.query) == "(rlhf^2 OR dpo) AND NOT survey"
    assert (str(found.before), str(found.after)) == ("title:rlhf", "rlhf^2")


def test_a_term_is_changed_in_its_own_place():
    query = rules.parse("(a OR b) (c OR (=d e)) =f")
    assert [str(own.query) for own in widenings(query)] == [
        "(a OR b) AND (c OR (d AND e)) AND =f",
        "(a OR b) AND (c OR (=d AND e)) AND f",
    ]


def test_of_a_rule_whose_parts_must_all_hold_each_is_left_out_once():
    assert [(part, str(rest)) for part, rest in without_one(rules.parse("a (b OR c) -d"))] == [
        ("a", "(b OR c) AND NOT d"),
        ("b OR c", "a AND NOT d"),
        ("NOT d", "a AND (b OR c)"),
    ]
    assert list(without_one(rules.parse("a OR b"))) == []


TERMS = st.sampled_from(
    [
        "study",
        '"reward studies"',
        "reward",
        "=models",
        '"reward model"',
        '"kv cache"~2',
        "ti:model",
        'au:"Antoni B. Chan"',
        "cat:LG",
        "finetuning",
    ]
)
RULES = rules_of(TERMS, most=5)
TEXTS = st.lists(
    st.sampled_from(
        [
            "reward",
            "rewards",
            "model",
            "models",
            "modelling",
            "kv",
            "caches",
            "fine",
            "tuning",
            "finetuning",
            "study",
            "studies",
        ]
    ),
    max_size=8,
).map(" ".join)
PAPERS = st.builds(
    lambda title, abstract, author: Paper(1, 1, title or "x", DAY, DAY, abstract=abstract, authors=(author,)),
    TEXTS,
    TEXTS,
    st.sampled_from(["Antoni B. Chan", "A. Chan", "Bob Chan"]),
)


@given(RULES, st.lists(PAPERS, min_size=1, max_size=6))
def test_a_widened_rule_matches_all_that_the_rule_does_and_more_only_where_its_term_does(
    written: str, papers: list[Paper]
):
    query, index = rules.parse(written), rules.Index(papers)
    for own in widenings(query):
        assert index.match(query) & ~index.match(own.query) == 0, own
        if not index.match(own.after) & ~index.match(own.before):
            assert index.match(own.query) == index.match(query), own
        assert rules.parse(str(own.query)) == own.query


def test_spellings_of_the_same_meaning_are_known_by_their_name():
    made = {
        own.how
        for rule in ("optimisation", "finetuning", '"data set"', "cat:cs")
        for own in widenings(rules.parse(rule))
    }
    assert made >= SAME_MEANING


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("modelling", "modeling"),
        ("modeling", "modelling"),
        ("centre", "center"),
        ("analyse", "analyze"),
        ("colour", "color"),
        ("catalogue", "catalog"),
        ("defence", "defense"),
        ("grey", "gray"),
        ("organised", "organized"),
        ("labelled", "labeled"),
        ("programme", "program"),
    ],
)
def test_spellings_of_both_sides_of_the_atlantic_are_found_from_either(word: str, other: str):
    assert other in spelling.variants(word)
    assert word in spelling.variants(other)


KNOWN = Counter({"transformer": 9, "transformers": 4, "transform": 3, "model": 9, "modal": 2, "reinforcement": 5})


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("transfromer", "transformer"),
        ("reinforcment", "reinforcement"),
        ("modle", "model"),
        ("zzzzzz", ""),
        ("rl", ""),
    ],
)
def test_a_slip_is_told_from_the_words_that_papers_have(word: str, near: str):
    assert spelling.nearest(word, KNOWN) == near


@pytest.mark.parametrize(
    ("rule", "mended"),
    [
        ("transfromer", "transformer"),
        ('ti:"reinforcment model"^2', 'title:"reinforcement model"^2'),
        ('"reinforcment zzzzzz"', ""),
        ("transfor*", ""),
        ("au:transfromer", ""),
        ("model", ""),
    ],
)
def test_a_term_is_mended_where_each_of_its_words_can_be(rule: str, mended: str):
    assert str(spelling.mended(rules.parse(rule), KNOWN) or "") == mended
