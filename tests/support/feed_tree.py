"""XML as the feed rules see it: a plain tree of what expat reports, with the lines and prefixes that a tree loses.

Expat is what the W3C feed validator reads with; it refuses what is not well-formed and every character that XML 1.0
(section 2.2) forbids, written out or as a reference.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

XML = "http://www.w3.org/XML/1998/namespace"
XHTML = "http://www.w3.org/1999/xhtml"
_BETWEEN = " "  # cannot stand in a namespace that is an IRI, nor in a name


@dataclass(slots=True)
class Node:
    """An element: its namespace and name, its attributes (by name, by "namespace name" where they have one)."""

    space: str
    name: str
    attributes: dict[str, str]
    in_hexadecimal: bool  # a hexadecimal character reference stands on the line where the element begins
    children: list[Node] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)  # its own text, without its children's

    @property
    def text(self) -> str:
        """The element's own text, as it stands."""
        return "".join(self.pieces)

    def named(self, name: str) -> list[Node]:
        """Return the children of this name in the element's own namespace."""
        return [child for child in self.children if child.name == name and child.space == self.space]

    def all(self) -> Iterator[Node]:
        """Yield the element and all below it, in the document's order."""
        stack = [self]
        while stack:
            node = stack.pop()
            yield node
            stack.extend(reversed(node.children))


@dataclass(slots=True)
class Tree:
    """A document: its root, its namespace declarations in order, and whether it has a document type."""

    root: Node
    declared: list[tuple[str, str]]  # (prefix, namespace)
    has_doctype: bool


class NotXMLError(Exception):
    """The bytes are no well-formed XML 1.0 in UTF-8; the message says why and where."""


def read(data: bytes) -> Tree:
    """Return the tree of an XML document in UTF-8; raises NotXMLError."""
    try:
        data.decode("utf-8")
        return _Reading(data).tree()
    except (UnicodeDecodeError, expat.ExpatError) as error:
        raise NotXMLError(str(error)) from None


class _Reading:
    """One pass over a document."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._lines = [b"&#x" in line for line in data.split(b"\n")]
        self._top = Node("", "", {}, in_hexadecimal=False)
        self._open = [self._top]
        self._declared: list[tuple[str, str]] = []
        self._has_doctype = False
        self._parser = expat.ParserCreate("utf-8", _BETWEEN)
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._begins
        self._parser.EndElementHandler = self._ends
        self._parser.CharacterDataHandler = self._says
        self._parser.StartNamespaceDeclHandler = self._declares
        self._parser.StartDoctypeDeclHandler = self._has_type

    def tree(self) -> Tree:
        self._parser.Parse(self._data, True)
        return Tree(self._top.children[0], self._declared, self._has_doctype)

    def _begins(self, name: str, attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(_BETWEEN)
        node = Node(space, local, attributes, self._lines[self._parser.CurrentLineNumber - 1])
        self._open[-1].children.append(node)
        self._open.append(node)

    def _ends(self, name: str) -> None:
        self._open.pop()

    def _says(self, text: str) -> None:
        self._open[-1].pieces.append(text)

    def _declares(self, prefix: str | None, space: str | None) -> None:
        self._declared.append((prefix or "", space or ""))

    def _has_type(self, *_: object) -> None:
        self._has_doctype = True
        raise expat.ExpatError("a document type, whose entities no reader should resolve")
