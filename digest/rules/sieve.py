"""A sieve for one rule: papers that cannot match are told by letters alone, without cutting their texts into words.

For an index of many papers that one rule is asked of once; where many rules are asked, the index pays by itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from digest.models import Paper
from digest.rules.fields import DEFAULT
from digest.rules.tree import And, Leaf, Node, Not, Query, Words
from digest.rules.words import Word, accepts

MOST = 40  # pieces to look for; with more, cutting into words is as fast

# What is not read as it stands: TeX, letters that are folded, characters that are dropped.
_ODD = re.compile(r"[^\t\n\r -#%-\[\]-~]")


def sieve(query: Query) -> Callable[[Paper], bool]:
    """Return a test that every paper passes which the rule holds for, and few others where the rule asks for words."""
    pieces = _needed(query.root)
    if not pieces or len(pieces) > MOST:
        return lambda _paper: True

    def passes(paper: Paper) -> bool:
        text = f"{paper.title}\n{paper.abstract}" if paper.abstract else paper.title
        if _ODD.search(text):
            return True
        lower = text.lower()
        return any(piece in lower for piece in pieces)

    return passes


def _needed(node: Node) -> frozenset[str]:
    """Return pieces of words, in small letters, of which a title or abstract has one wherever the node holds.

    An empty set says that nothing is known.
    """
    if isinstance(node, Leaf):
        return _of_leaf(node)
    if isinstance(node, Not):
        return frozenset()
    found = [_needed(part) for part in node.parts]
    if isinstance(node, And):  # each will do: the fewest, and of these the longest
        return min(found, key=lambda own: (not own, len(own), -min(map(len, own), default=0)))
    return frozenset().union(*found) if all(found) else frozenset()


def _of_leaf(leaf: Leaf) -> frozenset[str]:
    if not isinstance(leaf, Words) or leaf.field not in ("", *DEFAULT):
        return frozenset()
    piece = max((_piece(word, exact=leaf.exact) for word in leaf.words), key=len)
    return frozenset((piece,)) if piece and piece.isascii() else frozenset()


def _piece(word: Word, *, exact: bool) -> str:
    """Return what all forms of a word begin with."""
    accept = accepts(word, exact=exact)
    if isinstance(accept, str):
        return accept
    first, last = min(accept), max(accept)  # between these all others stand, so what both begin with, all do
    alike = next((place for place, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), len(first))
    return first[:alike]
