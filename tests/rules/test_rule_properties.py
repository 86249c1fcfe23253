"""What must hold for all rules and papers: index, explanation and a plain second reading agree."""

from __future__ import annotations

import re
from datetime import date

import naive_rules
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from weighed import weights

from digest import rules, text
from digest.errors import RuleError
from digest.models import Hit, Paper
from digest.rules import words
from digest.rules.tree import Anything, Not, Words

WORDS = [
    "study",
    "studies",
    "box",
    "boxes",
    "model",
    "models",
    "kv",
    "cache",
    "caches",
    "reward",
    "naïve",
    "Łódź",
    "x2",
]
FIRST, SECOND = ["Ada", "Antoni", "A.", "Wei"], ["B.", "van der", "M."]
FAMILY = ["Chan", "Li", "Lin", "Lovelace"]
CATEGORIES = ["cs.LG", "LG", "stat.ML", "CV", "math.CV", "hep-th"]
DAYS = [date(2024, 1, 31), date(2024, 2, 1), date(2025, 12, 31), date(2026, 6, 15)]

names = st.one_of(
    st.builds("{} {}".format, st.sampled_from(FIRST), st.sampled_from(FAMILY)),
    st.builds("{} {} {}".format, st.sampled_from(FIRST), st.sampled_from(SECOND), st.sampled_from(FAMILY)),
    st.builds("{1}, {0}".format, st.sampled_from(FIRST), st.sampled_from(FAMILY)),
)
sentences = st.lists(
    st.builds("{}{}".format, st.sampled_from(WORDS), st.sampled_from([" ", " ", "-", "/", ", ", ". ", "–", "'", " ("])),
    min_size=1,
    max_size=9,
).map(lambda parts: "".join(parts).rstrip(" (,.-/–'"))
some = {"max_size": 2}
papers = st.builds(
    Paper,
    id=st.integers(1, 9),
    revision=st.just(1),
    title=sentences,
    abstract=st.none() | sentences,
    first_listed=st.sampled_from(DAYS),
    changed=st.just(DAYS[-1]),
    authors=st.lists(names, **some).map(tuple),
    page_authors=st.lists(names, max_size=1).map(tuple),
    affiliations=st.lists(sentences, **some).map(tuple),
    categories=st.lists(st.sampled_from(CATEGORIES), **some).map(tuple),
    published=st.none() | st.sampled_from(DAYS),
    has_code=st.sampled_from([None, True, False]),
    venue=st.none() | sentences,
    scores=st.lists(st.tuples(st.just("scholarfeed"), st.sampled_from([1.0, 30.0, 36.1])), max_size=1).map(tuple),
    layouts=st.lists(st.sampled_from(["scholarfeed", "huggingface"]), **some).map(tuple),
    pages=st.lists(sentences, max_size=1).map(tuple),
    announced=st.lists(st.sampled_from(["new", "cross", "replaced"]), **some).map(tuple),
)

phrases = st.lists(st.sampled_from(WORDS), min_size=2, max_size=3).flatmap(
    lambda ws: st.sampled_from([" ", "-", ", "]).map(lambda sign: sign.join(ws))
)
textual = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map("={}".format),
    st.sampled_from(["stud*", "b*", "ca*", "na*"]),
    phrases.map('"{}"'.format),
    phrases.map('"{}*"'.format),
    phrases.map('="{}"'.format),
    st.builds('"{}"~{}'.format, phrases, st.integers(1, 5)),
    st.sampled_from(["/stud(y|ies)/", "/^model/", "/x[0-9]/", "*"]),
)
terms = st.one_of(
    textual,
    st.builds("{}:{}".format, st.sampled_from(["title", "abs", "aff", "venue", "page"]), textual),
    names.map('author:"{}"'.format),
    st.sampled_from(["au:chan", "au:lovel*", 'au:="Ada Chan"', "author:/^A/", "author:*"]),
    st.sampled_from(["cat:cs.LG", "cat:LG", "cat:cs.*", "cat:=LG", "cat:math.CV", "cat:hep-th", "category:/^cs/"]),
    st.sampled_from(["score:>=30", "score:<36.1", "score:30", "score:{1 TO 36.1]", "score:*"]),
    st.sampled_from(["published:2024", "published:[2024-02 TO *]", "listed:<2024-02-01", "listed:>2024-01"]),
    st.sampled_from(["has:code", "has:abstract", "type:new", "type:replaced", "layout:scholarfeed"]),
    st.sampled_from(['layout:"Hugging Face"', "layout:hugging*", "source:inbox"]),
)
queries = st.recursive(
    terms,
    lambda inner: st.one_of(
        st.builds("({} {})".format, inner, inner),
        st.builds("({} AND {})".format, inner, inner),
        st.builds("{} OR {}".format, inner, inner),
        inner.map("NOT {}".format),
        inner.map("-({})".format),
        st.builds("title:({})".format, textual),
        st.builds("({})^{}".format, inner, st.sampled_from(["2", "0.5"])),
    ),
    max_leaves=6,
)


@given(queries, st.lists(papers, max_size=4))
def test_the_index_and_a_plain_reading_of_each_paper_agree(written: str, chosen: list[Paper]):
    _agree(written, chosen)


@pytest.mark.slow
@settings(max_examples=2_000)
@given(queries, st.lists(papers, max_size=4))
def test_the_index_and_a_plain_reading_agree_on_many_more_rules_and_papers(written: str, chosen: list[Paper]):
    _agree(written, chosen)


def _agree(written: str, chosen: list[Paper]) -> None:
    query = rules.parse(written)
    bits = rules.Index(chosen).match(query)
    assert [bool(bits >> i & 1) for i in range(len(chosen))] == [naive_rules.holds(query.root, p) for p in chosen]
    assert bits >> len(chosen) == 0


@given(st.lists(queries, min_size=1, max_size=5), st.lists(papers, max_size=4))
def test_a_program_finds_and_weighs_each_rule_as_if_it_were_alone(written: list[str], chosen: list[Paper]):
    _as_if_alone(written, chosen)


@pytest.mark.slow
@settings(max_examples=1_000)
@given(st.lists(queries, min_size=1, max_size=5), st.lists(papers, max_size=4))
def test_a_program_finds_and_weighs_many_more_rules_as_if_they_were_alone(written: list[str], chosen: list[Paper]):
    _as_if_alone(written, chosen)


def _as_if_alone(written: list[str], chosen: list[Paper]) -> None:
    program = rules.Program(written)
    reader = naive_rules.Reader(chosen)
    for each in (program, rules.unpacked(rules.packed(program))):
        found = each.run(rules.Index(chosen))
        for rule in written:
            assert found.bits(rule) == reader.bits(rules.parse(rule).root)
            assert weights(found, rule) == pytest.approx(reader.weights(rules.parse(rule).root))


@given(queries, papers)
def test_a_rule_weighs_the_terms_that_make_it_hold_and_no_others(written: str, paper: Paper):
    query = rules.parse(written)
    plain = naive_rules.Reader([paper]).weights(query.root)
    assert rules.strength(query, paper) == pytest.approx(plain.get(0, 0.0))


# Letters and signs that words, what joins them, and folding are particular about.
ODD = [*"aAéøß½²ﬁ", *"漢かカ", "\u0301", "\u093f", "\u00ad", "\u200b", *" \t-–/_,.'’*\"", "𝑥", "ﷺ", "É", "λ", "9"]


@given(st.lists(st.sampled_from(ODD), max_size=12).map("".join))
def test_the_words_of_a_text_are_those_that_a_plain_reading_marks(value: str):
    plain = naive_rules.marked(value)
    read = words.reading(value)
    assert re.findall(f"{naive_rules.BEGIN}(.*?){naive_rules.END}", plain) == list(read.words)
    between = re.findall(f"{naive_rules.END}(.*?){naive_rules.BEGIN}", plain)
    assert ["".join(re.sub(r"^[-–/\s]+$", "", gap).split()) for gap in between] == list(read.joints[1:])


@given(queries)
def test_the_normal_form_parses_to_the_same_tree_and_stays_itself(written: str):
    query = rules.parse(written)
    again = rules.parse(rules.normal_form(query))
    assert again == query
    assert hash(again) == hash(query)
    assert str(again) == str(query)


# Whatever is printed, with the signs of the language more often than chance would bring them.
SIGNS = [
    *'()"“”:^~*-=/[]{}<>!?&|\\',
    " AND ",
    " OR ",
    " NOT ",
    " ",
    "title:",
    "au:",
    "score:",
    "cat:",
    "has:",
    "~2",
    "^2",
    "a",
]


@given(st.lists(st.sampled_from(SIGNS) | st.text(max_size=3), max_size=25).map("".join))
def test_any_text_is_a_rule_or_a_rule_error_inside_it(written: str):
    query = parsed_or_refused(written)
    if isinstance(query, RuleError):
        assert 0 <= query.position <= len(written)
        assert "\n" not in str(query)
        return
    assert rules.parse(str(query)) == query
    assert rules.Index([PLAIN]).match(query) == naive_bit(query)
    rules.warnings(query)


def parsed_or_refused(written: str) -> rules.Query | RuleError:
    try:
        return rules.parse(written)
    except RuleError as error:
        return error


PLAIN = Paper(1, 1, "A reward model", DAYS[0], DAYS[0], abstract="It is studied.", authors=("Ada Lovelace",))


def naive_bit(query: rules.Query) -> int:
    hits = rules.explain(query, PLAIN)
    negative = any(not positive for _, positive in query.leaves)
    everything = any(leaf.is_everything for leaf, _ in query.leaves)
    if negative or everything:
        return rules.Index([PLAIN]).match(query)
    return int(bool(hits))


@given(queries, papers)
def test_an_explanation_is_there_just_when_a_positive_term_makes_the_rule_hold(written: str, paper: Paper):
    query = rules.parse(written)
    hits = rules.explain(query, paper)
    held = rules.Index([paper]).match(query) == 1
    assert held or not hits
    if held and not any(leaf.is_everything for leaf, _ in query.leaves):
        without_positive = _with_positive_terms_false(query)
        assert bool(hits) or rules.Index([paper]).match(without_positive) == 1
    assert (rules.strength(query, paper) > 0) >= bool(hits)


def _with_positive_terms_false(query: rules.Query) -> rules.Query:
    """The rule with each positive term replaced by one that never holds."""
    never = Not(Anything(written="*"))

    def replaced(node, positive=True):
        if isinstance(node, Not):
            return Not(replaced(node.part, not positive))
        if hasattr(node, "parts"):
            return type(node)(tuple(replaced(part, positive) for part in node.parts))
        return never if positive else node

    return rules.Query("", replaced(query.root))


def _words_of(hit: Hit, paper: Paper) -> list[list[str]]:
    value = text.readable(getattr(paper, hit.field))
    return [re.findall(r"[^\W_]+", text.fold(value[start:end])) for start, end in hit.spans]


@given(textual.filter(lambda t: t[0] != "/" and t != "*"), papers)
def test_the_marked_words_are_the_words_of_the_term(written: str, paper: Paper):
    query = rules.parse(written)
    (leaf, _) = query.leaves[0]
    assert isinstance(leaf, Words)
    for hit in rules.explain(query, paper):
        marked = _words_of(hit, paper)
        assert marked
        for found in marked:
            if leaf.near:
                assert any(_meets(word, found[0], exact=False) for word in leaf.words)
            else:
                assert len(found) == len(leaf.words)
                assert all(_meets(w, f, exact=leaf.exact) for w, f in zip(leaf.words, found, strict=True))


def _meets(word, found: str, *, exact: bool) -> bool:
    if word.prefix:
        return found.startswith(word.token)
    return found == word.token if exact else naive_rules.same_word(word.token, found)


@given(queries, papers)
def test_every_hit_names_a_term_and_a_field_of_the_rule(written: str, paper: Paper):
    query = rules.parse(written)
    asked = {
        (leaf.written, field)
        for leaf, _ in query.leaves
        for field in ([leaf.field] if leaf.field else ["title", "abstract"])
    }
    for hit in rules.explain(query, paper):
        assert (hit.term, hit.field) in asked
        if hit.field == "author":
            assert hit.where in (*paper.authors, *paper.page_authors)
            assert not hit.spans
