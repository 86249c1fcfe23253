"""Many rules as one program: equal rules and equal terms once, rules of one shape side by side, ready to run."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from digest.errors import RuleError
from digest.rules.found import Found
from digest.rules.index import Index
from digest.rules.shapes import Shape, shape_of
from digest.rules.syntax import parse
from digest.rules.tree import Flag, Leaf

PEOPLE, REPLACED = 1, 2  # what a rule is besides its tree, as bits
_TELLING = frozenset({"author", "type"})  # fields without which it is neither
NUMBER = "I"  # of a rule or a term, in arrays: four bytes


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a program holds: texts of rules, different rules, their terms, different terms, shapes."""

    texts: int
    rules: int
    terms: int
    distinct_terms: int
    shapes: int


@dataclass(slots=True)
class Rows:
    """The rules of one shape: the numbers of their terms, slot by slot, and their own numbers."""

    shape: Shape
    terms: array[int] = field(default_factory=lambda: array(NUMBER))
    rules: array[int] = field(default_factory=lambda: array(NUMBER))

    def __iter__(self) -> Iterator[tuple[int, ...]]:
        """Yield the numbers of the terms of each rule."""
        return zip(*[iter(self.terms)] * self.shape.slots, strict=True)

    def row(self, place: int) -> Sequence[int]:
        """Return the numbers of the terms of the rule at a place."""
        slots = self.shape.slots
        return self.terms[place * slots : (place + 1) * slots]


class Program:
    """Compiled rules, looked up by their text.

    Cost: a rule is read and compiled once, and takes a row of a few integers besides its text; its terms and its shape
    are shared with all rules that have the same.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        """Compile rules; those that cannot be read are in ``problems``, by their text."""
        self.problems: dict[str, RuleError] = {}
        self.numbers: dict[str, int] = {}  # text → the rule's number
        self.kinds = bytearray()  # by the rule's number
        self.rows: list[Rows] = []
        self.terms: list[Leaf | str] = []  # one that is a text is still to be read
        self._places = array("Q")  # by the rule's number: which rows, and which place in them
        self._by_shape: dict[str, int] = {}
        self._by_term: dict[str, int] = {}
        self._by_row: dict[bytes, int] = {}
        self.add(texts)

    @classmethod
    def restored(cls, numbers: dict[str, int], kinds: bytearray, rows: list[Rows], terms: Sequence[str]) -> Program:
        """Return the program that these were the parts of; its terms are read when they are asked for."""
        program = cls()
        program.numbers, program.kinds, program.rows, program.terms = numbers, kinds, rows, list(terms)
        program._places.extend(0 for _ in kinds)
        for at, own in enumerate(rows):
            for place, number in enumerate(own.rules):
                program._places[number] = at << 32 | place
        return program

    @property
    def counts(self) -> Counts:
        """How much the program holds."""
        terms = sum(len(rows.terms) for rows in self.rows)
        return Counts(len(self.numbers), len(self.kinds), terms, len(self.terms), len(self.rows))

    def add(self, texts: Iterable[str]) -> int:
        """Compile the rules that are not there yet; return how many could be read."""
        before = len(self.numbers)
        new = [text for text in dict.fromkeys(texts) if text not in self.numbers and text not in self.problems]
        if new:
            self._remember()
        for text in new:
            try:
                self.numbers[text] = self._compiled(text)
            except RuleError as error:
                self.problems[text] = error
        return len(self.numbers) - before

    def only(self, texts: Iterable[str]) -> Program:
        """Return a program of these rules alone; those that this one does not have are compiled."""
        smaller = Program()
        numbers: dict[int, int] = {}
        terms: dict[int, int] = {}
        missing = []
        for text in texts:
            number = self.numbers.get(text)
            if number is None:
                missing.append(text)
                continue
            if number not in numbers:
                rows, place = self.place(number)
                row = [terms.setdefault(term, len(terms)) for term in rows.row(place)]
                numbers[number] = smaller.put(rows.shape, row, self.kinds[number])
            smaller.numbers[text] = numbers[number]
        smaller.terms = [self.terms[term] for term in terms]
        smaller.add(missing)
        return smaller

    def run(self, index: Index) -> Found:
        """Return which rules hold for which papers of an index."""
        return Found(self, index)

    def leaf(self, term: int) -> Leaf:
        """Return a term by its number."""
        found = self.terms[term]
        if isinstance(found, str):
            found = self.terms[term] = parse(found, longest=len(found)).leaves[0][0]  # was read once, if shorter
        return found

    def place(self, number: int) -> tuple[Rows, int]:
        """Return the rows that a rule is in, by its number, and its place there."""
        rows, place = divmod(self._places[number], 1 << 32)
        return self.rows[rows], place

    def is_for_people(self, text: str) -> bool:
        """Tell whether a rule asks for authors and nothing else."""
        return bool(self.kinds[self.numbers[text]] & PEOPLE)

    def asks_for_replaced(self, text: str) -> bool:
        """Tell whether a rule asks for replaced papers (decision 1: only then do they come back)."""
        return bool(self.kinds[self.numbers[text]] & REPLACED)

    def put(self, shape: Shape, terms: Sequence[int], kind: int) -> int:
        """Add a rule of which the terms are there, unless it is there itself; return its number."""
        at = self._by_shape.setdefault(shape.written, len(self.rows))
        if at == len(self.rows):
            self.rows.append(Rows(shape))
        number = self._by_row.setdefault(array(NUMBER, (at, *terms)).tobytes(), len(self.kinds))
        if number == len(self.kinds):
            rows = self.rows[at]
            self._places.append(at << 32 | len(rows.rules))
            self.kinds.append(kind)
            rows.terms.extend(terms)
            rows.rules.append(number)
        return number

    def _compiled(self, text: str) -> int:
        written, leaves = shape_of(parse(text).root)
        at = self._by_shape.get(written)
        shape = Shape(written) if at is None else self.rows[at].shape
        terms = [self._term(leaf) for leaf in leaves]
        return self.put(shape, terms, _kind(shape, leaves))

    def _term(self, leaf: Leaf) -> int:
        number = self._by_term.setdefault(leaf.key, len(self.terms))
        if number == len(self.terms):
            self.terms.append(leaf)
        return number

    def _remember(self) -> None:
        """Make the look-ups that compiling needs, where what is there came without them."""
        if len(self._by_term) == len(self.terms):
            return
        self._by_term = {self.leaf(term).key: term for term in range(len(self.terms))}
        self._by_shape = {rows.shape.written: at for at, rows in enumerate(self.rows)}
        keyed = (
            (at, number, row) for at, rows in enumerate(self.rows) for number, row in zip(rows.rules, rows, strict=True)
        )
        self._by_row = {array(NUMBER, (at, *row)).tobytes(): number for at, number, row in keyed}


def _kind(shape: Shape, leaves: Sequence[Leaf]) -> int:
    fields = {leaf.field for leaf in leaves}
    if fields.isdisjoint(_TELLING):
        return 0
    flags = [slot for slot, leaf in enumerate(leaves) if isinstance(leaf, Flag) and leaf.flag == "replaced"]
    people = bool(shape.positive) and fields == {"author"}
    return PEOPLE * people | REPLACED * (not shape.positive.isdisjoint(flags))
