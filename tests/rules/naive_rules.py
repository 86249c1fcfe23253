"""A second reading of the rule language, slow and plain: walks the tree and each paper's text, no index, no tokens."""

from __future__ import annotations

import itertools
import re
from functools import lru_cache

from digest import text
from digest.models import Paper
from digest.rules import fields, names
from digest.rules.tree import And, Anything, Category, Flag, Leaf, Node, Not, Or, Pattern, Person, Range, Words

_HYPHENS = r"\-\u2010\u2011\u2012\u2013\u2212"


def plurals(word: str) -> set[str]:
    """The regular plurals, from the spelling rules as a grammar states them."""
    if len(word) < 2 or not word[-1].isalpha():
        return set()
    if re.search(r"[^aeiou]y$", word):
        return {word[:-1] + "ies"}
    if re.search(r"(s|x|z|sh)$", word):
        return {word + "es"}
    if re.search(r"(ch|o)$", word):
        return {word + "s", word + "es"}
    return {word + "s"}


def same_word(asked: str, found: str) -> bool:
    """Whether two folded words are one, or one the other's plural."""
    return asked == found or found in plurals(asked) or asked in plurals(found)


def spellings(word: str) -> set[str]:
    """Everything that a folded word may be printed as."""
    shorter = {word[:cut] + end for cut in range(len(word)) for end in ("", "y") if len(word) - cut <= 3}
    return {word} | plurals(word) | {one for one in shorter if word in plurals(one)}


def _word_pattern(leaf: Words, position: int) -> str:
    word = leaf.words[position]
    if word.prefix:
        return re.escape(word.token) + r"[^\W_]*"
    choices = {word.token} if leaf.exact else spellings(word.token)
    return "(?:" + "|".join(map(re.escape, sorted(choices, key=len, reverse=True))) + ")"


def _alone(pattern: str) -> str:
    return rf"(?<![^\W_]){pattern}(?![^\W_])"


@lru_cache(maxsize=4096)
def phrase_pattern(leaf: Words) -> re.Pattern[str]:
    """The phrase as one regular expression on folded text."""
    parts = [_alone(_word_pattern(leaf, 0))]
    for position, word in enumerate(leaf.words[1:], 1):
        parts.append(rf"\s*{re.escape(word.joint)}\s*" if word.joint else rf"[\s/{_HYPHENS}]+")
        parts.append(_alone(_word_pattern(leaf, position)))
    return re.compile("".join(parts))


@lru_cache(maxsize=4096)
def _folded(value: str) -> str:
    return text.fold(text.readable(value))


def _near(leaf: Words, folded: str) -> bool:
    starts = [m.start() for m in re.finditer(r"[^\W_]+", folded)]
    at = [
        [starts.index(m.start()) for m in re.finditer(_alone(_word_pattern(leaf, k)), folded)]
        for k in range(len(leaf.words))
    ]
    return any(max(places) - min(places) <= leaf.near for places in itertools.product(*at))


def _category(leaf: Category, printed: str) -> bool:
    printed = printed.lower()
    if leaf.prefix:
        in_computing = not leaf.exact and printed in ("ai", "cl", "cv", "lg", "ro")
        return printed.startswith(leaf.code) or (in_computing and f"cs.{printed}".startswith(leaf.code))
    if leaf.exact or ("." in leaf.code) == ("." in printed):
        return leaf.code == printed
    return leaf.code.split(".")[-1] == printed.split(".")[-1]


def _label(leaf: Words, field: str, value: str) -> bool:
    plain = field in ("source", "page", "layout") and not leaf.exact and not any(w.prefix for w in leaf.words)
    return plain and re.sub(r"[\W_]", "", text.fold(value)) == "".join(w.token for w in leaf.words)


def holds_for_value(leaf: Leaf, field: str, value: str) -> bool:
    """Whether one term holds for one value of a field."""
    readable = text.readable(value)
    match leaf:
        case Words() if leaf.near:
            return _near(leaf, text.fold(readable))
        case Words():
            found = phrase_pattern(leaf).search(_folded(value))
            return found is not None or _label(leaf, field, readable)
        case Person():
            return names.matches(leaf.name, names.parse(readable), exact=leaf.exact)
        case Category():
            return _category(leaf, value)
        case Pattern():
            return re.search(leaf.pattern, readable, re.IGNORECASE) is not None
        case Flag():
            return leaf.flag == value
        case _:
            return True


def _number(leaf: Leaf, paper: Paper) -> bool:
    day = {"published": paper.published, "listed": paper.first_listed}.get(leaf.field)
    value = max((s for _, s in paper.scores), default=None) if leaf.field == "score" else day and day.toordinal()
    if value is None or isinstance(leaf, Anything):
        return value is not None
    assert isinstance(leaf, Range)
    return leaf.low <= value <= leaf.high


def holds(node: Node, paper: Paper) -> bool:
    """Whether the tree holds for the paper."""
    match node:
        case And():
            return all(holds(part, paper) for part in node.parts)
        case Or():
            return any(holds(part, paper) for part in node.parts)
        case Not():
            return not holds(node.part, paper)
        case Anything(field=""):
            return True
        case Leaf(field="score" | "published" | "listed"):
            return _number(node, paper)
        case _:
            searched = [node.field] if node.field else ["title", "abstract"]
            return any(holds_for_value(node, f, v) for f in searched for v in fields.values(paper, f))
