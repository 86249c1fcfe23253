"""The values of the rule language: what one term looks for, read where the cursor stands.

value    = "*" | ["="] ( word | quoted ) | "/" regular expression "/" | range | flag
weight   = "^" number
distance = "~" digits
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace

from digest import text
from digest.rules import foreign, leaves, patterns, ranges
from digest.rules.cursor import A_TERM, BARE, QUOTES, Cursor
from digest.rules.fields import FIELDS, FLAGS
from digest.rules.tree import (
    MAX_BOOST,
    MIN_BOOST,
    Anything,
    Flag,
    Leaf,
    Pattern,
    Range,
    Words,
)

# What one rule may have, so that none takes more than a few seconds on 1,000 abstracts. A beginning of a word costs
# next to nothing alone but up to 15 ms among other words, whose places must be looked at; a word near others costs up
# to 3 ms, an instruction of a regular expression up to 2.
MAX_TERMS = 1_000
MAX_PATTERNS = 10
MAX_INSTRUCTIONS = patterns.MAX_INSTRUCTIONS
MAX_BEGINNINGS = 200  # in phrases, proximity and names
MAX_NEAR = 500  # words in proximity
MAX_DISTANCE = 1_000  # of words near each other

_WORDED = frozenset({"text", "name", "category"})  # kinds of fields whose values are words and phrases
_QUOTED = re.compile(rf"[{QUOTES}]([^{QUOTES}]*)[{QUOTES}]")
_REGEX = re.compile(rf"/((?:[^/\\]|\\.)+)/(?![^\s()^{QUOTES}])")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_TO = re.compile(r"\s+TO(?!\S)")  # after a bound without brackets
_DIGITS = re.compile(r"[0-9]{1,6}")


def term(cursor: Cursor, field: str) -> Leaf:
    """Read one value of the field, and what follows it directly. Raises RuleError, as all here do."""
    cursor.spend("terms", 1, MAX_TERMS)
    if cursor.ahead in ("word", "quoted") and (not field or FIELDS[field] in _WORDED):
        quotes = cursor.ahead == "quoted"
        written = cursor.seen()
        leaf = _sought(cursor, field, written[1:-1] if quotes else written, cursor.at + quotes)
        cursor.step()
        return leaf
    leaf = _value(cursor, field)
    while cursor.follows("^~"):
        leaf = replace(leaf, boost=weight(cursor, leaf.boost)) if cursor.follows("^") else _distance(cursor, leaf)
    cursor.settle()
    return leaf


def weight(cursor: Cursor, so_far: float = 1.0) -> float:
    """Step over ^ and its number; return the weight, within the weights that can be written."""
    start = cursor.at
    cursor.at += 1
    found = cursor.take(_NUMBER)
    if not found or not MIN_BOOST <= float(found[0]) <= MAX_BOOST:
        cursor.fail("^ needs a weight", start, f"a number from {MIN_BOOST:g} to {MAX_BOOST:g}")
    return min(MAX_BOOST, max(MIN_BOOST, so_far * float(found[0])))


def _distance(cursor: Cursor, leaf: Leaf) -> Words:
    start = cursor.at
    cursor.at += 1
    found = cursor.take(_DIGITS)
    if not isinstance(leaf, Words) or len(leaf.words) < 2:
        cursor.fail("~ needs a phrase before it", start, 'two words or more in quotes: "kv cache"~5')
    if not found or not 1 <= int(found[0]) <= MAX_DISTANCE:
        cursor.fail("~ needs a distance", start, f"a number from 1 to {MAX_DISTANCE:,}")
    different = {(word.token, word.prefix) for word in leaf.words}
    cursor.spend("words near each other", len(different), MAX_NEAR, start)
    return replace(leaf, near=int(found[0]))


def _value(cursor: Cursor, field: str) -> Leaf:
    kind = FIELDS[field] if field else "text"
    if kind == "flag":
        return _flag(cursor, field)
    if _star_alone(cursor):
        return Anything(written="*", field=field)
    if kind == "number" or kind == "date":
        return _range(cursor, field, kind)
    if cursor.follows("/"):
        return _pattern(cursor, field)
    exact = cursor.follows("=")
    cursor.at += exact
    return _sought(cursor, field, *_written(cursor), exact=exact)


def _sought(cursor: Cursor, field: str, written: str, start: int, *, exact: bool = False) -> Leaf:
    """Return the leaf of a word or quoted value that stands at ``start``."""
    try:
        leaf = leaves.leaf_of(field, written, exact=exact)
    except leaves.NotSoughtError as error:
        what, offset, expected = error.args
        cursor.fail(what, start + offset, expected)
    if "*" in written:
        cursor.spend("beginnings of words in phrases and names", leaves.beginnings(leaf), MAX_BEGINNINGS, start)
    return leaf


def _star_alone(cursor: Cursor) -> bool:
    """Step over a star that is the whole value."""
    found = BARE.match(cursor.rule, cursor.at)
    if not found or found[0] != "*":
        return False
    cursor.at += 1
    return True


def _written(cursor: Cursor) -> tuple[str, int]:
    """Step over a quoted or bare value; return it as it stands, and where it begins."""
    start = cursor.at
    if cursor.follows(QUOTES):
        quoted = cursor.take(_QUOTED)
        if not quoted:
            cursor.fail("a quotation mark is not closed", start, "another quotation mark")
        return quoted[1], start + 1
    bare = cursor.take(BARE)
    if not bare:
        cursor.fail("a term is missing", expected=A_TERM)
    foreign.refuse(cursor, bare[0], start)
    foreign.remark(cursor, bare[0], start)
    return bare[0], start


def _pattern(cursor: Cursor, field: str) -> Pattern:
    start = cursor.at
    found = cursor.take(_REGEX)
    if not found:
        cursor.fail("a regular expression is not closed", start, "/expression/")
    cursor.spend("regular expressions", 1, MAX_PATTERNS, start)
    try:
        size = patterns.size(found[1])
    except patterns.PatternError as error:
        cursor.fail(f"the regular expression cannot be used: {error}", start, "RE2 syntax")
    cursor.spend("instructions in its regular expressions", size, MAX_INSTRUCTIONS, start)
    return Pattern(written=found[0], field=field, pattern=found[1])


def _range(cursor: Cursor, field: str, kind: ranges.Kind) -> Range:
    """Read a comparison or a range in brackets."""
    start = cursor.at
    try:
        if cursor.follows("[{"):
            found = cursor.take(ranges.BRACKETS)
            bounds = found and ranges.between(kind, found[1], found[2], found[3], found[4])
        else:
            found = cursor.take(ranges.COMPARED)
            bounds = found and ranges.compared(kind, found[1] or "", found[2])
    except ValueError as error:
        cursor.fail(text.shortened(str(error), 80), start, ranges.EXPECTED[kind])
    if not found or not bounds or _TO.match(cursor.rule, cursor.at):
        cursor.fail(f"{field}: needs a range", start, ranges.EXPECTED[kind])
    return Range(written=text.single_spaced(found[0]), field=field, low=bounds[0], high=bounds[1])


def _flag(cursor: Cursor, field: str) -> Flag:
    written, start = _written(cursor)
    flag = written.strip().lower()
    if flag not in FLAGS[field]:
        near = difflib.get_close_matches(flag[:40], FLAGS[field], n=1)
        suggestion = f"{field}:{near[0]}" if near else ""
        cursor.fail(f"{field}: has no {text.shortened(flag, 40)}", start, ", ".join(FLAGS[field]), suggestion)
    return Flag(written=flag, field=field, flag=flag)
