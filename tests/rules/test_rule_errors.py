"""What is not a rule is refused with its place, what was expected, and the likely mend; what is odd is warned about."""

from __future__ import annotations

import time

import pytest

from digest import rules
from digest.errors import RuleError

ERRORS = {
    "nothing at all": ("", 0, "a word", ""),
    "white space alone": ("  \n", 0, "a word", ""),
    "a misspelt field": ("titel:rlhf", 0, "one of title", "title:"),
    "a misspelt short field": ("a ab:rlhf", 2, "one of title", "abs:"),
    "a title taken for a field": ("see GenShin:geometry", 4, "one of title", '"GenShin:geometry"'),
    "a web address": ("https://x.org", 0, "one of title", '"https://x.org"'),
    "a field without value": ("a title:", 2, "after it", ""),
    "a field before an operator": ("title: AND a", 0, "after it", ""),
    "a field after a field": ("title:au:b", 6, "a word", ""),
    "a field name without colon": ('title"a b"', 0, "", "title:"),
    "a field name before a group": ("a author(b)", 2, "", "author:"),
    "an open parenthesis": ("a (b OR (c d)", 2, 'a ")"', ""),
    "a stray parenthesis": ("a OR b) c", 6, "the end of the rule", ""),
    "an empty group": ("a ()", 3, "a word", ""),
    "an operator at the end": ("a AND", 5, "a word", ""),
    "an operator at the start": ("OR a", 0, "a word", ""),
    "two operators": ("a AND OR b", 6, "a word", ""),
    "NOT alone": ("NOT", 3, "a word", ""),
    "a lone minus": ("a - b", 2, "directly after it", ""),
    "an open quotation": ('a "b c', 2, "another quotation mark", ""),
    "an empty quotation": ('a ""', 3, "a word", ""),
    "signs alone": ("a ... b", 2, "a word", ""),
    "ampersands": ("a && b", 2, "", "AND"),
    "bars": ("a || b", 2, "", "OR"),
    "an exclamation mark": ("a !b", 2, "", "NOT b"),
    "a star in front": ("a *b", 2, "then *", ""),
    "a star inside": ("a b*c", 3, "then *", ""),
    "a star in a phrase": ('"a * c"', 3, "then *", ""),
    "two stars": ("a**", 2, "then *", ""),
    "a star inside a category": ("cat:c*.LG", 5, "then *", ""),
    "a question mark as wildcard": ("wom?n", 3, "then *", ""),
    "a range without field": ("a >=30", 2, "score:", ""),
    "a bracket without field": ("[2024 TO 2025]", 0, "score:", ""),
    "a score that is no number": ("score:high", 6, "a number", ""),
    "a score without number": ("score:>=", 6, "a number", ""),
    "a score by expression": ("score:/3/", 6, "a number", ""),
    "a date that is none": ("published:2024-1-1", 10, "a date", ""),
    "a day that never was": ("published:2023-02-29", 10, "a date", ""),
    "an open range": ("published:[2024 TO", 10, "a date", ""),
    "a range of one bound": ("published:[2024]", 10, "a date", ""),
    "a misspelt flag": ("has:cod", 4, "code, abstract", "has:code"),
    "a misspelt type": ("a type:replace", 7, "new, cross, replaced", "type:replaced"),
    "a flag by star": ("has:*", 4, "code, abstract", ""),
    "a distance without phrase": ("rlhf~2", 4, '"kv cache"~5', ""),
    "a distance for one word": ('"rlhf"~2', 6, '"kv cache"~5', ""),
    "a distance without number": ('"kv cache"~', 10, "a number from 1", ""),
    "a distance of nothing": ('"kv cache"~0', 10, "a number from 1", ""),
    "a distance for a name": ('au:"a b"~2', 8, '"kv cache"~5', ""),
    "a weight without number": ("rlhf^", 4, "a number from", ""),
    "a weight of nothing": ("rlhf^0", 4, "a number from", ""),
    "a weight beyond measure": ("rlhf^" + "9" * 400, 4, "a number from", ""),
    "a weight of a group": ("(a b)^x", 5, "a number from", ""),
    "an open expression": ("title:/a", 6, "/expression/", ""),
    "an empty expression": ("title://", 6, "/expression/", ""),
    "a broken expression": ("title:/(a/", 6, "RE2", ""),
    "a backreference": (r"title:/(a)\1/", 6, "RE2", ""),
    "an expression too large": ("title:/(?:.?){300}z/", 6, "RE2", ""),
    "too many expressions": (" ".join(f"/a{n}/" for n in range(11)), 50, "10 at most", ""),
    "a control character": ("a \x07b", 2, "", ""),
    "a lone surrogate": ("a\ud800", 1, "", ""),
    "too many characters": ("(" * 100_000, 10_000, "10,000 at most", ""),
    "too many parentheses": ("(" * 51 + "a" + ")" * 51, 50, "50 at most", ""),
    "too many terms": ("a " * 1_001, 2_000, "1,000 at most", ""),
}


@pytest.mark.parametrize(("rule", "position", "expected", "suggestion"), ERRORS.values(), ids=ERRORS)
def test_what_is_no_rule_is_refused_with_place_and_mend(rule: str, position: int, expected: str, suggestion: str):
    with pytest.raises(RuleError) as caught:
        rules.parse(rule)
    assert (caught.value.position, caught.value.suggestion) == (position, suggestion)
    assert expected in caught.value.expected
    assert f"character {position + 1}:" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "rule",
    ["(" * 50 + "a" + ")" * 50, "NOT " * 2_499 + "a", "-" * 9_999 + "a", "a " * 1_000, "a OR " * 999 + "a", "a*" * 1],
    ids=["fifty parentheses", "many NOTs", "many minuses", "a thousand terms", "a thousand ORs", "a prefix"],
)
def test_a_rule_at_the_limits_is_read_and_printed(rule: str):
    query = rules.parse(rule)
    assert rules.Index([]).match(query) == 0
    assert len(str(query)) > 10_000 or rules.parse(str(query)) == query


@pytest.mark.parametrize("sign", [*'([{-!"/^~:*= \\', "title:", "a:", "NOT ", "((a) ", "/a", "[a TO "])
def test_a_rule_of_one_sign_again_and_again_is_answered_at_once(sign: str):
    started = time.process_time()
    with pytest.raises(RuleError):
        rules.parse((sign * 10_000)[:10_000])
    assert time.process_time() - started < 1.0


WARNINGS = {
    "or in small letters": ("rlhf or dpo", '"or" at character 6 is taken for a word; write OR to join terms'),
    "Not in mixed letters": ("Not rlhf", '"Not" at character 1 is taken for a word; write NOT to join terms'),
    "single quotes": ("'reward model'", '\' at character 1 makes no phrase; write "…"'),
    "signs that do not count": ("C++ OR rust", "++ in C++ does not count; a regular expression finds it: /…/"),
    "a whole archive": ("cat:cs", "category:cs matches no part of the archive; write category:cs.*"),
    "everything": ("rlhf OR *", "the rule matches every paper"),
    "a term or its opposite": ("rlhf OR NOT RLHF^2", "the rule matches every paper"),
    "a term and its opposite": ("(rlhf dpo) -rlhf", "the rule can't match any paper"),
    "nothing but everything": ("NOT *", "the rule can't match any paper"),
    "a range turned round": ("agents score:[5 TO 3]", "the rule can't match any paper"),
    "no range left": ("score:{3 TO 3}", "the rule can't match any paper"),
}


@pytest.mark.parametrize(("rule", "warning"), WARNINGS.values(), ids=WARNINGS)
def test_a_rule_that_may_not_mean_what_was_meant_is_warned_about(rule: str, warning: str):
    assert rules.warnings(rules.parse(rule)) == (warning,)


@pytest.mark.parametrize(
    "rule", ["rlhf", '"and or not"', "NOT survey", "score:[3 TO 3]", "cat:cs.*", "don't", "venue:*"]
)
def test_an_ordinary_rule_gives_no_warning(rule: str):
    assert rules.warnings(rules.parse(rule)) == ()
