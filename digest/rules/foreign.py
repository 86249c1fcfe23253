"""What people write who come from other query languages: refused or remarked upon, never taken for words in silence."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from digest import text
from digest.rules.cursor import QUOTES, Cursor
from digest.rules.fields import FIELDS, full_name
from digest.rules.tree import OPERATORS

_PREFIX = "the beginning of a word, then *"
_DISTANCE = 'words in quotes, then ~: "kv cache"~5'
_GROUP = "parentheses for a group, quotes around the sign itself"


class _Refusal(NamedTuple):
    """A sign of another language in a bare value, and what to say of it.

    In the texts {sign} is what was found, {before} and {after} what stands around it, {plain} the usual form of it.
    """

    sign: re.Pattern[str]
    what: str
    expected: str = ""
    suggestion: str = ""


# Signs of Ovid, PubMed, Scopus, SQL, C, and of keyboards for Chinese.
_REFUSALS = (
    _Refusal(re.compile(r"&&|^&|&$"), "{sign} is not an operator", suggestion="AND"),
    _Refusal(re.compile(r"\|\|?"), "{sign} is not an operator", suggestion="OR"),
    _Refusal(re.compile(r"^!"), "{sign} is not an operator", suggestion="NOT {after}"),
    _Refusal(re.compile(r"^(?:NEAR|ADJ|(?:NEAR|W|PRE)/)[0-9]+$"), "{sign} is not an operator", _DISTANCE),
    _Refusal(re.compile(r"(?<=\w)\?(?=\w)"), "{sign} is not a wildcard", _PREFIX),
    _Refusal(re.compile(r"(?<=[a-z])\$$"), "{sign} is not a wildcard", _PREFIX, "{before}*"),
    _Refusal(re.compile(r"^[<>≥≤\[{](?=.*\d)"), "a range needs a field", "score:, published: or listed: before it"),
    _Refusal(re.compile(r"(?<=[\w*])\[.*"), "{sign} stands after a term", "a field before it, such as title:"),
    _Refusal(re.compile(r"^[\[{]|[\]}]$"), "{sign} is not a parenthesis", _GROUP),
    _Refusal(re.compile(r"[（）：]"), "{sign} is not a sign of rules", suggestion="{plain}"),
    _Refusal(re.compile(r"^:"), "{sign} stands alone", "a field directly before it"),
)
_COMPARED = re.compile(r"([^\W\d_]+)([:=<>≥≤]+)")  # a field where its colon is missing, or follows an "="
_SIGNED = re.compile(r"[^\W_]([+#]+)(?![^\W_])")  # C++, C#
_LISTED = re.compile(r"[,;](?!\d)")
_SINGLE_QUOTED = re.compile(r"['‘‚‛‹`´]+\w|’[^\W\d_]")  # ’90s begins with an apostrophe
_TWO_NAMES = re.compile(r"([^\W\d_][^\W_]+) ([^\W\d_][\w.-]+)(?=[\s)]|\Z)")


def refuse(cursor: Cursor, bare: str, start: int) -> None:
    """Refuse what other query languages write and this one would silently take for a word. Raises RuleError."""
    _refuse_misused_field(cursor, bare, start)
    for refusal in _REFUSALS:
        if found := refusal.sign.search(bare):
            parts = {"sign": found[0], "before": bare[: found.start()], "after": bare[found.end() :]}
            told = {name: text.shortened(part, 40) for name, part in parts.items()}
            told["plain"] = unicodedata.normalize("NFKC", told["sign"])
            suggestion = refusal.suggestion.format_map(told).strip()
            cursor.fail(refusal.what.format_map(told), start + found.start(), refusal.expected, suggestion)


def _refuse_misused_field(cursor: Cursor, bare: str, start: int) -> None:
    if cursor.follows("(" + QUOTES) and full_name(bare) in FIELDS:
        cursor.fail(f"{bare} stands directly before {cursor.rule[cursor.at]}", start, suggestion=f"{bare}:")
    found = _COMPARED.match(bare)
    if not found or full_name(found[1]) not in FIELDS:
        return
    if found[2] == ":":
        cursor.fail("= stands before a field", start - 1, suggestion=f"{found[0]}=")
    rest = text.shortened(bare[found.end(1) :].lstrip("=:"), 40)
    cursor.fail(f"{found[1]} stands directly before {found[2]}", start, suggestion=f"{found[1]}:{rest}")


def remark(cursor: Cursor, bare: str, start: int) -> None:
    """Note what in a bare word may not mean what was meant."""
    if bare.upper() in OPERATORS:
        cursor.notes.append(
            f'"{bare}" at character {start + 1} is taken for a word; write {bare.upper()} to join terms'
        )
    if signs := _SIGNED.search(bare):
        cursor.notes.append(f"{signs[1]} in {bare} does not count; a regular expression finds it: /…/")
    if _SINGLE_QUOTED.match(bare):
        cursor.notes.append(f'{bare[0]} at character {start + 1} makes no phrase; write "…"')
    if found := _LISTED.search(bare):
        cursor.notes.append(f"{found[0]} at character {start + found.start() + 1} makes no list; write OR, or AND")


def remark_two_names(cursor: Cursor) -> None:
    """Note, after ``author:``, a name of two words that stand without quotes: the second is looked for anywhere."""
    found = _TWO_NAMES.match(cursor.rule, cursor.at)
    if found and found[1][0].isupper() and found[2][0].isupper() and found[2] not in OPERATORS:
        cursor.notes.append(f'author: is asked for {found[1]} alone; write author:"{found[0]}" for the whole name')
