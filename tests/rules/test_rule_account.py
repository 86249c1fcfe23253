"""The account of a rule for a paper: what held and where, what did not and why, and what each term adds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import rules
from digest.models import Paper
from digest.rules.account import Account, account

DAY = date(2026, 6, 15)
PAPER = Paper(
    id=7,
    revision=1,
    title="Reward Models, and How to Fool a Reward Model",
    abstract="We study 95\\% of naïve reward–models with a cache of KV pairs, and modelling at length.",
    first_listed=DAY,
    changed=DAY,
    authors=("Chan, Antoni B.", "Ada Lovelace"),
    page_authors=("Grace Hopper",),
    categories=("LG", "cs.RO"),
    scores=(("scholarfeed", 36.1),),
    published=date(2024, 2, 29),
    announced=("new",),
    layouts=("scholarfeed",),
)
BARE = Paper(8, 1, "A Title Alone", DAY, DAY)

HELD = {
    "a word in the title": ("fool", "in title: Reward Models, and How to «Fool» a Reward Model"),
    "a word in both": (
        "models",
        "in title: Reward «Models», and How to Fool a Reward… and 1 more place; in abstract: ",
    ),
    "a phrase as it reads": ('"95% of naive"', "in abstract: We study «95% of naïve» reward–models with a cache…"),
    "words near each other": ('"kv cache"~5', "in abstract: …naïve reward–models with a «cache» of KV pairs, and"),
    "an author": ("au:chan", "by Chan, Antoni B."),
    "a page's author": ("au:hopper", "by Grace Hopper"),
    "a category": ("cat:cs.LG", "the paper has LG"),
    "a score": ("score:>=30", "the paper has 36.1"),
    "a date": ("published:2024", "published on 2024-02-29"),
    "a flag": ("has:abstract", "the abstract is known"),
    "everything": ("*", "every paper"),
}
FAILED = {
    "a word": ("survey", "not in title or abstract"),
    "a word in one field": ("title:survey", "not in title"),
    "a word in the other field": ("title:cache", "not in title; it is in the abstract"),
    "a word in the title alone": ("abstract:fool", "not in abstract; it is in the title"),
    "a derived form": ("modelled", "not in title or abstract; models occurs: model* finds it"),
    "another number": ("=fools", "not in title or abstract; its plural or singular is: leave out the ="),
    "words apart": ('"kv cache"', "not in title or abstract; kv and cache occur, not next to each other"),
    "words in two fields": ('"fool study"~3', "not in title or abstract; fool and study occur, not in one field"),
    "words too far apart": (
        '"study pairs"~2',
        "not in title or abstract; study and pairs occur, not within 2 positions",
    ),
    "one word of two": ('"kv banana"', "not in title or abstract; kv occurs, banana does not"),
    "two words of four": (
        '"kv ripe cache banana"',
        "not in title or abstract; kv and cache occur, ripe and banana do not",
    ),
    "an expression": ("/xyz/", "not in title or abstract"),
    "an author": ("au:turing", "by Chan, Antoni B.; Ada Lovelace; Grace Hopper"),
    "a namesake": ('au:"Bob Lovelace"', "not among 3 authors; of that family name: Ada Lovelace"),
    "a category": ("cat:cs.CL", "the paper has LG; cs.RO"),
    "a score": ("score:>40", "the paper has 36.1"),
    "a date": ("published:>2025", "published on 2024-02-29"),
    "an announcement": ("type:cross", "announced as new"),
    "no code": ("has:code", "no site shows code"),
    "another layout": ("layout:arxiv", "the paper has scholarfeed"),
    "an unknown venue": ("venue:nature", "venue not known"),
    "any venue": ("venue:*", "venue not known"),
}
UNKNOWN = {
    "the abstract": ("survey", "not in title; abstract not known"),
    "the abstract alone": ("abstract:survey", "abstract not known"),
    "whether it has one": ("has:abstract", "abstract not known"),
    "authors": ("au:chan", "author not known"),
    "categories": ("cat:LG", "category not known"),
    "the score": ("score:>3", "score not known"),
    "the date": ("published:>2000", "published not known"),
    "how it was announced": ("type:new", "type not known"),
    "affiliations": ("aff:mit", "affiliation not known"),
}


def of(rule: str, paper: Paper = PAPER) -> Account:
    return account(rules.parse(rule), paper)


def terms(own: Account) -> Iterator[Account]:
    if own.kind == "term":
        yield own
    for part in own.parts:
        yield from terms(part)


@pytest.mark.parametrize(("rule", "said"), HELD.values(), ids=HELD)
def test_a_term_that_held_says_where_with_the_words_around(rule: str, said: str):
    assert of(rule).held
    assert of(rule).said.startswith(said)


@pytest.mark.parametrize(("rule", "said"), FAILED.values(), ids=FAILED)
def test_a_term_that_did_not_hold_says_what_is_there_instead(rule: str, said: str):
    assert not of(rule).held
    assert of(rule).said == said


@pytest.mark.parametrize(("rule", "said"), UNKNOWN.values(), ids=UNKNOWN)
def test_what_is_not_known_of_a_paper_is_said_to_be_unknown(rule: str, said: str):
    assert (of(rule, BARE).held, of(rule, BARE).said) == (False, said)


def test_the_tree_is_the_rules_with_what_held_in_it():
    own = of("reward (rlhf OR cache) -survey -fool")
    assert (own.kind, own.held) == ("all", False)
    assert [(part.kind, part.held) for part in own.parts] == [
        ("term", True),
        ("any", True),
        ("not", True),
        ("not", False),
    ]
    assert [part.asked for part in terms(own)] == ["reward", "rlhf", "cache", "survey", "fool"]
    assert [part.held for part in terms(own)] == [True, False, True, False, True]


def test_a_term_is_named_with_its_field_and_weight():
    assert of('ti:"reward model"^2').asked == 'title:"reward model"^2'


@pytest.mark.parametrize(
    ("rule", "weights"),
    {
        "title and abstract": ("fool cache^4", [3.0, 4.0]),
        "a branch that fails": ("(fool survey) OR cache", [0.0, 0.0, 1.0]),
        "a term twice": ("reward OR reward^2", [0.0, 6.0]),
        "a term twice, once in vain": ("(reward survey) OR reward", [0.0, 0.0, 3.0]),
        "a negated term": ("reward -survey", [3.0, 0.0]),
        "a rule that fails": ("reward * survey", [0.0, 0.0, 0.0]),
        "an author": ("au:chan", [2.0]),
    }.values(),
)
def test_each_term_says_what_it_adds(rule: str, weights: list[float]):
    assert [part.weight for part in terms(of(rule))] == weights


RULES = st.recursive(
    st.sampled_from(
        ["reward", "reward^2", '"reward model*"', "survey", "cache", "ti:fool", "au:chan", "cat:LG", "score:>40", "*"]
    ),
    lambda inner: (
        st.builds("({} {})".format, inner, inner)
        | st.builds("({} OR {})".format, inner, inner)
        | inner.map("-({})".format)
    ),
    max_leaves=8,
)


@given(RULES, st.sampled_from([PAPER, BARE]))
def test_the_account_agrees_with_the_index_and_its_weights_add_up(written: str, paper: Paper):
    query = rules.parse(written)
    own = account(query, paper)
    assert own.held == bool(rules.Index([paper]).match(query))
    assert sum(part.weight for part in terms(own)) == pytest.approx(rules.strength(query, paper))
    assert json.loads(json.dumps(own.as_row()))["held"] == own.held


def test_the_account_as_json_has_the_spans_of_what_was_found():
    assert of("fool").as_row() == {
        "kind": "term",
        "held": True,
        "asked": "fool",
        "said": "in title: Reward Models, and How to «Fool» a Reward Model",
        "weight": 3.0,
        "hits": [{"term": "fool", "field": "title", "spans": [[26, 30]], "where": ""}],
    }
    assert of("NOT fool").as_row() == {"kind": "not", "held": False, "parts": [of("NOT fool").as_row()["parts"][0]]}


def test_many_authors_are_named_as_far_as_they_can_be_taken_in():
    many = Paper(9, 1, "A Crowd", DAY, DAY, authors=tuple(f"Person{n} Name" for n in range(30)))
    assert of("au:turing", many).said.endswith("; Person7 Name; and 22 more")
