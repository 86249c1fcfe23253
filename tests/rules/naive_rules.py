"""A second reading of the rule language, slow and plain: it walks the tree and reads each text, without the package's
index, readings, plurals, names or categories. A term's answer is kept, as many rules ask for the same.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product

import naive_names

from digest import text
from digest.models import Paper
from digest.rules import fields
from digest.rules.tree import And, Anything, Category, Flag, Leaf, Node, Not, Or, Pattern, Person, Range, Words

_HYPHENS = r"\-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"
# Signs that no readable text can hold: a word begins, a word ends.
BEGIN, END = "\x02", "\x03"
# Codes of categories that pages print alone, of those that the tests print alone.
_COMPUTING = ("ai", "cl", "cv", "lg", "ro")


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


@cache
def _kind(char: str) -> str:
    """What a character is to a word: a letter of it, a word by itself, a mark, unseen, or no part of any."""
    if "\u3040" <= char <= "\u30ff" or "\u3400" <= char <= "\u4dbf" or "\u4e00" <= char <= "\u9fff":
        return "whole"
    if char.isalnum():
        return "letter"
    return "mark" if unicodedata.category(char)[0] == "M" else "unseen" if char in _UNSEEN else "gap"


def _pieces(value: str) -> Iterator[tuple[bool, str]]:
    """Cut a text character by character into words (True) and what stands between them (False)."""
    piece, inside, before = "", False, ""
    for char in value:
        kind = _kind(char)
        follows = kind == "mark" or (before != "whole" and kind in ("letter", "unseen"))
        goes_on = follows if inside else kind not in ("letter", "whole")
        if not goes_on:
            yield inside, piece
            piece, inside = "", kind in ("letter", "whole")
        piece += char
        before = kind if kind in ("letter", "whole") or not inside else before
    yield inside, piece


@cache
def marked(value: str) -> str:
    """The readable text, its words folded and between two signs, all else as it stands."""
    plain = "".join(
        BEGIN + "".join(text.fold("".join(c for c in piece if c not in _UNSEEN)).split()) + END if is_word else piece
        for is_word, piece in _pieces(text.readable(value))
        if piece
    )
    return re.sub("[‘’ʼ＇]", "'", plain)


def _choices(leaf: Words, position: int) -> set[str]:
    word = leaf.words[position]
    return {word.token} if leaf.exact or word.prefix else spellings(word.token)


def _word_pattern(leaf: Words, position: int) -> str:
    word = leaf.words[position]
    choices = "|".join(map(re.escape, sorted(_choices(leaf, position))))
    return f"{BEGIN}(?:{choices})" + (f"[^{END}]*" if word.prefix else "") + END


def phrase_pattern(leaf: Words) -> re.Pattern[str]:
    """The phrase as one regular expression on marked text."""
    parts = [_word_pattern(leaf, 0)]
    for position, word in enumerate(leaf.words[1:], 1):
        signs = r"\s*".join(map(re.escape, word.joint))
        parts.append(rf"\s*{signs}\s*" if word.joint else rf"[\s/{_HYPHENS}]*")
        parts.append(_word_pattern(leaf, position))
    return re.compile("".join(parts))


def _stems(leaf: Words) -> list[str]:
    """How each word asked for begins, plural or not: a text without one of these cannot hold the phrase."""
    chosen = [sorted(_choices(leaf, k)) for k in range(len(leaf.words))]
    return [BEGIN + _common(choices[0], choices[-1]) for choices in chosen]


def _common(one: str, other: str) -> str:
    """How both words begin."""
    same = [a == b for a, b in zip(one, other, strict=False)]
    return one[: [*same, False].index(False)]


def _near(leaf: Words, read: str) -> bool:
    at = [
        [read.count(BEGIN, 0, m.start()) for m in re.finditer(_word_pattern(leaf, k), read)]
        for k in range(len(leaf.words))
    ]
    return any(max(places) - min(places) <= leaf.near for places in product(*at))


def _words(leaf: Words, field: str) -> Callable[[str], bool]:
    """A test for marked texts; most are told apart by how the longest word asked for begins."""
    stems = sorted(_stems(leaf), key=len, reverse=True)
    pattern = phrase_pattern(leaf)
    labelled = field in ("source", "page", "layout")

    def holds(read: str) -> bool:
        if labelled and _label(leaf, read):
            return True
        for stem in stems:
            if stem not in read:
                return False
        return _near(leaf, read) if leaf.near else pattern.search(read) is not None

    return holds


def _label(leaf: Words, read: str) -> bool:
    if leaf.exact or any(word.prefix for word in leaf.words):
        return False
    return "".join(re.findall(f"{BEGIN}(.*?){END}", read)) == "".join(word.token for word in leaf.words)


def _category(leaf: Category, printed: str) -> bool:
    printed = printed.lower()
    if leaf.prefix:
        in_computing = not leaf.exact and printed in _COMPUTING
        return printed.startswith(leaf.code) or (in_computing and f"cs.{printed}".startswith(leaf.code))
    if leaf.exact or ("." in leaf.code) == ("." in printed):
        return leaf.code == printed
    return leaf.code.split(".")[-1] == printed.split(".")[-1]


@lru_cache(maxsize=8192)
def _unaccented(value: str) -> str:
    # Korean syllables are no accented letters, though they have parts as well.
    return "".join(c if "\uac00" <= c <= "\ud7a3" else unicodedata.normalize("NFD", c)[0] for c in value)


def _test(leaf: Leaf, field: str) -> Callable[[str], bool]:
    """Whether one term holds for one value of a field, marked for words and readable for all else."""
    match leaf:
        case Words():
            return _words(leaf, field)
        case Person():
            return lambda value: naive_names.can_be(leaf.written, value.replace("*", ""), exact=leaf.exact)
        case Category():
            return lambda value: _category(leaf, value)
        case Pattern():
            pattern = re.compile(_unaccented(leaf.pattern), re.IGNORECASE)
            return lambda value: pattern.search(_unaccented(value)) is not None
        case Flag():
            return lambda value: leaf.flag == value
        case _:
            return lambda value: True


def _number(leaf: Leaf, paper: Paper) -> bool:
    day = {"published": paper.published, "listed": paper.first_listed}.get(leaf.field)
    value = max((s for _, s in paper.scores), default=None) if leaf.field == "score" else day and day.toordinal()
    if value is None or isinstance(leaf, Anything):
        return value is not None
    assert isinstance(leaf, Range)
    return leaf.low <= value <= leaf.high


class Reader:
    """Reads the same papers for one rule after the other."""

    def __init__(self, papers: Sequence[Paper]) -> None:
        """Take the papers as they are."""
        self.papers = papers
        self._terms: dict[Leaf, int] = {}
        self._read: dict[tuple[str, bool], list[tuple[int, str]]] = {}

    def bits(self, node: Node) -> int:
        """Return the bitmap of the papers that the tree holds for: bit i is set for ``papers[i]``."""
        match node:
            case And() | Or():
                parts = [self.bits(part) for part in node.parts]
                bits = parts[0]
                for part in parts[1:]:
                    bits = bits & part if isinstance(node, And) else bits | part
                return bits
            case Not():
                return self.bits(node.part) ^ ((1 << len(self.papers)) - 1)
        return self._leaf(node)

    def weights(self, node: Node) -> dict[int, float]:
        """Return what the tree weighs for each paper that it holds for, by the paper's place."""
        places = [place for place in range(len(self.papers)) if self.bits(node) >> place & 1]
        return {place: self._weight(self._credited(node, place, wanted=True) or [], place) for place in places}

    def _weight(self, credited: list[Leaf], place: int) -> float:
        """The sum over different terms: each by its greatest weight, thrice in the title, twice for an author."""
        found: dict[Leaf, float] = {}
        for leaf in credited:
            in_title = leaf.field == "title" or (not leaf.field and not isinstance(leaf, Anything))
            best = 3.0 if in_title and self.bits(replace(leaf, field="title")) >> place & 1 else 1.0
            term = replace(leaf, boost=1.0, written="")
            found[term] = max(found.get(term, 0.0), leaf.boost * (2.0 if leaf.field == "author" else best))
        return sum(found.values())

    def _credited(self, node: Node, place: int, *, wanted: bool) -> list[Leaf] | None:
        """The terms by which the tree holds for a paper (or, unless ``wanted``, does not), None if it is otherwise."""
        if isinstance(node, Not):
            return self._credited(node.part, place, wanted=not wanted)
        if isinstance(node, And | Or):
            parts = [self._credited(part, place, wanted=wanted) for part in node.parts]
            held = [leaves for leaves in parts if leaves is not None]
            all_needed = isinstance(node, And) == wanted
            return (
                [leaf for leaves in held for leaf in leaves] if len(held) >= (len(parts) if all_needed else 1) else None
            )
        if bool(self.bits(node) >> place & 1) != wanted:
            return None
        return [node] if wanted else []

    def _leaf(self, leaf: Leaf) -> int:
        asked = replace(leaf, boost=1.0)
        if asked not in self._terms:
            self._terms[asked] = sum(1 << place for place in self._places(leaf))
        return self._terms[asked]

    def _places(self, leaf: Leaf) -> set[int]:
        if isinstance(leaf, Anything) and not leaf.field:
            return set(range(len(self.papers)))
        if leaf.field in ("score", "published", "listed"):
            return {place for place, paper in enumerate(self.papers) if _number(leaf, paper)}
        found: set[int] = set()
        for field in [leaf.field] if leaf.field else ["title", "abstract"]:
            holds = _test(leaf, field)
            found |= {place for place, read in self._texts(field, isinstance(leaf, Words)) if holds(read)}
        return found

    def _texts(self, field: str, in_words: bool) -> list[tuple[int, str]]:
        """Each value that a paper has in the field, with the place of the paper: marked, or only readable."""
        if (field, in_words) not in self._read:
            read = marked if in_words else text.readable
            self._read[field, in_words] = [
                (place, read(value)) for place, paper in enumerate(self.papers) for value in fields.values(paper, field)
            ]
        return self._read[field, in_words]


def holds(node: Node, paper: Paper) -> bool:
    """Whether the tree holds for the paper."""
    return Reader([paper]).bits(node) == 1
