"""The parser of the rule language: text to tree, by recursive descent; every error has its position.

either = both { "OR" both }
both   = unary { ["AND"] unary }
unary  = { "NOT" | "-" } [ field ":" ] ( group | term )
group  = "(" either ")" { weight }
term   = value { weight | distance }     see values.py
"""

from __future__ import annotations

import difflib
from typing import NoReturn

from digest import text
from digest.errors import RuleError
from digest.rules import foreign, values
from digest.rules.cursor import A_TERM, BARE, Cursor
from digest.rules.fields import FIELDS, SHORT_NAMES, full_name
from digest.rules.tree import OPERATORS, And, Node, Or, Query, boosted, both, negated

MAX_CHARACTERS = 10_000
MAX_DEPTH = 50  # parentheses within parentheses

# Every sign of the language; the tests and docs/rules.md have an example of each, and of each field.
FORMS = ("AND", "OR", "NOT", "-", "(", "*", '"', "=", "~", "^", "[", "{", ">", ">=", "<", "<=", "/")

# What may come next, as cursor.py names it: after which parts joined by AND end, what negates, what is no value.
_ENDS_PARTS = frozenset({"end", "closing", "OR"})
_NEGATES = frozenset({"NOT", "minus"})
_NO_VALUE = frozenset({"end", "closing", *OPERATORS})


def parse(query: str, *, longest: int = MAX_CHARACTERS) -> Query:
    """Return the tree of a rule.

    Raises RuleError, with position and what was expected, for anything that is not a rule; more than 10,000
    characters, 1,000 terms, 10 regular expressions or 50 parentheses within each other are refused too. ``longest``
    is for rules that a program printed: a normal form has more characters than what it is of.
    """
    if len(query) > longest:
        most = f"{longest:,} at most"
        raise RuleError(f"the rule has {len(query):,} characters", rule=query, position=longest, expected=most)
    cursor = Cursor(query)
    root = _Grammar(cursor).whole()
    return Query(query, root, tuple(dict.fromkeys(cursor.notes)) if cursor.notes else ())


class _Grammar:
    """The grammar above, one method for each of its lines."""

    def __init__(self, cursor: Cursor) -> None:
        self.cursor = cursor
        self.depth = 0

    def whole(self) -> Node:
        """Read to the end of the rule."""
        if self.cursor.ahead == "end":
            self.cursor.fail("the rule is empty", 0, A_TERM)
        root = self.either("")
        if self.cursor.ahead != "end":
            self.cursor.fail("a parenthesis is closed that was not opened", expected="the end of the rule")
        return root

    def either(self, field: str) -> Node:
        """Read parts joined by OR."""
        cursor = self.cursor
        parts = [self.both(field)]
        while cursor.ahead == "OR":
            cursor.step()
            parts.append(self.both(field))
        return both(Or, parts)

    def both(self, field: str) -> Node:
        """Read parts joined by AND, written or not."""
        cursor = self.cursor
        parts = [self.unary(field)]
        while cursor.ahead not in _ENDS_PARTS:
            if cursor.ahead == "AND":
                cursor.step()
            parts.append(self.unary(field))
        return both(And, parts)

    def unary(self, field: str) -> Node:
        """Read a term or group and the NOTs before it."""
        cursor, negative = self.cursor, False
        while cursor.ahead in _NEGATES:
            self.refuse_lone_minus()
            cursor.step()
            negative = not negative
        node = self.primary(field)
        return negated(node) if negative else node

    def refuse_lone_minus(self) -> None:
        """Refuse a minus that does not stand directly before what it negates."""
        cursor = self.cursor
        following = cursor.rule[cursor.at + 1 : cursor.at + 2]
        if cursor.ahead == "minus" and (not following or following.isspace() or following == ")"):
            cursor.fail(f"{cursor.seen()} stands alone", expected="a term directly after it")

    def primary(self, field: str) -> Node:
        """Read a group or a term, with or without a field of its own."""
        cursor = self.cursor
        if cursor.ahead == "field":
            field = self.own_field()
        if cursor.ahead == "opening":
            return self.group(field)
        if cursor.ahead in ("end", "closing"):
            cursor.fail("a term is missing", expected=A_TERM)
        if cursor.ahead in OPERATORS:
            cursor.fail(f"a term is missing before {cursor.ahead}", expected=A_TERM)
        return values.term(cursor, field)

    def own_field(self) -> str:
        """Step over a field and its colon and return its full name."""
        cursor, start, written = self.cursor, self.cursor.at, self.cursor.seen()
        name = full_name(written[:-1])
        if name not in FIELDS:
            self.unknown_field(name)
        cursor.step()
        if cursor.ahead in _NO_VALUE:
            cursor.fail(f"{written} has no value", start, f"{A_TERM} after it")
        if cursor.ahead == "minus" and FIELDS[name] not in ("number", "date"):
            cursor.fail(f"{cursor.seen()} stands after a field", suggestion=f"{cursor.seen()}{written}")
        if cursor.ahead == "field" and full_name(cursor.seen()[:-1]) in FIELDS:
            cursor.fail(f"{cursor.seen()} stands after another field", expected=A_TERM)
        if name == "author":
            foreign.remark_two_names(cursor)
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
        self.depth += 1
        if self.depth > MAX_DEPTH:
            cursor.fail("parentheses are nested too deeply", opened, f"{MAX_DEPTH} at most")
        cursor.step()
        node = self.either(field)
        if cursor.ahead != "closing":
            cursor.fail("a parenthesis is not closed", opened, 'a ")"')
        self.depth -= 1
        return self.weighted(node)

    def weighted(self, node: Node) -> Node:
        """Step over the end of a group and the weights after it."""
        cursor = self.cursor
        if not cursor.rule.startswith("^", cursor.at + 1):
            cursor.step()
            return node
        cursor.at += 1
        while cursor.follows("^"):
            node = boosted(node, values.weight(cursor))
        cursor.settle()
        return node
