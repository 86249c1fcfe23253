"""Small widenings of a rule: each changes one term, or leaves out one, so that more papers match."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from digest.errors import RuleError
from digest.rules import categories, spelling
from digest.rules.fields import DEFAULT, LABELS
from digest.rules.names import Name
from digest.rules.syntax import parse
from digest.rules.tree import (
    And,
    Category,
    Leaf,
    Node,
    Not,
    Person,
    Query,
    Words,
    both,
    leaves,
    printed,
)
from digest.rules.values import MAX_DISTANCE
from digest.rules.words import forms

APART = 3  # positions that a phrase is let apart
SAME_MEANING = frozenset({"another spelling", "in two words", "in one word", "the whole archive"})  # of ``how``


@dataclass(frozen=True)
class Widening:
    """A rule with one change: ``change`` is the new term, ``how`` says what was done.

    ``before`` and ``after`` are the term that was changed, old and new: where ``after`` holds for no more papers than
    ``before``, the rule does neither. The tree is made when it is first asked for, since few are.
    """

    change: str
    how: str
    before: Query
    after: Query
    rule: Query
    number: int  # of the leaf in the rule

    @cached_property
    def query(self) -> Query:
        """The rule so changed."""
        return _query(_replaced(self.rule.root, self.number, self.after.root))


def widenings(query: Query) -> Iterator[Widening]:
    """Yield the widenings of each positive term, in the rule's order; the same change of the same term once."""
    seen: set[tuple[str, str]] = set()
    for number, (leaf, positive) in enumerate(query.leaves):
        for after, how in _wider(leaf) if positive else ():
            change = printed(_unweighted(after.root))
            if (leaf.key, change) not in seen:
                seen.add((leaf.key, change))
                yield Widening(change, how, _query(_unweighted(leaf)), after, query, number)


def without_one(query: Query) -> Iterator[tuple[str, Query]]:
    """Yield each part of a rule whose parts must all hold, as printed, and the rule without it."""
    if isinstance(query.root, And):
        for number, part in enumerate(query.root.parts):
            rest = both(And, [other for place, other in enumerate(query.root.parts) if place != number])
            yield printed(part), _query(rest)


def _query(node: Node) -> Query:
    return Query(printed(node), node)


def _unweighted(node: Node) -> Node:
    if isinstance(node, Leaf):
        return replace(node, boost=1.0)
    return Not(_unweighted(node.part)) if isinstance(node, Not) else type(node)(tuple(map(_unweighted, node.parts)))


def _replaced(node: Node, number: int, new: Node) -> Node:
    """Return the tree with another node in the place of its leaf with this number."""
    if isinstance(node, Leaf):
        return new
    if isinstance(node, Not):
        return Not(_replaced(node.part, number, new))
    parts: list[Node] = []
    for part in node.parts:
        count = sum(1 for _ in leaves(part))
        parts.append(_replaced(part, number, new) if 0 <= number < count else part)
        number -= count
    return both(type(node), parts)


def _wider(leaf: Leaf) -> Iterator[tuple[Query, str]]:
    """Yield what may stand in the place of a term for more papers to match, with what was done."""
    weight = "" if leaf.boost == 1.0 else f"^{leaf.boost!r}"
    for written, how in _written(leaf):
        with contextlib.suppress(RuleError):  # a word that was cut short may be no term any more
            yield parse(f"{leaf.field}{':' if leaf.field else ''}({written}){weight}"), how
    if leaf.field in DEFAULT and isinstance(leaf, Words):
        yield _query(replace(leaf, field="")), f"not in the {leaf.field} alone"


def _written(leaf: Leaf) -> Iterator[tuple[str, str]]:
    """Yield what may be written after the term's field instead of it."""
    match leaf:
        case Words(exact=True):
            yield leaf.value().removeprefix("="), "with plurals"
        case Words(near=near) if near:
            yield f"{leaf.value().rpartition('~')[0]}~{min(2 * near, MAX_DISTANCE)}", "further apart"
        case Words(words=(word,)):
            yield from _of_word(leaf, word.token) if not word.prefix else ()
        case Words():
            yield from _of_phrase(leaf, [word.token for word in leaf.words])
        case Person(exact=True):
            yield leaf.value().removeprefix("="), "also by initials"
        case Person(name=Name(given=(first, *_), family=family)) if len(first) > 1:
            initial = f'"{first[0].upper()}. {" ".join(family).title()}"'
            yield f"{leaf.value()} OR {initial}", "also by the initial alone"
        case Category(exact=True):
            yield leaf.value().removeprefix("="), "with or without its archive"
        case Category(prefix=False, code=code) if code in categories.ARCHIVES:
            yield f"{leaf.written}.*", "the whole archive"


def _of_word(leaf: Words, token: str) -> Iterator[tuple[str, str]]:
    if token.isascii() and token.isalpha() and len(token) >= spelling.SHORTEST_STEM:
        yield _begun(leaf, token, f"{token}*"), "a prefix"
        stem = spelling.stem(token)
        yield _begun(leaf, stem, f"{stem}*"), "a prefix"
        yield from ((f"{leaf.value()} OR {other}", "another spelling") for other in spelling.variants(token))
        yield from ((f'{leaf.value()} OR "{other}"', "in two words") for other in spelling.parted(token))


def _of_phrase(leaf: Words, tokens: list[str]) -> Iterator[tuple[str, str]]:
    plain = all(token.isascii() for token in tokens) and not any(word.prefix or word.joint for word in leaf.words)
    if not leaf.words[-1].prefix:
        yield _begun(leaf, tokens[-1], f'"{leaf.written}*"'), "a prefix"
    if plain and (stem := spelling.stem(tokens[-1])) != tokens[-1]:
        yield _begun(leaf, stem, f'"{" ".join((*tokens[:-1], stem))}*"'), "a prefix"
    near = f'"{leaf.written}"~{max(APART, len(tokens))}'
    yield _beside(leaf, near, finds_it=leaf.field not in LABELS), "near each other"
    if plain and len(tokens) == 2:
        yield f"{leaf.value()} OR {''.join(tokens)}", "in one word"
    for place, token in enumerate(tokens if plain else ()):
        for other in spelling.variants(token):
            yield f'{leaf.value()} OR "{" ".join((*tokens[:place], other, *tokens[place + 1 :]))}"', "another spelling"


def _begun(leaf: Words, beginning: str, written: str) -> str:
    """Return a term with a star, beside the term itself where that finds other forms: study* does not find studies."""
    every = all(form.startswith(beginning) for form in forms(leaf.words[-1].token))
    return _beside(leaf, written, finds_it=every and leaf.field not in LABELS)


def _beside(leaf: Leaf, written: str, *, finds_it: bool) -> str:
    """Return a wider term, with OR beside the term itself unless it finds all that this does."""
    return written if finds_it else f"{leaf.value()} OR {written}"
