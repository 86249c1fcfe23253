"""What a single term holds for: one value of one field, and where in it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from digest.models import Spans
from digest.rules import categories, names, patterns, words
from digest.rules.fields import LABELS
from digest.rules.tree import Anything, Category, Flag, Leaf, Pattern, Person, Words


def _accepts(leaf: Words) -> list[words.Accept]:
    return [words.accepts(word, exact=leaf.exact) for word in leaf.words]


def _places(leaf: Words, read: words.Reading) -> Iterator[tuple[int, ...]]:
    if leaf.near:
        return words.near(_accepts(leaf), leaf.near, read)
    return words.phrases(leaf.words, _accepts(leaf), read)


def placed(leaf: Words, read: words.Reading) -> bool:
    """Tell whether the words stand in the text as asked."""
    return any(True for _ in _places(leaf, read))


def spans(leaf: Leaf, value: str) -> Spans:
    """Return where the term holds in the readable text of a value: (start, end) in characters, none overlapping."""
    if isinstance(leaf, Pattern):
        return patterns.spans(leaf.pattern, value)
    if not isinstance(leaf, Words):
        return ()
    read = words.reading(value)
    if leaf.near:
        at = sorted(set(chain.from_iterable(_places(leaf, read))))
        return tuple(read.spans[i] for i in at)
    found: list[tuple[int, int]] = []
    for first, last in _places(leaf, read):
        if not found or read.spans[first][0] >= found[-1][1]:
            found.append((read.spans[first][0], read.spans[last][1]))
    return tuple(found)


def _labelled(leaf: Words, read: words.Reading) -> bool:
    """Tell whether the words are the whole of a label, whatever stands between them in either."""
    plain = not leaf.exact and not any(word.prefix for word in leaf.words)
    return plain and "".join(word.token for word in leaf.words) == "".join(read.words)


def holds(leaf: Leaf, field: str, value: str) -> bool:
    """Tell whether the term holds for this value of the field."""
    match leaf:
        case Words():
            read = words.reading(value)
            return placed(leaf, read) or (field in LABELS and _labelled(leaf, read))
        case Person():
            return names.matches(leaf.name, names.printed(value), exact=leaf.exact)
        case Category():
            return categories.matches(leaf.code, categories.folded(value), prefix=leaf.prefix, exact=leaf.exact)
        case Pattern():
            return patterns.holds(leaf.pattern, value)
        case Flag():
            return leaf.flag == value
        case _:
            return isinstance(leaf, Anything)
