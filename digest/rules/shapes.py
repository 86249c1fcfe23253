"""The shape of a rule: its tree without its terms. Rules of one shape are evaluated by one loop of compiled code.

A shape is written as JSON: a slot (its number) for a term, ``[slot, weight]`` for one with a weight, ``["-", part]``
for NOT, ``["&", …]`` and ``["|", …]`` for AND and OR. Slots count the different terms from 0 as they appear.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, reduce
from operator import and_, or_
from typing import Any, TypeAlias

from digest.rules.tree import And, Leaf, Node, Not

_Part: TypeAlias = tuple[Any, ...]  # ``_TERM``, slot and weight, or a sign and the parts that it is for
_Rows: TypeAlias = Iterable[Sequence[int]]

_TERM = "term"

# Shapes with more slots than this are walked term by term: few rules share them, and Python compiles long
# expressions slowly.
_MOST_SLOTS = 40


def shape_of(root: Node) -> tuple[str, list[Leaf]]:
    """Return a tree's shape as text, and the term of each slot."""
    slots: dict[str, int] = {}
    terms: list[Leaf] = []
    return _written(root, slots, terms), terms


def _written(node: Node, slots: dict[str, int], terms: list[Leaf]) -> str:
    if isinstance(node, Leaf):
        slot = slots.setdefault(node.key, len(terms))
        if slot == len(terms):
            terms.append(node)
        return str(slot) if node.boost == 1.0 else f"[{slot},{node.boost!r}]"
    if isinstance(node, Not):
        return f'["-",{_written(node.part, slots, terms)}]'
    sign = "&" if isinstance(node, And) else "|"
    return f'["{sign}",{",".join([_written(part, slots, terms) for part in node.parts])}]'


class Shape:
    """A shape, and what can be worked out for rules that have it: which papers they hold for, and by what weight."""

    def __init__(self, written: str) -> None:
        """Read a shape as ``shape_of`` writes it; raises ValueError for anything else, for it becomes code."""
        self.written = written
        self._root = _read(json.loads(written))

    @cached_property
    def slots(self) -> int:
        """How many different terms a rule of this shape has."""
        return 1 + max(slot for slot, _ in _leaves(self._root))

    @cached_property
    def positive(self) -> frozenset[int]:
        """The slots whose term stands somewhere under an even number of NOTs."""
        return frozenset(slot for slot, positive in _leaves(self._root) if positive)

    @cached_property
    def evaluate(self) -> Callable[[Sequence[int], int, _Rows], list[int]]:
        """A function of the terms' bitmaps, the bitmap of all papers, and rows of slots' term numbers → bitmaps."""
        if self.slots > _MOST_SLOTS:
            return lambda terms, everything, rows: [
                _walked(self._root, [terms[number] for number in row], everything) for row in rows
            ]
        names = [f"t{slot}" for slot in range(self.slots)]
        code = f"lambda T, A, rows: [{_coded(self._root)} for {', '.join(names)}{',' * (len(names) == 1)} in rows]"
        made: Callable[[Sequence[int], int, _Rows], list[int]] = eval(code)  # noqa: S307  # all of it is written here
        return made

    def counted(self, terms: Sequence[int], everything: int, held: int) -> Iterator[tuple[int, float, int]]:
        """Yield (slot, weight, papers) for each positive term: for which papers it counts in what the rule weighs.

        ``terms`` has a bitmap for each slot; ``held`` is that of the papers that the rule holds for. A term counts
        where it holds and every group around it does what the rule needs of it.
        """
        yield from _counted(self._root, terms, everything, held, wanted=True)


def _read(written: Any) -> _Part:
    """Return a shape as it is walked; raises ValueError where JSON is no shape of a rule."""
    match written:
        case int(slot) if slot >= 0 and not isinstance(slot, bool):
            return _TERM, slot, 1.0
        case [int(slot), float(weight)] if slot >= 0 and not isinstance(slot, bool):
            return _TERM, slot, weight
        case ["-", inner]:
            return "-", _read(inner)
        case ["&" | "|" as sign, _, _, *_]:
            return sign, *map(_read, written[1:])
    raise ValueError(f"{written!r} is no shape of a rule")


def _leaves(part: _Part, *, positive: bool = True) -> Iterator[tuple[int, bool]]:
    """Yield the slot of each term, and whether it is under an even number of NOTs."""
    if part[0] == _TERM:
        yield part[1], positive
        return
    for inner in part[1:]:
        yield from _leaves(inner, positive=positive is (part[0] != "-"))


def _coded(part: _Part) -> str:
    """Return the shape as an expression on ``T[slot's term]`` (``A``: all papers)."""
    if part[0] == _TERM:
        return f"T[t{part[1]}]"
    if part[0] == "-":
        return f"(A&~{_coded(part[1])})"
    return f"({part[0].join(_coded(inner) for inner in part[1:])})"


def _walked(part: _Part, terms: Sequence[int], everything: int) -> int:
    """Return the papers that the shape holds for, with these terms' papers in its slots."""
    if part[0] == _TERM:
        return terms[part[1]]
    if part[0] == "-":
        return everything & ~_walked(part[1], terms, everything)
    return reduce(and_ if part[0] == "&" else or_, (_walked(inner, terms, everything) for inner in part[1:]))


def _counted(
    part: _Part, terms: Sequence[int], everything: int, within: int, *, wanted: bool
) -> Iterator[tuple[int, float, int]]:
    """Yield as ``Shape.counted`` does, of papers for all of which the part holds (or, unless ``wanted``, does not).

    NOT is carried down to the terms by De Morgan's laws.
    """
    if part[0] == _TERM:
        if wanted and within:
            yield part[1], part[2], within
        return
    if part[0] == "-":
        yield from _counted(part[1], terms, everything, within, wanted=not wanted)
        return
    all_needed = (part[0] == "&") is wanted
    for inner in part[1:]:
        papers = within
        if not all_needed:
            holds = _walked(inner, terms, everything)
            papers &= holds if wanted else ~holds
        yield from _counted(inner, terms, everything, papers, wanted=wanted)
