"""The account of a rule for one paper: for each part whether it held, by what, and if not, why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import repeat
from typing import Any, Literal

from digest.models import Hit, Paper
from digest.rules.explain import hits, strength
from digest.rules.reasons import where, why_not
from digest.rules.tree import And, Anything, Leaf, Node, Not, Query, printed


@dataclass(frozen=True, slots=True)
class Account:
    """One node of a rule for one paper.

    ``kind`` is ``all`` (AND), ``any`` (OR), ``not`` or ``term``; ``asked`` the term as the normal form prints it, ""
    for other nodes. ``said`` tells people where a term was found or why it was not; ``weight`` is what it adds to the
    rule's strength for the paper.
    """

    kind: Literal["all", "any", "not", "term"]
    held: bool
    asked: str = ""
    said: str = ""
    weight: float = 0.0
    hits: tuple[Hit, ...] = ()
    parts: tuple[Account, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """Return the account as JSON; a node without parts has none."""
        row: dict[str, Any] = {"kind": self.kind, "held": self.held}
        if self.kind == "term":
            hits = [asdict(hit) | {"spans": [list(span) for span in hit.spans]} for hit in self.hits]
            return row | {"asked": self.asked, "said": self.said, "weight": self.weight, "hits": hits}
        return row | {"parts": [part.as_row() for part in self.parts]}


def account(query: Query, paper: Paper) -> Account:
    """Return the account of the whole rule; the weights of its terms add up to ``strength``, 0 where it fails."""
    nothing = _node(query.root, paper, repeat(0.0))
    return _node(query.root, paper, iter(_weights(query, paper, nothing))) if nothing.held else nothing


def _weights(query: Query, paper: Paper, whole: Account) -> Iterator[float]:
    """Yield what each leaf adds; one that stands twice adds its greater weight once, where it makes the rule hold."""
    makes = _makes_it_hold(whole, wanted=True, counts=True)
    weights = [
        strength(Query("", leaf), paper) if positive and counts else 0.0
        for (leaf, positive), counts in zip(query.leaves, makes, strict=True)
    ]
    best: dict[str, int] = {}
    for place, (leaf, _) in enumerate(query.leaves):
        if weights[place] > weights[best.setdefault(leaf.key, place)]:
            best[leaf.key] = place
    for place, (leaf, _) in enumerate(query.leaves):
        yield weights[place] if best[leaf.key] == place else 0.0


def _makes_it_hold(own: Account, *, wanted: bool, counts: bool) -> Iterator[bool]:
    """Yield of each term whether it stands where all around it is as the rule wants it."""
    counts = counts and own.held is wanted
    if own.kind == "term":
        yield counts
    for part in own.parts:
        yield from _makes_it_hold(part, wanted=wanted is not (own.kind == "not"), counts=counts)


def _node(node: Node, paper: Paper, weights: Iterator[float]) -> Account:
    if isinstance(node, Leaf):
        return _term(node, paper, next(weights))
    if isinstance(node, Not):
        part = _node(node.part, paper, weights)
        return Account("not", not part.held, parts=(part,))
    parts = tuple(_node(part, paper, weights) for part in node.parts)
    if isinstance(node, And):
        return Account("all", all(part.held for part in parts), parts=parts)
    return Account("any", any(part.held for part in parts), parts=parts)


def _term(leaf: Leaf, paper: Paper, weight: float) -> Account:
    found = hits(leaf, paper)
    held = bool(found) or (isinstance(leaf, Anything) and not leaf.field)
    said = where(leaf, found, paper) if held else why_not(leaf, paper)
    return Account("term", held, printed(leaf), said, weight, found)
