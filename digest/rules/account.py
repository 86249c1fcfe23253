"""The account of a rule for one paper: for each part whether it held, by what, and if not, why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from digest.models import Hit, Paper
from digest.rules.explain import hits, weight
from digest.rules.reasons import where, why_not
from digest.rules.tree import And, Leaf, Node, Not, Query, printed


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
    own = _node(query.root, paper)
    return _weighed(own, _weights(query, own)) if own.held else own


def _node(node: Node, paper: Paper) -> Account:
    if isinstance(node, Leaf):
        return _term(node, paper)
    if isinstance(node, Not):
        part = _node(node.part, paper)
        return Account("not", not part.held, parts=(part,))
    parts = tuple(_node(part, paper) for part in node.parts)
    if isinstance(node, And):
        return Account("all", all(part.held for part in parts), parts=parts)
    return Account("any", any(part.held for part in parts), parts=parts)


def _term(leaf: Leaf, paper: Paper) -> Account:
    found = hits(leaf, paper)
    held = bool(found) or leaf.is_everything
    said = where(leaf, found, paper) if held else why_not(leaf, paper)
    return Account("term", held, printed(leaf), said, hits=found)


def _weighed(own: Account, weights: Iterator[float]) -> Account:
    """Return the account with the weights given to its terms in order."""
    if own.kind == "term":
        return replace(own, weight=next(weights))
    return replace(own, parts=tuple(_weighed(part, weights) for part in own.parts))


def _weights(query: Query, whole: Account) -> Iterator[float]:
    """Yield what each leaf adds; one that stands twice adds its greater weight once, where it makes the rule hold."""
    leaves = [leaf for leaf, _ in query.leaves]
    makes = _making(whole, wanted=True, counts=True)
    weights = [weight(leaf, term.hits) if counts else 0.0 for leaf, (term, counts) in zip(leaves, makes, strict=True)]
    best: dict[str, int] = {}
    for place, leaf in enumerate(leaves):
        if weights[place] > weights[best.setdefault(leaf.key, place)]:
            best[leaf.key] = place
    yield from (weights[place] if best[leaf.key] == place else 0.0 for place, leaf in enumerate(leaves))


def _making(own: Account, *, wanted: bool, counts: bool) -> Iterator[tuple[Account, bool]]:
    """Yield each term, and whether it holds where all around it is as the rule wants it."""
    counts = counts and own.held is wanted
    if own.kind == "term":
        yield own, counts and wanted
    for part in own.parts:
        yield from _making(part, wanted=wanted is not (own.kind == "not"), counts=counts)
