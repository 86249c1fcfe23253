"""What is not a rule is refused with its place, what was expected, and the likely mend; what is odd is warned about."""

from __future__ import annotations

import time

import pytest

from digest import rules
from digest.errors import RuleError
from digest.rules import syntax

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
    "an ampersand": ("a & b", 2, "", "AND"),
    "ampersands without space": ("ab&&c", 2, "", "AND"),
    "an ampersand before a word": ("a &b", 2, "", "AND"),
    "an ampersand after a word": ("a& b", 1, "", "AND"),
    "an ampersand before a group": ("a &(b)", 2, "", "AND"),
    "bars": ("a || b", 2, "", "OR"),
    "a bar": ("a | b", 2, "", "OR"),
    "a bar without space": ("ab|c", 2, "", "OR"),
    "bars without space": ("ab||c", 2, "", "OR"),
    "a bar before a phrase": ('a |"b"', 2, "", "OR"),
    "an exclamation mark": ("a !b", 2, "", "NOT b"),
    "an exclamation mark alone": ("a ! b", 2, "", "NOT"),
    "an exclamation mark before a group": ("a !(b c)", 2, "", "NOT"),
    "an exclamation mark before a phrase": ('a !"b c"', 2, "", "NOT"),
    "an operator of distance": ("a NEAR/5 b", 2, '"kv cache"~5', ""),
    "another operator of distance": ("a ADJ3 b", 2, '"kv cache"~5', ""),
    "a dollar as wildcard": ("a random$", 8, "then *", "random*"),
    "a tag after a word": ("rlhf[ti]", 4, "such as title:", ""),
    "a tag after a prefix": ("rlh*[tiab]", 4, "such as title:", ""),
    "a tag after a phrase": ('"a b"[ti]', 5, "parentheses", ""),
    "square brackets for a group": ("[a OR b]", 0, "parentheses", ""),
    "curly brackets for a group": ("{a OR b}", 0, "parentheses", ""),
    "a bracket that closes": ("a OR b]", 6, "parentheses", ""),
    "parentheses from another keyboard": ("（a OR b）", 0, "", "("),
    "a colon from another keyboard": ("title：a", 5, "", ":"),
    "a space before the colon": ("title :a", 6, "a field directly before it", ""),
    "a comparison without colon": ("score>=30", 0, "", "score:>=30"),
    "a sign of equality for a colon": ("a title=b", 2, "", "title:b"),
    "exactly before a field": ("a =title:b", 2, "", "title:="),
    "exactly before a short field": ('=ti:"b c"', 0, "", "ti:="),
    "a minus after a field": ("title:-survey", 6, "", "-title:"),
    "a minus after a field and a group": ("a title:-(b c)", 8, "", "-title:"),
    "NOT after a field": ("title:NOT survey", 0, "after it", ""),
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
    "a range without brackets": ("score:10 TO 30", 6, "[10 TO 20]", ""),
    "a range of dates without brackets": ("published:>2024 TO *", 10, "[2024-01-01 TO *]", ""),
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
    "expressions too large together": (" ".join(f"/a{{{n}}}b.{{100}}/" for n in range(1, 7)), 42, "2,500 at most", ""),
    "too many beginnings in phrases": ('"a* b*" ' * 101, 801, "200 at most", ""),
    "too many beginnings in names": ("au:a* " * 201, 1_203, "200 at most", ""),
    "too many beginnings in one phrase": ('"' + "a* " * 201 + '"', 1, "200 at most", ""),
    "too many words near each other": ('"a b"~5 ' * 251, 2_005, "500 at most", ""),
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


@pytest.mark.parametrize(
    "rule",
    [
        "\n".join(f'OR term{n}* OR "first* sec{n}*" OR third{n}' for n in range(100))[3:],
        " OR ".join(f'"kv cache{n}"~5' for n in range(250)),
        '"' + "kv cache " * 1_000 + '"~5',
        " ".join(f"{a}{b}*" for a in "abcdefghijklmnopqrstuvwxyz" for b in "abcdefghijklmnopqrstuvwxyz"),
        "au:(" + " OR ".join(f"chan{n}*" for n in range(200)) + ")",
    ],
    ids=["a librarian's strategy", "pairs near each other", "few words again and again", "short beginnings", "names"],
)
def test_a_rule_that_costs_no_more_than_a_few_seconds_is_read(rule: str):
    assert len(rules.parse(rule).leaves) in (1, 200, 250, 300, 676)


@pytest.mark.parametrize("sign", [*'([{-!"/^~:*= \\', "title:", "a:", "NOT ", "((a) ", "/a", "[a TO "])
def test_a_rule_of_one_sign_again_and_again_is_answered_in_one_pass(sign: str):
    # Nothing counts what an expression looks at, so this is told by processor time: some 10 ms, or minutes if each
    # sign made the reading look at all that follow.
    started = time.process_time()
    with pytest.raises(RuleError):
        rules.parse((sign * 100_000)[:100_000], longest=100_000)
    assert time.process_time() - started < 10


def test_a_rule_that_is_too_long_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(syntax, "Cursor", None)
    with pytest.raises(RuleError, match="the rule has 110,000 characters"):
        rules.parse("(reward OR " * 10_000)


@pytest.mark.parametrize(
    ("quoted", "plain"), [("„a b“", '"a b"'), ("«a b»", '"a b"'), ("»a b«", '"a b"'), ("“a b”", '"a b"')]
)
def test_quotation_marks_of_all_countries_make_a_phrase(quoted: str, plain: str):
    assert rules.parse(quoted) == rules.parse(plain)


def test_equal_terms_of_many_rules_are_one_object_and_long_ones_are_not_kept():
    (first, second) = (rules.parse(rule).leaves[0][0] for rule in ("reward OR model", '(reward) NOT "kv cache"'))
    assert first is second
    long = '"' + "reward " * 50 + '"'
    assert rules.parse(long) == rules.parse(long)
    assert rules.parse(long).root is not rules.parse(long).root


WARNINGS = {
    "or in small letters": ("rlhf or dpo", '"or" at character 6 is taken for a word; write OR to join terms'),
    "Not in mixed letters": ("Not rlhf", '"Not" at character 1 is taken for a word; write NOT to join terms'),
    "And in mixed letters": ("rlhf And dpo", '"And" at character 6 is taken for a word; write AND to join terms'),
    "and in small letters": ("a and b", '"and" at character 3 is taken for a word; write AND to join terms'),
    "Or in mixed letters": ("a Or b", '"Or" at character 3 is taken for a word; write OR to join terms'),
    "or before a group": ("a or(b)", '"or" at character 3 is taken for a word; write OR to join terms'),
    "not in a group": ("a (not b)", '"not" at character 4 is taken for a word; write NOT to join terms'),
    "or in a group with a field": ("ti:(a or b)", '"or" at character 7 is taken for a word; write OR to join terms'),
    "curly single quotes": ("‘reward model’", '‘ at character 1 makes no phrase; write "…"'),
    "low single quotes": ("‚reward model‘", '‚ at character 1 makes no phrase; write "…"'),
    "right single quotes": ("’reward model’", '’ at character 1 makes no phrase; write "…"'),
    "single angle quotes": ("‹reward model›", '‹ at character 1 makes no phrase; write "…"'),
    "typewriter's quotes": ("``reward model", '` at character 1 makes no phrase; write "…"'),
    "a list with commas": ("rlhf, dpo", ", at character 5 makes no list; write OR, or AND"),
    "a list with semicolons": ("rlhf;dpo", "; at character 5 makes no list; write OR, or AND"),
    "a list of categories": ("cat:cs.LG,cs.CL", ", at character 10 makes no list; write OR, or AND"),
    "a name without quotes": ("au:Wei Li", 'author: is asked for Wei alone; write author:"Wei Li" for the whole name'),
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
    "rule",
    [
        *(
            "rlhf",
            '"and or not"',
            '"or"',
            "NOT survey",
            "score:[3 TO 3]",
            "cat:cs.*",
            "don't",
            "don’t",
            "’90s",
            "venue:*",
        ),
        *("1,000", '"a, b"', "R&D", "and/or", "author:Li AND rlhf", "author:Li survey", 'author:"Wei Li"', "author:*"),
        *("“reward model”", "„reward model“", "«reward model»", "»reward model«"),
    ],
)
def test_an_ordinary_rule_gives_no_warning(rule: str):
    assert rules.warnings(rules.parse(rule)) == ()
