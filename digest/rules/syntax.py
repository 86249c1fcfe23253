"""The parser of the rule language: text to tree, by recursive descent, every error with its position.

either  = both { "OR" both }
both    = unary { ["AND"] unary }
unary   = { "NOT" | "-" } ( group | [field ":"] ( group | value ) )
group   = "(" either ")" [weight]
value   = ["="] ( word | quoted ["~" digits] ) | "/" regex "/" | range | "*", each with [weight]
weight  = "^" number
"""

from __future__ import annotations

import difflib
import re
from dataclasses import replace
from typing import NoReturn

from digest import text
from digest.errors import RuleError
from digest.rules import categories, names, patterns, ranges, words
from digest.rules.fields import FIELDS, FLAGS, SHORT_NAMES
from digest.rules.tree import (
    MAX_BOOST,
    MIN_BOOST,
    OPERATORS,
    And,
    Anything,
    Category,
    Flag,
    Leaf,
    Node,
    Or,
    Pattern,
    Person,
    Query,
    Range,
    Words,
    boosted,
    both,
    negated,
)

MAX_CHARACTERS = 10_000
MAX_TERMS = 1_000
MAX_DEPTH = 50  # parentheses within parentheses
MAX_PATTERNS = 20
MAX_DISTANCE = 1_000  # of words near each other

_TERM = "a word, a phrase or ("
_QUOTES = '"“”„‟＂«»'
_SPACE = re.compile(r"\s*")
_BARE = re.compile(rf"[^\s(){_QUOTES}^~]+")
_QUOTED = re.compile(rf"[{_QUOTES}]([^{_QUOTES}]*)[{_QUOTES}]")
_FIELD = re.compile(r"([^\W\d_]+):")
_REGEX = re.compile(rf"/((?:[^/\\]|\\.)*)/(?![^\s()^{_QUOTES}])", re.DOTALL)
_WEIGHT = re.compile(r"[0-9]+(?:\.[0-9]*)?|\.[0-9]+")
_DIGITS = re.compile(r"[0-9]{1,6}")


def parse(query: str) -> Query:
    """Return the tree of a rule.

    Raises RuleError, with position and what was expected, for anything that is not a rule: more than 10,000
    characters, 1,000 terms, 20 regular expressions or 50 parentheses within each other included.
    """
    if len(query) > MAX_CHARACTERS:
        raise RuleError(
            f"the rule has {len(query):,} characters", rule=query, position=MAX_CHARACTERS, expected="10,000 at most"
        )
    return _Parser(query).query()


class _Parser:
    """One reading of one rule: where it is, and what it has counted."""

    def __init__(self, query: str) -> None:
        self.rule = query
        self.at = 0
        self.depth = 0
        self.terms = 0
        self.patterns = 0
        self.notes: list[str] = []

    def query(self) -> Query:
        """Read the whole rule."""
        for position, char in enumerate(self.rule):
            if not text.printable(char):
                self.fail("a character that cannot be printed", position)
        if not self.peek():
            self.fail("the rule is empty", 0, f"{_TERM} (* alone matches everything)")
        root = self.either("")
        if self.peek():
            self.fail("a parenthesis is closed that was not opened", expected="the end of the rule")
        return Query(self.rule, root, tuple(dict.fromkeys(self.notes)))

    # Moving along

    def fail(self, what: str, position: int | None = None, expected: str = "", suggestion: str = "") -> NoReturn:
        """Raise the error, at the current position where none is given."""
        at = self.at if position is None else position
        raise RuleError(what, rule=self.rule, position=at, expected=expected, suggestion=suggestion)

    def peek(self) -> str:
        """Return the next character that is not white space, ``""`` at the end."""
        self.take(_SPACE)
        return self.rule[self.at : self.at + 1]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what the pattern matches here."""
        found = pattern.match(self.rule, self.at)
        if found:
            self.at = found.end()
        return found

    def operator(self) -> str:
        """Return the operator that comes next, not stepped over, else ``""``."""
        self.peek()
        found = _BARE.match(self.rule, self.at)
        return found[0] if found and found[0] in OPERATORS else ""

    def accept(self, operator: str) -> bool:
        """Step over this operator if it comes next."""
        if self.operator() != operator:
            return False
        self.at += len(operator)
        return True

    # The grammar

    def either(self, field: str) -> Node:
        """Read parts joined by OR."""
        parts = [self.both(field)]
        while self.accept("OR"):
            parts.append(self.both(field))
        return both(Or, parts)

    def both(self, field: str) -> Node:
        """Read parts joined by AND, written or not."""
        parts = [self.unary(field)]
        while self.accept("AND") or (self.peek() not in ("", ")") and self.operator() != "OR"):
            parts.append(self.unary(field))
        return both(And, parts)

    def unary(self, field: str) -> Node:
        """Read a term or group and the NOTs before it."""
        negative = False
        while self.accept("NOT") or self.minus():
            negative = not negative
        node = self.primary(field)
        return negated(node) if negative else node

    def minus(self) -> bool:
        """Step over a minus that stands directly before what it negates."""
        sign, following = self.peek(), self.rule[self.at + 1 : self.at + 2]
        if not sign or sign not in words.HYPHENS:
            return False
        if not following or following.isspace() or following == ")":
            self.fail(f"{sign} stands alone", expected="a term directly after it")
        self.at += 1
        return True

    def primary(self, field: str) -> Node:
        """Read a group or a term, with or without a field."""
        start = self.at
        char = self.peek()
        if operator := self.operator():
            self.fail(f"{operator} has no term before it", expected=_TERM, suggestion=f'"{operator}" for the word')
        if not char or char == ")":
            self.fail("a term is missing", expected=_TERM)
        if char == "(":
            return self.group(field)
        start = self.at
        field = self.field_name() or field
        if self.at > start and self.peek() == "(":
            return self.group(field)
        if self.at > start and (self.peek() in ("", ")") or self.operator()):
            self.fail(f"{self.rule[start : self.at].strip()} has no value", expected=f"{_TERM} after it")
        return self.term(field)

    def group(self, field: str) -> Node:
        """Read what stands in parentheses, and a weight after them."""
        opened = self.at
        self.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.fail("parentheses are nested too deeply", opened, f"{MAX_DEPTH} at most")
        node = self.either(field)
        if self.peek() != ")":
            self.fail("a parenthesis is not closed", opened, ")")
        self.at += 1
        self.depth -= 1
        while self.rule.startswith("^", self.at):
            node = boosted(node, self.weight())
        return node

    def field_name(self) -> str:
        """Step over a field and its colon and return its full name, ``""`` if none comes next."""
        found = _FIELD.match(self.rule, self.at)
        if not found:
            return ""
        name = found[1].lower()
        name = SHORT_NAMES.get(name, name)
        if name not in FIELDS:
            self.unknown_field(name)
        self.at = found.end()
        return name

    def unknown_field(self, name: str) -> NoReturn:
        """Refuse a field, with the nearest one there is, or quotes for what may be words."""
        near = difflib.get_close_matches(name[:40], [*FIELDS, *SHORT_NAMES], n=1)
        term = _BARE.match(self.rule, self.at)
        quoted = f'"{term[0]}" for the words' if term else ""
        self.fail(
            f"there is no field {text.shortened(name, 40)}:",
            expected=f"one of {', '.join(FIELDS)}",
            suggestion=f"{near[0]}:" if near else text.shortened(quoted, 80),
        )

    def term(self, field: str) -> Leaf:
        """Read one value of the field, and what follows it directly."""
        self.terms += 1
        if self.terms > MAX_TERMS:
            self.fail(f"the rule has more than {MAX_TERMS:,} terms")
        leaf = self.value(field)
        while (sign := self.rule[self.at : self.at + 1]) in ("^", "~") and sign:
            leaf = replace(leaf, boost=self.weight(leaf.boost)) if sign == "^" else self.distance(leaf)
        return leaf

    def value(self, field: str) -> Leaf:
        """Read one value by the kind of its field."""
        kind = FIELDS[field] if field else "text"
        if self.star_alone():
            if kind == "flag":
                self.fail(f"{field}: needs one of its values", self.at - 1, ", ".join(FLAGS[field]))
            return Anything(written="*", field=field)
        if kind == "number" or kind == "date":
            return self.range(field, kind)
        if kind == "flag":
            return self.flag(field)
        if self.peek() == "/":
            return self.pattern(field)
        return self.string(field, kind)

    def star_alone(self) -> bool:
        """Step over a star that is the whole value."""
        found = _BARE.match(self.rule, self.at)
        if not found or found[0] != "*":
            return False
        self.at += 1
        return True

    def string(self, field: str, kind: str) -> Leaf:
        """Read words, an author or a category."""
        exact = self.rule.startswith("=", self.at)
        self.at += exact
        start = self.at
        written, offset = self.written()
        if kind == "category":
            return self.category(written, start, exact)
        asked = self.words(written, offset)
        if kind == "name":
            name = names.parse(written)
            if not name.parts:
                self.nothing_to_look_for(written, start)
            return Person(written=written, field=field, name=name, exact=exact)
        return Words(written=written, field=field, words=asked, exact=exact)

    # The values

    def written(self) -> tuple[str, int]:
        """Step over a quoted or bare value; return it as it stands, and where it begins."""
        start = self.at
        if self.rule[start : start + 1] in _QUOTES and start < len(self.rule):
            quoted = self.take(_QUOTED)
            if not quoted:
                self.fail("a quotation mark is not closed", start, '"')
            return quoted[1], start + 1
        bare = self.take(_BARE)
        if not bare:
            self.fail("a term is missing", expected=_TERM)
        self.remark(bare[0], start)
        return bare[0], start

    def remark(self, bare: str, start: int) -> None:
        """Refuse or note what in a bare word looks like another language's syntax."""
        if bare in ("&&", "||", "&", "|"):
            self.fail(f"{bare} is not an operator", start, suggestion="AND" if "&" in bare else "OR")
        if bare[0] == "!" and len(bare) > 1:
            self.fail("! is not an operator", start, suggestion=f"NOT {text.shortened(bare[1:], 40)}")
        if bare[0] in "<>≥≤[{" and re.search(r"\d", bare):
            self.fail("a range needs a field", start, "score:, published: or listed: before it")
        if self.rule[self.at : self.at + 1] in ("(", '"') and SHORT_NAMES.get(bare.lower(), bare.lower()) in FIELDS:
            self.fail(f"{bare} stands directly before {self.rule[self.at]}", start, suggestion=f"{bare}:")
        if bare.upper() in OPERATORS:
            self.notes.append(
                f'"{bare}" at character {start + 1} is looked for as a word; write {bare.upper()} to join terms'
            )
        if bare[0] in "'‘" and re.search(r"\w", bare):
            self.notes.append(f'{bare[0]} at character {start + 1} makes no phrase; write "…"')

    def nothing_to_look_for(self, written: str, start: int) -> NoReturn:
        """Refuse a value without any letter or digit."""
        what = f"{text.shortened(written, 40)} holds no letter or digit" if written.strip() else "there is nothing"
        self.fail(f"{what} to look for", start, "a word")

    def words(self, written: str, offset: int) -> tuple[words.Word, ...]:
        """Cut a value into the words that it asks for; stars end a word that is only begun."""
        found: list[words.Word] = []
        end = 0
        for match in words.finditer(written):
            between = written[end : match.start()]
            if "*" in between:
                self.misplaced_star(offset + end + between.index("*"))
            prefix = written.startswith("*", match.end())
            if token := words.folded(match[0]):
                found.append(words.Word(token, prefix, words.joint(between) if found else ""))
            end = match.end() + prefix
            if prefix and end < len(written) and next(words.finditer(written[end : end + 1]), None):
                self.misplaced_star(offset + end - 1)
        if "*" in written[end:]:
            self.misplaced_star(offset + end + written[end:].index("*"))
        if not found:
            self.nothing_to_look_for(written, offset)
        return tuple(found)

    def misplaced_star(self, position: int) -> NoReturn:
        """Refuse a star that does not end a word."""
        self.fail("a star stands where no word ends", position, "the beginning of a word, then *")

    def category(self, written: str, start: int, exact: bool) -> Category:
        """Make the leaf of a category, or of the categories that begin so."""
        code = categories.folded(written)
        prefix = code.endswith("*")
        code = code.removesuffix("*")
        if "*" in code:
            self.misplaced_star(start)
        if not any(map(str.isalnum, code)):
            self.nothing_to_look_for(written, start)
        return Category(written=text.single_spaced(written), field="category", code=code, prefix=prefix, exact=exact)

    def pattern(self, field: str) -> Pattern:
        """Read a regular expression."""
        start = self.at
        found = self.take(_REGEX)
        self.patterns += 1
        if not found or not found[1]:
            self.fail("a regular expression is not closed", start, "/expression/")
        if self.patterns > MAX_PATTERNS:
            self.fail("too many regular expressions", start, f"{MAX_PATTERNS} at most")
        try:
            patterns.check(found[1])
        except patterns.PatternError as error:
            self.fail(f"the regular expression cannot be read: {error}", start, "RE2 syntax")
        return Pattern(written=found[0], field=field, pattern=found[1])

    def range(self, field: str, kind: ranges.Kind) -> Range:
        """Read a comparison or a range in brackets."""
        start = self.at
        try:
            if self.peek() in ("[", "{"):
                found = self.take(ranges.BRACKETS)
                bounds = found and ranges.between(kind, found[1], found[2], found[3], found[4])
            else:
                found = self.take(ranges.COMPARED)
                bounds = found and ranges.compared(kind, found[1] or "", found[2])
        except ValueError as error:
            self.fail(str(error), start, ranges.EXPECTED[kind])
        if not found or not bounds:
            self.fail(f"{field}: needs a range", start, ranges.EXPECTED[kind])
        return Range(written=text.single_spaced(found[0]), field=field, low=bounds[0], high=bounds[1])

    def flag(self, field: str) -> Flag:
        """Read a value of has: or type:."""
        start = self.at
        written, _ = self.written()
        flag = written.strip().lower()
        if flag not in FLAGS[field]:
            near = difflib.get_close_matches(flag[:40], FLAGS[field], n=1)
            suggestion = f"{field}:{near[0]}" if near else ""
            self.fail(f"{field}: has no {text.shortened(flag, 40)}", start, ", ".join(FLAGS[field]), suggestion)
        return Flag(written=flag, field=field, flag=flag)

    # What follows a value

    def weight(self, so_far: float = 1.0) -> float:
        """Step over ^ and its number; return the weight."""
        start = self.at
        self.at += 1
        found = self.take(_WEIGHT)
        if not found or not MIN_BOOST <= float(found[0]) <= MAX_BOOST:
            self.fail("^ needs a weight", start, f"a number from {MIN_BOOST:g} to {MAX_BOOST:g}")
        return min(MAX_BOOST, max(MIN_BOOST, so_far * float(found[0])))

    def distance(self, leaf: Leaf) -> Words:
        """Step over ~ and its number; return the words with that distance."""
        start = self.at
        self.at += 1
        found = self.take(_DIGITS)
        if not isinstance(leaf, Words) or len(leaf.words) < 2:
            self.fail("~ needs a phrase before it", start, 'two words or more in quotes: "kv cache"~5')
        if not found or not 1 <= int(found[0]) <= MAX_DISTANCE:
            self.fail("~ needs a distance", start, f"a number from 1 to {MAX_DISTANCE:,}")
        return replace(leaf, near=int(found[0]))
