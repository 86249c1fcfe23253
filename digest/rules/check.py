"""What is worth saying about a rule that can be read but may not mean what was meant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from digest import text
from digest.rules import categories
from digest.rules.certain import certain_parts, verdict
from digest.rules.tree import Category, Leaf, Node, Not, Query, Words, printed

_LONGEST = 60  # characters of a part that is named
_SAYS = {"all": "matches every paper", "none": "can't match any paper"}


def warnings(query: Query) -> tuple[str, ...]:
    """Return one sentence for each doubt.

    They are of lower-case operators and signs that do not count, archives and categories that are none, TeX, terms that
    are written twice, and of rules, or parts of them, that hold for every paper or for none.
    """
    found = [*query.notes]
    for leaf, _ in query.leaves:
        found += _of_leaf(leaf)
    found += _repeated(query.root)
    whole = verdict(query.root)
    if whole:
        found.append(f"the rule {_SAYS[whole]}")
    else:
        found += [f"a part {_SAYS[own]}: {_named(part)}" for part, own in certain_parts(query.root) if own]
    return tuple(dict.fromkeys(found))


def _named(node: Node) -> str:
    return text.shortened(printed(node), _LONGEST)


def _of_leaf(leaf: Leaf) -> Iterator[str]:
    if isinstance(leaf, Category) and not leaf.prefix:
        if leaf.code in categories.ARCHIVES:
            yield f"category:{leaf.written} matches no part of the archive; write category:{leaf.written}.*"
        elif not categories.may_be(leaf.code):
            yield f"arXiv has no category {leaf.written}"
    if isinstance(leaf, Words) and (reads := text.readable(leaf.written)) != leaf.written:
        shown = text.shortened(leaf.written, _LONGEST)
        yield f"{shown} is TeX, and papers are matched as they read; write {text.shortened(reads, _LONGEST)}"


def _repeated(node: Node) -> Iterator[str]:
    """Yield what is said of terms that stand twice among the parts of one AND or OR."""
    if isinstance(node, Leaf):
        return
    parts = (node.part,) if isinstance(node, Not) else node.parts
    bare = [part.part if isinstance(part, Not) else part for part in parts]
    terms = {part.key: part for part in bare if isinstance(part, Leaf)}
    counts = Counter((part.key, own is part) for part, own in zip(bare, parts, strict=True) if isinstance(part, Leaf))
    for (key, _), count in counts.items():
        if count > 1:
            yield f"{_named(terms[key])} stands there {'twice' if count == 2 else f'{count} times'}; once is enough"
    for part in parts:
        yield from _repeated(part)
