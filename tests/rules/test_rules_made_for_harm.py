"""Rules that would cost other matchers minutes end in a match or a clear refusal."""

from __future__ import annotations

from datetime import date

import pytest

from digest import rules
from digest.errors import RuleError
from digest.models import Paper

DAY = date(2026, 6, 15)
BEFORE_THE_END = Paper(0, 1, "a" * 27 + "!", DAY, DAY, abstract="a" * 20_000 + "!")
AT_THE_END = Paper(1, 1, "baa", DAY, DAY)


@pytest.mark.parametrize("rule", ["/(a+)+$/", "title:/(a+)+$/", "/(a|aa)+$/", "/(a*)*$/"])
def test_a_regular_expression_that_others_search_for_ever_is_answered(rule: str):
    found = rules.Program([rule]).run(rules.Index([BEFORE_THE_END, AT_THE_END])).bits(rule)
    assert found == rules.Index([BEFORE_THE_END, AT_THE_END]).match(rules.parse(rule))
    assert found & 0b10
    assert (found & 0b01 > 0) is (rule == "/(a*)*$/")  # which is nothing, at the end of any text


def _long(part: str) -> str:
    return (part * (100_000 // len(part) + 1))[:100_000]


LONG = {
    "words": _long("loom "),
    "operators": _long("a OR "),
    "parentheses": _long("("),
    "minus signs": _long("-"),
    "quotation marks": _long('"'),
    "one word": _long("a"),
    "a phrase": '"' + _long("loom ")[2:] + '"',
    "a regular expression": "/" + _long("(a+)+")[2:] + "/",
    "stars": _long("*"),
    "fields": _long("title:"),
    "weights": "loom" + _long("^2")[4:],
    "white space": _long(" "),
}


@pytest.mark.parametrize("written", LONG.values(), ids=LONG)
def test_a_rule_of_100_000_characters_is_refused_in_one_short_line(written: str):
    assert len(written) == 100_000
    with pytest.raises(RuleError, match=r"the rule has 100,000 characters \(expected 10,000 at most") as refusal:
        rules.parse(written)
    assert len(str(refusal.value)) < 500
    assert "\n" not in str(refusal.value)
    program = rules.Program([written, "loom"])
    assert list(program.problems) == [written]
    assert program.run(rules.Index([AT_THE_END])).bits(written) == 0
