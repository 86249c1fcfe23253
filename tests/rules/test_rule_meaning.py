"""How terms are put together, what a rule asks for as a whole, and why it holds."""

from __future__ import annotations

from datetime import date

import pytest

from digest import rules
from digest.models import Hit, Paper

DAY = date(2026, 6, 15)
PAPER = Paper(
    id=7,
    revision=1,
    title="Reward Models, and How to Fool a Reward Model",
    abstract="We study 95\\% of naïve reward–models with a cache of KV pairs.",
    first_listed=DAY,
    changed=DAY,
    authors=("Chan, Antoni B.", "Ada Lovelace"),
    page_authors=("Antoni B. Chan", "Grace Hopper"),
    categories=("LG", "cs.RO"),
    scores=(("scholarfeed", 36.1), ("other", 12.0)),
    published=date(2024, 2, 29),
    has_code=True,
    announced=("new",),
    layouts=("scholarfeed",),
)

NORMAL_FORMS = {
    "implicit AND": ("a b", "a AND b"),
    "AND before OR": ("a b OR c AND d", "(a AND b) OR (c AND d)"),
    "NOT before AND": ("NOT a b", "NOT a AND b"),
    "minus is NOT": ("a -(b c)", "a AND NOT (b AND c)"),
    "NOT of NOT": ("NOT -a", "a"),
    "needless parentheses": ("((a) (b (c)))", "a AND b AND c"),
    "short names and capitals": ("TI:a Au:b", "title:a AND author:b"),
    "a field for a group": ("title:(a OR -b)", "title:a OR NOT title:b"),
    "a field of its own in a group": ("ti:(a OR abs:b)", "title:a OR abstract:b"),
    "space after the colon": ("title: a", "title:a"),
    "curly quotes": ("“a b” »c d«", '"a b" AND "c d"'),
    "low and high quotes": ("„a b“ NOT «c d»", '"a b" AND NOT "c d"'),
    "a hyphen in a word": ("fine-tuning", "fine-tuning"),
    "no space around parentheses": ("(a OR b)AND(c)NOT(d)-(e f)", "(a OR b) AND c AND NOT d AND NOT (e AND f)"),
    "no space around quotes": ('"a b""c d"', '"a b" AND "c d"'),
    "words that begin as operators": ("ANDroid ORacle NOTe", "ANDroid AND ORacle AND NOTe"),
    "groups in groups with fields": (
        "title:( (a) OR abs:(b ti:c) d)",
        "title:a OR (abstract:b AND title:c AND title:d)",
    ),
    "NOT in a group with a field": ("title:(a NOT b)", "title:a AND NOT title:b"),
    "a field after a minus": ("-title:a -au:(b OR c)", "NOT title:a AND NOT (author:b OR author:c)"),
    "exactly in a group with a field": ("ti:(=a OR b*)", "title:=a OR title:b*"),
    "a weight before a distance": ('"a b"^2~5', '"a b"~5^2'),
    "exactly near each other": ('="a b"~5', '="a b"~5'),
    "a negative number": ("score:>-5", "score:>-5"),
    "needless quotes": ('"a" "and" "OR"', 'a AND and AND "OR"'),
    "weights multiply": ("(a^2 OR b)^3", "a^6 OR b^3"),
    "distance and weight": ('"a b"~5^2', '"a b"~5^2'),
    "exactly": ('="a b" =c', '="a b" AND =c'),
    "en dash as minus": ("a –b", "a AND NOT b"),
    "typeset comparison": ("score:≥3", "score:≥3"),
    "ranges in a group": ("(score:>=3)(listed:2024)^2", "score:>=3 AND listed:2024^2"),
    "an expression with a slash": (r"title:/a\/b c/", r"title:/a\/b c/"),
}


@pytest.mark.parametrize(("rule", "normal"), NORMAL_FORMS.values(), ids=NORMAL_FORMS)
def test_a_rule_is_read_as_its_normal_form_says(rule: str, normal: str):
    assert str(rules.parse(rule)) == normal
    assert rules.parse(normal) == rules.parse(rule)


@pytest.mark.parametrize(
    ("rule", "people"),
    [
        ("author:chan", True),
        ("author:(a OR b) -author:c", True),
        ("author:chan survey", False),
        ("author:chan -survey", False),
        ("NOT author:chan", False),
        ("author:chan OR *", False),
        ("author:*", True),
    ],
)
def test_a_rule_of_people_asks_for_authors_and_nothing_else(rule: str, people: bool):
    assert rules.Program([rule]).is_for_people(rule) is people


@pytest.mark.parametrize(
    ("rule", "asks"),
    [("type:replaced", True), ("a -type:replaced", False), ("NOT (a -type:replaced)", True), ("replaced", False)],
)
def test_only_a_positive_type_asks_for_replaced_papers(rule: str, asks: bool):
    assert rules.Program([rule]).asks_for_replaced(rule) is asks


def test_a_word_is_marked_wherever_it_stands_in_the_readable_text():
    assert rules.explain(rules.parse("models"), PAPER) == (
        Hit("models", "title", ((7, 13), (40, 45))),
        Hit("models", "abstract", ((29, 35),)),
    )


def test_a_phrase_is_marked_from_its_first_word_to_its_last():
    (title, abstract) = rules.explain(rules.parse('"reward model*"^3'), PAPER)
    assert title == Hit("reward model*", "title", ((0, 13), (33, 45)))
    assert abstract.spans == ((22, 35),)


def test_phrases_that_overlap_are_marked_from_the_left():
    paper = Paper(1, 1, "Very very very very deep", DAY, DAY)
    (hit,) = rules.explain(rules.parse('"very very"'), paper)
    assert hit.spans == ((0, 9), (10, 19))


def test_words_near_each_other_are_marked_one_by_one():
    (hit,) = rules.explain(rules.parse('"kv cache"~5'), PAPER)
    assert [PAPER.abstract.replace("\\", "")[a:b] for a, b in hit.spans] == ["cache", "KV"]


def test_an_author_is_named_as_printed_and_a_page_author_only_where_none_is():
    assert rules.explain(rules.parse('au:"A. B. Chan"'), PAPER) == (
        Hit("A. B. Chan", "author", where="Chan, Antoni B."),
    )
    assert rules.explain(rules.parse("au:hopper"), PAPER) == (Hit("hopper", "author", where="Grace Hopper"),)


@pytest.mark.parametrize(
    ("rule", "hit"),
    {
        "a category": ("cat:cs.LG", Hit("cs.LG", "category", where="LG")),
        "a score": ("score:>=30", Hit(">=30", "score", where="36.1")),
        "a date": ("published:[2024 TO *]", Hit("[2024 TO *]", "published", where="2024-02-29")),
        "a first listing": ("listed:>2025", Hit(">2025", "listed", where="2026-06-15")),
        "a flag": ("has:code", Hit("code", "has", where="code")),
        "an announcement": ("type:new", Hit("new", "type", where="new")),
        "a layout": ('layout:"Scholar Feed"', Hit("Scholar Feed", "layout", where="scholarfeed")),
        "an expression": ("ti:/^r\\w+/", Hit("/^r\\w+/", "title", ((0, 6),))),
    }.values(),
)
def test_a_hit_says_what_held_and_where(rule: str, hit: Hit):
    assert rules.explain(rules.parse(rule), PAPER) == (hit,)


@pytest.mark.parametrize(
    ("rule", "terms"),
    {
        "a branch that does not hold": ("(reward survey) OR cache", ["cache"]),
        "a negated term": ("cache -survey", ["cache"]),
        "a term under two NOTs": ("NOT (survey OR NOT cache)", ["cache"]),
        "a rule that does not hold": ("cache survey", []),
        "a rule of negations": ("NOT survey", []),
        "everything": ("*", []),
        "a term twice": ("cache OR cache", ["cache"]),
    }.values(),
)
def test_an_explanation_names_the_positive_terms_that_make_the_rule_hold(rule: str, terms: list[str]):
    assert [hit.term for hit in rules.explain(rules.parse(rule), PAPER)] == terms


@pytest.mark.parametrize(
    ("rule", "weight"),
    {
        "title": ("reward", 3.0),
        "abstract": ("cache", 1.0),
        "author": ("au:lovelace", 2.0),
        "else": ("cat:LG", 1.0),
        "weights": ("cache^4", 4.0),
        "a sum": ("reward cache^0.5 survey OR reward OR cache^0.5", 3.5),
        "a term twice": ("reward OR Reward^2 OR survey", 6.0),
        "exact and not": ("=models OR =model^2 OR fool", 12.0),
        "everything": ("*", 1.0),
        "nothing positive": ("NOT survey", 0.0),
    }.values(),
)
def test_strength_adds_up_what_matched(rule: str, weight: float):
    query = rules.parse(rule)
    assert rules.strength(query, PAPER) == weight


def test_equal_terms_are_worked_out_once_whatever_their_wording_and_weight():
    index = rules.Index([PAPER])
    for rule in ("reward", "Reward^2", "REWARD OR (reward AND reward^3)"):
        assert index.match(rules.parse(rule)) == 1
    assert len(index._terms) == 1


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 64, 1000])
def test_bit_i_stands_for_paper_i_however_many_there_are(count: int):
    papers = [Paper(i, 1, "odd" if i % 2 else "even", DAY, DAY) for i in range(count)]
    index = rules.Index(papers)
    assert index.match(rules.parse("odd")) == sum(1 << i for i in range(1, count, 2))
    assert index.match(rules.parse("NOT odd")) == sum(1 << i for i in range(0, count, 2))
    assert index.match(rules.parse("*")) == (1 << count) - 1
