"""The tree of a rule: its nodes, its leaves, and the normal form that parses to the same tree."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property, reduce
from operator import and_, or_
from typing import TypeAlias

from digest.rules.names import Name
from digest.rules.words import Word

OPERATORS = ("AND", "OR", "NOT")
MIN_BOOST, MAX_BOOST = 0.001, 1000.0

_BARE = re.compile(r"[^\W_]+(?:[-.'][^\W_]+)*(?:\.?\*)?")


@dataclass(frozen=True, kw_only=True)
class Leaf:
    """One term: as written (without field, quotes and weight), its field (``""``: title and abstract) and weight."""

    written: str
    field: str = ""
    boost: float = 1.0

    @cached_property
    def key(self) -> str:
        """What the term asks for, whatever its wording and weight: equal keys match the same papers."""
        return f"{type(self).__name__} {self.field} {self.asked()}"

    def asked(self) -> str:
        """Return what is asked of the field: the same text where it is the same."""
        return ""

    @property
    def is_everything(self) -> bool:
        """Whether it is ``*`` without a field, which holds for every paper and has no hit."""
        return False

    def value(self) -> str:
        """Return the term as the normal form prints it, without field and weight."""
        return self.written


@dataclass(frozen=True, kw_only=True)
class Words(Leaf):
    """A word, a prefix, a phrase (``near`` 0) or words within ``near`` positions of each other."""

    words: tuple[Word, ...]
    exact: bool = False
    near: int = 0

    def asked(self) -> str:
        """Return the words with what joins them, and how they are to be found."""
        return f"{self.exact:d} {self.near} " + " ".join([f"{w.joint}_{w.token}{'*' * w.prefix}" for w in self.words])

    def value(self) -> str:
        """Return the words, in quotes where they need them."""
        return (
            ("=" if self.exact else "")
            + _quoted(self.written, force=bool(self.near))
            + (f"~{self.near}" if self.near else "")
        )


@dataclass(frozen=True, kw_only=True)
class Person(Leaf):
    """An author by name."""

    name: Name
    exact: bool = False

    def asked(self) -> str:
        """Return the parts of the name."""
        return f"{self.exact:d} {self.name}"

    def value(self) -> str:
        """Return the name, in quotes where it needs them."""
        return ("=" if self.exact else "") + _quoted(self.written)


@dataclass(frozen=True, kw_only=True)
class Category(Leaf):
    """A category (folded), or all that begin so where ``prefix``."""

    code: str
    prefix: bool = False
    exact: bool = False

    def asked(self) -> str:
        """Return the category."""
        return f"{self.exact:d} {self.prefix:d} {self.code}"

    def value(self) -> str:
        """Return the category, in quotes where it needs them."""
        return ("=" if self.exact else "") + _quoted(self.written)


@dataclass(frozen=True, kw_only=True)
class Range(Leaf):
    """A number or a date (as its proleptic ordinal) between two bounds, both included."""

    low: float
    high: float

    def asked(self) -> str:
        """Return the bounds."""
        return f"{self.low!r} {self.high!r}"


@dataclass(frozen=True, kw_only=True)
class Flag(Leaf):
    """``has:`` or ``type:`` something; ``written`` is as it was written, ``flag`` in lower case."""

    flag: str

    def asked(self) -> str:
        """Return the flag."""
        return self.flag


@dataclass(frozen=True, kw_only=True)
class Pattern(Leaf):
    """A regular expression in RE2's syntax (https://github.com/google/re2/wiki/Syntax)."""

    pattern: str

    def asked(self) -> str:
        """Return the expression."""
        return self.pattern


@dataclass(frozen=True, kw_only=True)
class Anything(Leaf):
    """``*``: every paper, or with a field every paper of which that field is known."""

    @property
    def is_everything(self) -> bool:
        """Whether it has no field."""
        return not self.field


@dataclass(frozen=True, slots=True)
class And:
    """All parts hold."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One part or more holds."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: Node


Node: TypeAlias = "Leaf | And | Or | Not"


def both(kind: type[And] | type[Or], parts: list[Node]) -> Node:
    """Join nodes by AND or OR; parts of the same kind melt into it, and one part alone is itself."""
    if len(parts) == 1:
        return parts[0]
    flat: list[Node] = []
    for part in parts:
        if isinstance(part, kind):
            flat.extend(part.parts)
        else:
            flat.append(part)
    return kind(tuple(flat))


def negated(node: Node) -> Node:
    """Return NOT of a node; two of them cancel out."""
    return node.part if isinstance(node, Not) else Not(node)


def boosted(node: Node, factor: float) -> Node:
    """Return the node with the weight of each leaf multiplied, within the weights that can be written."""
    if isinstance(node, Leaf):
        return replace(node, boost=min(MAX_BOOST, max(MIN_BOOST, node.boost * factor)))
    if isinstance(node, Not):
        return Not(boosted(node.part, factor))
    return type(node)(tuple(boosted(part, factor) for part in node.parts))


def leaves(node: Node, *, positive: bool = True) -> Iterator[tuple[Leaf, bool]]:
    """Yield each leaf in order, and whether it stands under an even number of NOTs."""
    if isinstance(node, Leaf):
        yield node, positive
    elif isinstance(node, Not):
        yield from leaves(node.part, positive=not positive)
    else:
        for part in node.parts:
            yield from leaves(part, positive=positive)


def evaluated(node: Node, of_leaf: Callable[[Leaf], int], everything: int) -> int:
    """Return the bitmap of what a node holds for, of those of its leaves; ``everything`` is that of ``*``."""
    if isinstance(node, Leaf):
        return of_leaf(node)
    if isinstance(node, Not):
        return everything & ~evaluated(node.part, of_leaf, everything)
    parts = (evaluated(part, of_leaf, everything) for part in node.parts)
    return reduce(and_ if isinstance(node, And) else or_, parts)


@dataclass(frozen=True)
class Query:
    """A rule as it was understood; equal where the trees are, however they were written.

    ``notes`` are what the reading of ``text`` gave reason to warn about (see ``check.warnings``).
    """

    text: str = field(compare=False)
    root: Node
    notes: tuple[str, ...] = field(default=(), compare=False)

    def __str__(self) -> str:
        """Return the normal form."""
        return normal_form(self)

    def __hash__(self) -> int:
        """Return the tree's hash, worked out once: an index looks up every query it has seen."""
        return self._hash

    @cached_property
    def _hash(self) -> int:
        return hash(self.root)

    @cached_property
    def leaves(self) -> tuple[tuple[Leaf, bool], ...]:
        """Each leaf in order, and whether it is positive."""
        return tuple(leaves(self.root))


def _quoted(written: str, *, force: bool = False) -> str:
    bare = not force and _BARE.fullmatch(written) and written not in OPERATORS
    return written if bare else f'"{written}"'


def printed(node: Node) -> str:
    """Return a node with full field names, every operator, and no more quotes and parentheses than needed."""
    if isinstance(node, Leaf):
        weight = f"^{node.boost!r}".removesuffix(".0") if node.boost != 1.0 else ""
        return (f"{node.field}:" if node.field else "") + node.value() + weight
    if isinstance(node, Not):
        return f"NOT {_grouped(node.part)}"
    sign = " AND " if isinstance(node, And) else " OR "
    return sign.join(_grouped(part) for part in node.parts)


def _grouped(node: Node) -> str:
    return f"({printed(node)})" if isinstance(node, And | Or) else printed(node)


def normal_form(query: Query) -> str:
    """Return the rule as ``printed``: it parses to the same tree."""
    return printed(query.root)
