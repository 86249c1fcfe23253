"""Whether a rule holds for every paper or for none, where its form alone tells.

A part of few different terms is tried with every way in which its terms can hold together; longer ones are told from
their parts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import permutations
from operator import or_
from typing import Literal

from digest.rules.fields import FIELDS, LABELS
from digest.rules.tree import And, Anything, Leaf, Node, Not, Or, Range, Words, both, evaluated, leaves
from digest.rules.words import Accept, accepts

Verdict = Literal["all", "none"] | None
MOST_TERMS = 10  # tried together, in 1,024 ways

_OPPOSITE: dict[Verdict, Verdict] = {"all": "none", "none": "all", None: None}
_ALWAYS_KNOWN = ("", "title", "listed")


def verdict(root: Node) -> Verdict:
    """Return ``all`` or ``none`` where the node holds for every paper or for no paper, None where papers decide."""
    return _verdict(_flat(root, wanted=True))


def certain_parts(root: Node) -> Iterator[tuple[Node, Verdict]]:
    """Yield the largest parts with a verdict of their own within a rule that has none; ``*`` is meant so."""
    for part in () if isinstance(root, Leaf) else (root.part,) if isinstance(root, Not) else root.parts:
        if found := verdict(part):
            if not isinstance(part, Anything):
                yield part, found
        else:
            yield from certain_parts(part)


def _flat(node: Node, *, wanted: bool) -> Node:
    """Return the node (or, unless ``wanted``, its opposite) with NOT at its terms only, by De Morgan's laws."""
    if isinstance(node, Leaf):
        return node if wanted else Not(node)
    if isinstance(node, Not):
        return _flat(node.part, wanted=not wanted)
    kind = And if isinstance(node, And) is wanted else Or
    return both(kind, [_flat(part, wanted=wanted) for part in node.parts])


def _verdict(node: Node) -> Verdict:
    terms = {leaf.key: leaf for leaf, _ in leaves(node)}
    if len(terms) <= MOST_TERMS:
        return _tried(node, list(terms.values()))
    if isinstance(node, Leaf | Not):
        return None
    decisive: Verdict = "none" if isinstance(node, And) else "all"
    verdicts = {_verdict(part) for part in node.parts}
    if decisive in verdicts or _contradicts(node.parts):
        return decisive
    return _OPPOSITE[decisive] if verdicts == {_OPPOSITE[decisive]} else None


def _contradicts(parts: tuple[Node, ...]) -> bool:
    """Tell whether a term and its opposite are both there."""
    plain = {part.key for part in parts if isinstance(part, Leaf)}
    return any(part.part.key in plain for part in parts if isinstance(part, Not) and isinstance(part.part, Leaf))


def _tried(node: Node, terms: Sequence[Leaf]) -> Verdict:
    """Try the node on every case that can be: bit i of a row tells whether it holds in case i."""
    whole = (1 << (1 << len(terms))) - 1
    rows = {leaf.key: _row(place, len(terms)) for place, leaf in enumerate(terms)}
    possible = _possible(terms, rows, whole)
    held = evaluated(node, lambda leaf: rows[leaf.key], whole) & possible
    return "none" if not held else "all" if held == possible else None


def _row(place: int, count: int) -> int:
    """Return the row of a term: of 2**count cases, it holds in those whose number has the bit ``place``."""
    run = 1 << place
    ones = ((1 << run) - 1) << run
    return sum(ones << start for start in range(0, 1 << count, 2 * run))


def _possible(terms: Sequence[Leaf], rows: dict[str, int], whole: int) -> int:
    """Return the cases that a paper can be: no number is in two ranges that do not meet, a phrase has its words."""
    possible = whole
    for leaf in terms:
        if isinstance(leaf, Anything) and leaf.field in _ALWAYS_KNOWN:
            possible &= rows[leaf.key]
    for narrow, wide in permutations(terms, 2):
        if implies(narrow, wide):
            possible &= ~rows[narrow.key] | rows[wide.key]
    for field in {leaf.field for leaf in terms if isinstance(leaf, Range)}:
        ranges = [leaf for leaf in terms if isinstance(leaf, Range) and leaf.field == field]
        possible &= reduce(or_, (_case(values, ranges, rows, whole) for values in _values(field, ranges)))
    return possible & whole


def _values(field: str, ranges: Sequence[Range]) -> Iterator[float | None]:
    """Yield one value out of every stretch between the bounds of ranges, and None where it may be unknown."""
    bounds = sorted({bound for own in ranges for bound in (own.low, own.high)})
    yield from bounds
    whole_days = FIELDS[field] == "date"
    for low, high in zip([float("-inf"), *bounds], [*bounds, float("inf")], strict=True):
        if whole_days and high - low > 1:
            yield high - 1 if low == float("-inf") else low + 1
        elif not whole_days and low < (between := _between(low, high)) < high:
            yield between
    if field not in _ALWAYS_KNOWN:
        yield None


def _between(low: float, high: float) -> float:
    if low == float("-inf"):
        return high - 1
    return low + 1 if high == float("inf") else (low + high) / 2


def _case(value: float | None, ranges: Sequence[Range], rows: dict[str, int], whole: int) -> int:
    """Return the cases in which just those of a field's ranges hold that have the value in them."""
    found = whole
    for own in ranges:
        inside = value is not None and own.low <= value <= own.high
        found &= rows[own.key] if inside else ~rows[own.key]
    return found


def implies(narrow: Leaf, wide: Leaf) -> bool:
    """Tell whether every paper that one term holds for is one that the other holds for, as far as is looked at."""
    if isinstance(wide, Anything):
        return bool(wide.field) and narrow.field == wide.field
    if not (isinstance(narrow, Words) and isinstance(wide, Words)) or not _in_field(narrow.field, wide.field):
        return False
    asked = [accepts(word, exact=narrow.exact) for word in narrow.words]
    wanted = [accepts(word, exact=wide.exact) for word in wide.words]
    if len(wanted) == 1:
        return any(_within(one, wanted[0]) for one in asked)
    same = [word.joint for word in narrow.words] == [word.joint for word in wide.words]
    return not (narrow.near or wide.near) and same and all(map(_within, asked, wanted))


def _in_field(narrow: str, wide: str) -> bool:
    """Tell whether what stands in one field stands in the other; names of sites are matched in looser ways."""
    return (narrow == wide or (not wide and narrow in ("title", "abstract"))) and narrow not in LABELS


def _within(narrow: Accept, wide: Accept) -> bool:
    """Tell whether each word that is taken for one is taken for the other."""
    if isinstance(wide, str):
        return narrow.startswith(wide) if isinstance(narrow, str) else all(word.startswith(wide) for word in narrow)
    return not isinstance(narrow, str) and narrow <= wide
