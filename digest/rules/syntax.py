"""The parser of the rule language: text to tree, by recursive descent; every error has its position.

either = both { "OR" both }
both   = unary { ["AND"] unary }
unary  = { "NOT" | "-" } [ field ":" ] ( group | term )
group  = "(" either ")" { weight }
term   = value { weight | distance }     see values.py
"""

from __future__ import annotations

import difflib
import re
from typing import NoReturn

from digest import text
from digest.errors import RuleError
from digest.rules import values, words
from digest.rules.cursor import A_TERM, BARE, Cursor
from digest.rules.fields import FIELDS, SHORT_NAMES, full_name
from digest.rules.tree import And, Node, Or, Query, boosted, both, negated

MAX_CHARACTERS = 10_000
MAX_DEPTH = 50  # parentheses within parentheses

# Every sign of the language; the tests and docs/rules.md have an example of each, and of each field.
FORMS = ("AND", "OR", "NOT", "-", "(", "*", '"', "=", "~", "^", "[", "{", ">", ">=", "<", "<=", "/")

_FIELD = re.compile(r"([^\W\d_]+):")


def parse(query: str) -> Query:
    """Return the tree of a rule.

    Raises RuleError, with position and what was expected, for anything that is not a rule; more than 10,000
    characters, 1,000 terms, 10 regular expressions or 50 parentheses within each other are refused too.
    """
    if len(query) > MAX_CHARACTERS:
        most = f"{MAX_CHARACTERS:,} at most"
        raise RuleError(f"the rule has {len(query):,} characters", rule=query, position=MAX_CHARACTERS, expected=most)
    cursor = Cursor(query)
    root = _Grammar(cursor).whole()
    return Query(query, root, tuple(dict.fromkeys(cursor.notes)))


class _Grammar:
    """The grammar above, one method for each of its lines."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0

    def whole(self) -> Node:
        """Read to the end of the rule."""
        if not self.cursor.peek():
            self.cursor.fail("the rule is empty", 0, A_TERM)
        root = self.either("")
        if self.cursor.peek():
            self.cursor.fail("a parenthesis is closed that was not opened", expected="the end of the rule")
        return root

    def either(self, field: str) -> Node:
        """Read parts joined by OR."""
        parts = [self.both(field)]
        while self.cursor.accept("OR"):
            parts.append(self.both(field))
        return both(Or, parts)

    def both(self, field: str) -> Node:
        """Read parts joined by AND, written or not."""
        cursor = self.cursor
        parts = [self.unary(field)]
        while cursor.accept("AND") or (cursor.peek() not in ("", ")") and cursor.operator() != "OR"):
            parts.append(self.unary(field))
        return both(And, parts)

    def unary(self, field: str) -> Node:
        """Read a term or group and the NOTs before it."""
        negative = False
        while self.cursor.accept("NOT") or self.minus():
            negative = not negative
        node = self.primary(field)
        return negated(node) if negative else node

    def minus(self) -> bool:
        """Step over a minus that stands directly before what it negates."""
        cursor = self.cursor
        sign, following = cursor.peek(), cursor.rule[cursor.at + 1 : cursor.at + 2]
        if not sign or sign not in words.HYPHENS:
            return False
        if not following or following.isspace() or following == ")":
            cursor.fail(f"{sign} stands alone", expected="a term directly after it")
        cursor.at += 1
        return True

    def primary(self, field: str) -> Node:
        """Read a group or a term, with or without a field of its own."""
        cursor = self.cursor
        if cursor.peek() in ("", ")"):
            cursor.fail("a term is missing", expected=A_TERM)
        if operator := cursor.operator():
            cursor.fail(f"a term is missing before {operator}", expected=A_TERM)
        field = self.own_field() or field
        return self.group(field) if cursor.peek() == "(" else values.term(cursor, field)

    def own_field(self) -> str:
        """Step over a field and its colon and return its full name, ``""`` if none comes next."""
        cursor, start = self.cursor, self.cursor.at
        found = _FIELD.match(cursor.rule, start)
        if not found:
            return ""
        name = full_name(found[1])
        if name not in FIELDS:
            self.unknown_field(name)
        cursor.at = found.end()
        if cursor.peek() in ("", ")") or cursor.operator():
            cursor.fail(f"{found[0]} has no value", start, f"{A_TERM} after it")
        if (second := _FIELD.match(cursor.rule, cursor.at)) and full_name(second[1]) in FIELDS:
            cursor.fail(f"{second[0]} stands after another field", expected=A_TERM)
        return name

    def unknown_field(self, name: str) -> NoReturn:
        """Refuse a field, with the nearest one there is, or quotes for what may be words."""
        near = difflib.get_close_matches(name[:40], [*FIELDS, *SHORT_NAMES], n=1)
        bare = BARE.match(self.cursor.rule, self.cursor.at)
        quoted = f'"{bare[0]}"' if bare else ""
        self.cursor.fail(
            f"there is no field {text.shortened(name, 40)}:",
            expected=f"one of {', '.join(FIELDS)}",
            suggestion=f"{near[0]}:" if near else text.shortened(quoted, 80),
        )

    def group(self, field: str) -> Node:
        """Read what stands in parentheses, and a weight after them."""
        cursor, opened = self.cursor, self.cursor.at
        cursor.at += 1
        self.depth += 1
        if self.depth > MAX_DEPTH:
            cursor.fail("parentheses are nested too deeply", opened, f"{MAX_DEPTH} at most")
        node = self.either(field)
        if cursor.peek() != ")":
            cursor.fail("a parenthesis is not closed", opened, 'a ")"')
        cursor.at += 1
        self.depth -= 1
        while cursor.follows("^"):
            node = boosted(node, values.weight(cursor))
        return node
