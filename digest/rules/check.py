"""What is worth saying about a rule that can be read but may not mean what was meant."""

from __future__ import annotations

from typing import Literal

from digest.rules import categories
from digest.rules.tree import And, Anything, Category, Leaf, Node, Not, Query, Range

Verdict = Literal["all", "none"] | None
_OPPOSITE: dict[Verdict, Verdict] = {"all": "none", "none": "all", None: None}


def warnings(query: Query) -> tuple[str, ...]:
    """Return one sentence for each doubt: lower-case operators, signs that do not count, all or nothing matched."""
    found = [*query.notes]
    found += [
        f"category:{leaf.written} matches no part of the archive; write category:{leaf.written}.*"
        for leaf, _ in query.leaves
        if isinstance(leaf, Category) and not leaf.prefix and leaf.code in categories.ARCHIVES
    ]
    verdict = _verdict(query.root)
    if verdict:
        found.append("the rule matches every paper" if verdict == "all" else "the rule can't match any paper")
    return tuple(dict.fromkeys(found))


def _verdict(node: Node) -> Verdict:
    """Return whether the node holds for all papers or for none, where its form alone tells."""
    if isinstance(node, Leaf):
        return _leaf(node)
    if isinstance(node, Not):
        return _OPPOSITE[_verdict(node.part)]
    decisive: Verdict = "none" if isinstance(node, And) else "all"
    verdicts = {_verdict(part) for part in node.parts}
    if decisive in verdicts or _contradicts(node.parts):
        return decisive
    return _OPPOSITE[decisive] if verdicts == {_OPPOSITE[decisive]} else None


def _leaf(leaf: Leaf) -> Verdict:
    if isinstance(leaf, Anything):
        return None if leaf.field not in ("", "title", "listed") else "all"
    if isinstance(leaf, Range) and leaf.low > leaf.high:
        return "none"
    return None


def _contradicts(parts: tuple[Node, ...]) -> bool:
    """Tell whether a part and its opposite are both there."""
    known = {part.key if isinstance(part, Leaf) else part for part in parts}
    return any(
        (part.part.key if isinstance(part.part, Leaf) else part.part) in known
        for part in parts
        if isinstance(part, Not)
    )
