"""The place in a rule where its reading is: moving along, operators ahead, errors with their position."""

from __future__ import annotations

import re
from typing import NoReturn

from digest import text
from digest.errors import RuleError
from digest.rules.tree import OPERATORS

A_TERM = "a word, a phrase or a parenthesis"
QUOTES = '"“”„‟＂«»'
BARE = re.compile(rf"[^\s(){QUOTES}^~]+")
_SPACE = re.compile(r"\s*")


class Cursor:
    """One reading of one rule: where it is, and what it gave reason to warn about."""

    def __init__(self, rule: str) -> None:
        """Start at the beginning; raises RuleError where a character cannot be printed."""
        self.rule = rule
        self.at = 0
        self.terms = 0
        self.patterns = 0
        self.notes: list[str] = []
        for position, char in enumerate(rule):
            if not text.printable(char):
                self.fail("a character that cannot be printed", position)

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
        found = BARE.match(self.rule, self.at)
        return found[0] if found and found[0] in OPERATORS else ""

    def accept(self, operator: str) -> bool:
        """Step over this operator if it comes next."""
        if self.operator() != operator:
            return False
        self.at += len(operator)
        return True

    def follows(self, signs: str) -> bool:
        """Tell whether one of these signs comes next, without white space before it."""
        return self.at < len(self.rule) and self.rule[self.at] in signs
