"""The place in a rule where its reading is: what comes next, moving along, errors with their position."""

from __future__ import annotations

import re
from typing import NoReturn

from digest import text
from digest.errors import RuleError
from digest.rules.words import HYPHENS

A_TERM = "a word, a phrase or a parenthesis"
QUOTES = '"“”„‟＂«»'
_BARE = rf"[^\s(){QUOTES}^~]"  # what a value without quotes is made of
BARE = re.compile(rf"{_BARE}+")
_SPACE = re.compile(r"\s*")

# What may come next, by name, with the white space after it. A word or a quoted phrase that nothing but white space or
# a parenthesis follows is known for one at sight, if foreign.py has no doubt about it; `value` is anything else, for
# values.py to read. All quantifiers are possessive, so that each character is looked at a few times at most.
_DOUBTFUL = r"(?:(?i:and|or|not)|(?:NEAR|ADJ)[0-9]++)"
_ALONE = r"(?=[\s)]|\Z)"
_AHEAD = re.compile(
    rf"""(?:
        (?P<AND>AND(?!{_BARE})) | (?P<OR>OR(?!{_BARE})) | (?P<NOT>NOT(?!{_BARE}))
      | (?P<word>(?!{_DOUBTFUL}{_ALONE}) [^\W_]++ (?:[-.'’][^\W_]++)*+ \*?+){_ALONE}
      | (?P<quoted>[{QUOTES}] [^{QUOTES}]*+ [{QUOTES}]){_ALONE}
      | (?P<opening>\() | (?P<closing>\)) | (?P<field>[^\W\d_]++:) | (?P<minus>[{HYPHENS}]) | (?P<end>\Z) | (?P<value>)
    )\s*+""",
    re.VERBOSE,
)


class Cursor:
    """One reading of one rule: where it is, what comes next, and what it gave reason to warn about.

    ``at`` is where the next thing begins and ``ahead`` its name in the pattern above. Values that are read sign by sign
    move ``at`` alone; ``settle`` then finds out what comes next.
    """

    def __init__(self, rule: str) -> None:
        """Start at the beginning; raises RuleError where a character cannot be printed."""
        self.rule = rule
        self.at = 0
        self.spent: dict[str, int] = {}
        self.notes: list[str] = []
        if not rule.isprintable():  # which no white space but the space is
            self._refuse_unprintable()
        self._look(len(rule) - len(rule.lstrip()))

    def _refuse_unprintable(self) -> None:
        for position, char in enumerate(self.rule):
            if not text.printable(char):
                self.fail("a character that cannot be printed", position)

    def fail(self, what: str, position: int | None = None, expected: str = "", suggestion: str = "") -> NoReturn:
        """Raise the error, at the current position where none is given."""
        at = self.at if position is None else position
        raise RuleError(what, rule=self.rule, position=at, expected=expected, suggestion=suggestion)

    def spend(self, what: str, count: int, limit: int, position: int | None = None) -> None:
        """Count what a rule may have only so many of; raises RuleError beyond the limit."""
        spent = self.spent[what] = self.spent.get(what, 0) + count
        if spent > limit:
            self.fail(f"the rule has too many {what}", position, f"{limit:,} at most")

    def settle(self) -> None:
        """Pass over white space and find out what comes next."""
        self.take(_SPACE)
        self._look(self.at)

    def step(self) -> None:
        """Pass over what comes next and the white space after it."""
        self._look(self._found.end())

    def _look(self, at: int) -> None:
        found = _AHEAD.match(self.rule, at)
        assert found and found.lastgroup  # noqa: PT018 - the last form is empty
        self.at = at
        self.ahead = found.lastgroup
        self._found = found

    def seen(self) -> str:
        """Return what comes next as it is written; nothing of a value that is not read yet."""
        return self._found[self.ahead]

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """Step over what the pattern matches here."""
        found = pattern.match(self.rule, self.at)
        if found:
            self.at = found.end()
        return found

    def follows(self, signs: str) -> bool:
        """Tell whether one of these signs comes next, without white space before it."""
        return self.at < len(self.rule) and self.rule[self.at] in signs
