"""Why a rule holds for a paper: the terms that held and where, and how much they weigh."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from digest.models import Hit, Paper
from digest.rules import fields, terms
from digest.rules.tree import And, Anything, Leaf, Node, Not, Query, Range

# What a term that held weighs by the best field that it held in; 1.0 in any other.
WEIGHTS = {"title": 3.0, "author": 2.0}
_TEXTS = frozenset(fields.DEFAULT)


def explain(query: Query, paper: Paper) -> tuple[Hit, ...]:
    """Return the hits of the positive terms that make the rule hold, in the rule's order; none where it does not hold.

    Terms of a branch that does not hold are left out, and so are negated terms and ``*``: a rule of these alone holds
    without a hit. A term that held in several fields or for several authors has a hit for each.
    """
    held = _held(query.root, paper, wanted=True)
    return tuple(dict.fromkeys(held)) if held is not None else ()


def strength(query: Query, paper: Paper, hits: Sequence[Hit]) -> float:
    """Return the weight of what matched: the sum over the positive terms that the hits are of.

    A term weighs its ``^`` weight times that of its best field: 3.0 for the title, 2.0 for an author, 1.0 for all else
    and for ``*``. A term that stands in the rule twice counts once, with its greater weight.
    """
    shown = frozenset(hits)
    weights: dict[str, float] = {}
    for leaf, positive in query.leaves:
        if positive:
            weights[leaf.key] = max(weights.get(leaf.key, 0.0), leaf.boost * _best_field(leaf, paper, shown))
    return sum(weights.values())


def _best_field(leaf: Leaf, paper: Paper, shown: frozenset[Hit]) -> float:
    if _is_everything(leaf):
        return 1.0
    return max((WEIGHTS.get(hit.field, 1.0) for hit in _hits(leaf, paper) if hit in shown), default=0.0)


def _is_everything(leaf: Leaf) -> bool:
    return isinstance(leaf, Anything) and not leaf.field


def _held(node: Node, paper: Paper, *, wanted: bool) -> list[Hit] | None:
    """Return the hits by which the node holds (or, unless ``wanted``, does not hold), None where it is otherwise.

    NOT is carried down to the terms by De Morgan's laws, so that a term under two of them is positive.
    """
    if isinstance(node, Leaf):
        return _leaf(node, paper, wanted=wanted)
    if isinstance(node, Not):
        return _held(node.part, paper, wanted=not wanted)
    parts = [_held(part, paper, wanted=wanted) for part in node.parts]
    found = [hits for hits in parts if hits is not None]
    needed = len(parts) if isinstance(node, And) is wanted else 1
    return [hit for hits in found for hit in hits] if len(found) >= needed else None


def _leaf(leaf: Leaf, paper: Paper, *, wanted: bool) -> list[Hit] | None:
    found = [] if _is_everything(leaf) else _hits(leaf, paper)
    if (bool(found) or _is_everything(leaf)) is not wanted:
        return None
    return found if wanted else []


def _hits(leaf: Leaf, paper: Paper) -> list[Hit]:
    if leaf.field and fields.FIELDS[leaf.field] in ("number", "date"):
        return _number_hits(leaf, paper)
    found = [
        Hit(leaf.written, field, *((terms.spans(leaf, value), "") if field in _TEXTS else ((), value)))
        for field in fields.searched(leaf.field)
        for value in fields.values(paper, field)
        if terms.holds(leaf, field, value)
    ]
    return _printed_authors(found, paper) if leaf.field == "author" else found


def _printed_authors(found: list[Hit], paper: Paper) -> list[Hit]:
    """Leave a page's author out where the printed authors held too: it is the same person in other words."""
    return [hit for hit in found if hit.where in paper.authors] or found


def _number_hits(leaf: Leaf, paper: Paper) -> list[Hit]:
    value = fields.number(paper, leaf.field)
    if value is None or (isinstance(leaf, Range) and not leaf.low <= value <= leaf.high):
        return []
    where = f"{value:g}" if leaf.field == "score" else date.fromordinal(int(value)).isoformat()
    return [Hit(leaf.written, leaf.field, where=where)]
