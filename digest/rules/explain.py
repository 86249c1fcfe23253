"""Why a rule holds for a paper: the terms that held and where, and how much they weigh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import chain

from digest.models import Hit, Paper
from digest.rules import fields, terms
from digest.rules.tree import And, Leaf, Node, Not, Query, Range

# What a term that held weighs by the best field that it held in; 1.0 in any other.
WEIGHTS = {"title": 3.0, "author": 2.0}

HitsOf = Callable[[Leaf, Paper], Sequence[Hit]]


def explain(query: Query, paper: Paper, hits_of: HitsOf | None = None) -> tuple[Hit, ...]:
    """Return the hits of the positive terms that make the rule hold, in the rule's order; none where it does not hold.

    Terms of a branch that does not hold are left out, and so are negated terms and ``*``: a rule of these alone holds
    without a hit. A term that held in several fields or for several authors has a hit for each. ``hits_of`` stands in
    for ``hits`` where somebody keeps those.
    """
    held = _held(query.root, paper, hits_of or hits, wanted=True) or ()
    return tuple(dict.fromkeys(chain.from_iterable(found for _, found in held)))


def strength(query: Query, paper: Paper) -> float:
    """Return what the rule weighs for a paper: the sum over the positive terms that make it hold, 0.0 without any.

    A term weighs its ``^`` weight times that of its best field: 3.0 for the title, 2.0 for an author, 1.0 for all else
    and for ``*``. A term that stands in the rule twice counts once, with its greater weight. The credits of
    ``Found`` say the same of many papers at once.
    """
    weights: dict[str, float] = {}
    for leaf, found in _held(query.root, paper, hits, wanted=True) or ():
        weights[leaf.key] = max(weights.get(leaf.key, 0.0), weight(leaf, found))
    return sum(weights.values())


def weight(leaf: Leaf, found: Sequence[Hit]) -> float:
    """Return what a term weighs that holds with these hits."""
    return leaf.boost * max((WEIGHTS.get(hit.field, 1.0) for hit in found), default=1.0)


def hits(leaf: Leaf, paper: Paper) -> tuple[Hit, ...]:
    """Return where a term holds for a paper; nothing for ``*`` alone."""
    if leaf.is_everything:
        return ()
    if leaf.field and fields.FIELDS[leaf.field] in ("number", "date"):
        return _number_hits(leaf, paper)
    found = [
        hit
        for field in fields.searched(leaf.field)
        for value in fields.values(paper, field)
        if (hit := _hit(leaf, field, value))
    ]
    return _printed_authors(found, paper) if leaf.field == "author" else tuple(found)


def _hit(leaf: Leaf, field: str, value: str) -> Hit | None:
    if field not in fields.DEFAULT:
        return Hit(leaf.written, field, where=value) if terms.holds(leaf, field, value) else None
    spans = terms.spans(leaf, value)
    return Hit(leaf.written, field, spans) if spans or terms.holds(leaf, field, value) else None


def _held(node: Node, paper: Paper, hits_of: HitsOf, *, wanted: bool) -> list[tuple[Leaf, Sequence[Hit]]] | None:
    """Return the positive terms, with their hits, by which the node holds (or, unless ``wanted``, does not hold).

    None where it is otherwise. NOT is carried down to the terms by De Morgan's laws, so that a term under two of them
    is positive.
    """
    if isinstance(node, Leaf):
        found = hits_of(node, paper)
        if (bool(found) or node.is_everything) is not wanted:
            return None
        return [(node, found)] if wanted else []
    if isinstance(node, Not):
        return _held(node.part, paper, hits_of, wanted=not wanted)
    parts = [_held(part, paper, hits_of, wanted=wanted) for part in node.parts]
    held = [part for part in parts if part is not None]
    needed = len(parts) if isinstance(node, And) is wanted else 1
    return list(chain.from_iterable(held)) if len(held) >= needed else None


def _printed_authors(found: list[Hit], paper: Paper) -> tuple[Hit, ...]:
    """Leave a page's author out where the printed authors held too: it is the same person in other words."""
    return tuple([hit for hit in found if hit.where in paper.authors] or found)


def _number_hits(leaf: Leaf, paper: Paper) -> tuple[Hit, ...]:
    value = fields.number(paper, leaf.field)
    if value is None or (isinstance(leaf, Range) and not leaf.low <= value <= leaf.high):
        return ()
    return (Hit(leaf.written, leaf.field, where=fields.shown(leaf.field, value)),)
