"""The account of a rule for one paper: for each part whether it held, by what, and if not, why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from itertools import repeat
from typing import Any, Literal

from digest import text
from digest.models import Hit, Paper
from digest.rules import fields, names, spelling, words
from digest.rules.explain import hits, strength
from digest.rules.tree import (
    And,
    Anything,
    Category,
    Flag,
    Leaf,
    Node,
    Not,
    Person,
    Query,
    Range,
    Words,
    normal_form,
)

_MOST_NAMES = 8  # authors, categories and places that are named; the others are counted
_AROUND = 28  # characters shown on both sides of a word that was found
_LONGEST = 60  # characters of a value that is shown whole


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


def _alone(leaf: Leaf) -> Query:
    return Query("", leaf)


def _weights(query: Query, paper: Paper, whole: Account) -> Iterator[float]:
    """Yield what each leaf adds; one that stands twice adds its greater weight once, where it makes the rule hold."""
    makes = _makes_it_hold(whole, wanted=True, counts=True)
    weights = [
        strength(_alone(leaf), paper) if positive and counts else 0.0
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
    said = (_where(found, paper) or "every paper") if held else _why_not(leaf, paper)
    return Account("term", held, normal_form(_alone(leaf)), said, weight, found)


# Where a term was found


def _where(found: Sequence[Hit], paper: Paper) -> str:
    """Return in which fields a term was found, with the words around."""
    told = [f"in {hit.field}: {_around(hit, paper)}" if hit.spans else _value(hit) for hit in found]
    more = [f"and {len(told) - _MOST_NAMES} more"] if len(told) > _MOST_NAMES else []
    return "; ".join([*told[:_MOST_NAMES], *more])


def _value(hit: Hit) -> str:
    return f"{hit.field}: {text.shortened(hit.where, _LONGEST)}" if hit.where else f"in {hit.field}"


def _around(hit: Hit, paper: Paper) -> str:
    """Return the first place of a hit in its field's text, marked by «», with some words on both sides."""
    (value,) = fields.values(paper, hit.field)
    read = text.readable(value)
    start, end = hit.spans[0]
    before, after = read[:start], read[end:]
    if len(before) > _AROUND:
        before = "…" + before[-_AROUND:].partition(" ")[2]
    if len(after) > _AROUND:
        after = after[:_AROUND].rpartition(" ")[0] + "…"
    more = f" and {text.counted(len(hit.spans) - 1, 'more place')}" if len(hit.spans) > 1 else ""
    return f"{before}«{read[start:end]}»{after}{more}"


# Why a term was not found


def _why_not(leaf: Leaf, paper: Paper) -> str:
    match leaf:
        case Person():
            return _not_among_authors(leaf, paper)
        case Range():
            return _out_of_range(leaf, paper)
        case Flag(field="has"):
            return "no site shows code" if leaf.flag == "code" else "abstract: not known"
        case Anything():
            return f"{leaf.field}: not known"
        case Category() | Flag():
            return _not_among(leaf.field, fields.values(paper, leaf.field))
        case Words() if leaf.field in ("", *fields.DEFAULT):
            return _not_in_text(leaf, paper)
        case _:
            return _not_in(leaf, paper)


def _not_among(name: str, values: Sequence[str]) -> str:
    if not values:
        return f"{name}: not known"
    more = [f"and {len(values) - _MOST_NAMES} more"] if len(values) > _MOST_NAMES else []
    return f"{name}: " + "; ".join([*(text.shortened(value, _LONGEST) for value in values[:_MOST_NAMES]), *more])


def _not_in(leaf: Leaf, paper: Paper) -> str:
    """Return where the term was looked for; other fields than title and abstract with their values."""
    searched = fields.searched(leaf.field)
    known = [field for field in searched if fields.values(paper, field)]
    if not known:
        return f"{' or '.join(searched)}: not known"
    if leaf.field and leaf.field not in fields.DEFAULT:
        return _not_among(leaf.field, fields.values(paper, leaf.field))
    unknown = [f"; {field}: not known" for field in searched if field not in known]
    return f"not in {' or '.join(known)}{''.join(unknown)}"


def _out_of_range(leaf: Range, paper: Paper) -> str:
    value = fields.number(paper, leaf.field)
    if value is None:
        return f"{leaf.field}: not known"
    shown = f"{value:g}" if fields.FIELDS[leaf.field] == "number" else date.fromordinal(int(value)).isoformat()
    return f"{leaf.field}: {shown}"


def _not_among_authors(leaf: Person, paper: Paper) -> str:
    printed = fields.values(paper, "author")
    if not printed:
        return "author: not known"
    family = leaf.name.family[-1:]
    alike = [name for name in printed if family and family[0] in names.parse(text.readable(name)).parts]
    if alike:
        return (
            f"not among {text.counted(len(printed), 'author')}; of that family name: {'; '.join(alike[:_MOST_NAMES])}"
        )
    return _not_among("author", printed)


def _not_in_text(leaf: Words, paper: Paper) -> str:
    near = _elsewhere(leaf, paper) or _apart(leaf, paper) or _derived(leaf, paper)
    return _not_in(leaf, paper) + (f"; {near}" if near else "")


def _holds(leaf: Leaf, paper: Paper) -> bool:
    return bool(hits(leaf, paper))


def _elsewhere(leaf: Words, paper: Paper) -> str:
    """Return what is said where the term holds in the other field, or with plurals."""
    if leaf.field and _holds(replace(leaf, field=""), paper):
        return f"it is in the {'abstract' if leaf.field == 'title' else 'title'}"
    if leaf.exact and _holds(replace(leaf, exact=False), paper):
        return "another number of it occurs: write it without ="
    return ""


def _apart(leaf: Words, paper: Paper) -> str:
    """Return which words of a phrase occur, where one does."""
    if len(leaf.words) < 2:
        return ""
    asked = dict.fromkeys(replace(word, joint="") for word in leaf.words)
    found = {
        field: [word for word in asked if _holds(replace(leaf, field=field, words=(word,), near=0), paper)]
        for field in fields.searched(leaf.field)
    }
    if any(len(here) == len(asked) for here in found.values()):
        how = f"within {leaf.near} positions" if leaf.near else "next to each other"
        return f"{_listed(asked)} occur, not {how}"
    occur = [word for word in asked if any(word in here for here in found.values())]
    missing = [word for word in asked if word not in occur]
    if not missing:
        return f"{_listed(asked)} occur, not in one field"
    return (
        f"{_listed(occur)} {_does(occur, 'occurs')}, {_listed(missing)} {_does(missing, 'does not')}" if occur else ""
    )


def _does(these: Sequence[words.Word], verb: str) -> str:
    plural = {"occurs": "occur", "does not": "do not"}
    return verb if len(these) == 1 else plural[verb]


def _listed(these: Iterable[words.Word]) -> str:
    shown = [word.token + "*" * word.prefix for word in these]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _derived(leaf: Words, paper: Paper) -> str:
    """Return a word of the paper that a prefix would have found."""
    word = leaf.words[0]
    if len(leaf.words) > 1 or word.prefix or len(word.token) < spelling.SHORTEST_STEM:
        return ""
    stem = spelling.stem(word.token)
    for field in fields.searched(leaf.field):
        for value in fields.values(paper, field):
            for other in words.reading(value).words:
                if other.startswith(stem):
                    return f"{other} occurs: {stem}* finds it"
    return ""
