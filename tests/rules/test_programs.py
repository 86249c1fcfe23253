"""Rules compiled into a program: equal ones once, kept as bytes, cut down, and run."""

from __future__ import annotations

from datetime import date

import pytest
from weighed import weights

from digest import rules
from digest.models import Paper
from digest.rules import packing
from digest.rules.shapes import Shape

DAY = date(2026, 6, 15)
PAPERS = [
    Paper(1, 1, "Reward models at home", DAY, DAY, abstract="We train agents.", authors=("Ada Lovelace",)),
    Paper(2, 1, "Agents in the wild", DAY, DAY, abstract="No reward at all.", announced=("replaced",)),
    Paper(3, 1, "A survey of trees", DAY, DAY, abstract="Trees, and a reward model.", authors=("A. Lovelace",)),
]
TEXTS = [
    "reward",
    "REWARDS",
    '"reward model" OR agents^3',
    "agents NOT survey",
    'author:"Ada Lovelace" NOT author:hopper',
    "type:replaced (agents OR trees)",
    "NOT type:replaced",
    "-(reward AND -agents)",
]


def run(program: rules.Program) -> rules.Found:
    return program.run(rules.Index(PAPERS))


def test_equal_rules_and_equal_terms_are_there_once_whatever_their_wording():
    counts = rules.Program(
        ["reward agent", "Reward AND agents", "agents", "reward OR agents", "reward OR agents"]
    ).counts
    assert (counts.texts, counts.rules, counts.distinct_terms) == (4, 4, 3)
    assert rules.Program(["reward", "REWARD"]).counts.rules == 1


def test_rules_of_one_form_share_one_shape():
    assert rules.Program(["a OR b", "cat:cs.LG OR author:li", "a^2 OR b", "a b"]).counts.shapes == 3


@pytest.mark.parametrize("text", TEXTS)
def test_a_rule_in_a_program_finds_what_it_finds_alone(text: str):
    found = run(rules.Program(TEXTS))
    query = rules.parse(text)
    assert found.bits(text) == rules.Index(PAPERS).match(query)
    held = [place for place in range(len(PAPERS)) if found.bits(text) >> place & 1]
    assert weights(found, text) == {place: rules.strength(query, PAPERS[place]) for place in held}


def test_a_term_counts_once_with_its_greater_weight_and_only_where_its_group_holds():
    text = "(reward^5 AND agents) OR reward^2 OR trees"
    assert weights(run(rules.Program([text])), text) == {0: 15.0 + 1.0, 1: 5.0 + 3.0, 2: 2.0 + 3.0}


def test_a_rule_that_cannot_be_read_is_a_problem_and_finds_nothing():
    program = rules.Program(["reward", "titel:reward"])
    assert list(program.problems) == ["titel:reward"]
    assert run(program).bits("titel:reward") == 0
    assert weights(run(program), "titel:reward") == {}


def test_what_a_rule_asks_for_is_known_without_its_tree():
    program = rules.Program([*TEXTS, "NOT author:li", "NOT NOT author:li"])
    assert [text for text in program.numbers if program.is_for_people(text)] == [TEXTS[4], "NOT NOT author:li"]
    assert [text for text in program.numbers if program.asks_for_replaced(text)] == [TEXTS[5]]


def test_a_program_of_bytes_is_the_same_program():
    program = rules.Program(TEXTS)
    again = rules.unpacked(rules.packed(program))
    assert again.counts == program.counts
    assert rules.packed(again) == rules.packed(program)
    assert [run(again).bits(text) for text in TEXTS] == [run(program).bits(text) for text in TEXTS]
    assert [again.is_for_people(text) for text in TEXTS] == [program.is_for_people(text) for text in TEXTS]


@pytest.mark.parametrize("text", ["abs:" + "a" * 9_996, "a_" * 4_999 + "b", "ti:(" + "aaaaaaaa " * 1_000 + ")"])
def test_a_rule_of_which_the_terms_are_longer_as_they_are_printed_comes_back_from_bytes(text: str):
    program = rules.unpacked(rules.packed(rules.Program([text])))
    assert list(program.numbers) == [text]
    assert run(program).bits(text) == 0


def test_a_program_of_bytes_takes_new_rules_and_knows_the_old_ones():
    program = rules.unpacked(rules.packed(rules.Program(TEXTS)))
    assert program.add([*TEXTS, "Agents AND -survey", "home"]) == 2
    assert program.counts.rules == rules.Program(TEXTS).counts.rules + 1
    assert run(program).bits("home") == 0b001


def test_bytes_that_are_damaged_or_of_other_code_are_refused(monkeypatch: pytest.MonkeyPatch):
    data = rules.packed(rules.Program(TEXTS))
    for damaged in (b"", data[:-1], data[:50] + b"x" + data[51:], b"junk" * 100):
        with pytest.raises(ValueError, match="damaged"):
            rules.unpacked(damaged)
    monkeypatch.setattr(packing, "_maker", lambda: "another digest")
    with pytest.raises(ValueError, match="other code"):
        rules.unpacked(data)


def test_a_smaller_program_has_just_the_rules_asked_for():
    program = rules.Program(TEXTS)
    smaller = program.only([TEXTS[2], "REWARDS", "home", TEXTS[2], "titel:x"])
    assert (smaller.counts.texts, smaller.counts.rules, smaller.counts.distinct_terms) == (3, 3, 4)
    assert list(smaller.problems) == ["titel:x"]
    assert [run(smaller).bits(text) for text in smaller.numbers] == [
        run(program).bits(t) for t in smaller.numbers if t in TEXTS
    ] + [1]


def test_a_rule_of_a_thousand_terms_runs():
    text = " OR ".join(f"w{n}" for n in range(998)) + " OR (trees NOT agents)"
    assert weights(run(rules.Program([text])), text) == {2: 3.0}


def test_a_rule_of_deep_groups_runs():
    text = "(reward OR NOT " * 49 + "trees" + ")" * 49
    assert run(rules.Program([text])).bits(text) == rules.Index(PAPERS).match(rules.parse(text))


@pytest.mark.parametrize(
    "written", ['"x"', "[]", '["+",0,1]', '["-",0,1]', '["&",0]', '["&",0,"x"]', '["x",1.0]', "nul", "true", "-1"]
)
def test_what_is_no_shape_is_never_made_code_of(written: str):
    with pytest.raises(ValueError, match=r"shape|Expecting"):
        Shape(written)
