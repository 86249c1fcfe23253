"""A program as bytes, so that what was compiled once is kept from run to run."""

from __future__ import annotations

import hashlib
import json
import sys
import unicodedata
from array import array
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path

from digest.rules.program import NUMBER, Program, Rows
from digest.rules.shapes import Shape
from digest.rules.tree import Leaf, printed

_CHECK = 32  # bytes of a checksum
_LENGTH = 8  # bytes of the head's length


@lru_cache(maxsize=1)
def _maker() -> str:
    """Return what a program depends on besides its rules: the code that reads them, Python, Unicode's tables, RE2."""
    code = hashlib.sha256()
    digest = Path(__file__).parent.parent
    for path in (digest / "text.py", *sorted(Path(__file__).parent.glob("*.py")), *sorted(digest.glob("tex/*.py"))):
        code.update(path.read_bytes())
    return f"{code.hexdigest()} {sys.version} {unicodedata.unidata_version} {sys.byteorder} {version('google-re2')}"


def packed(program: Program) -> bytes:
    """Return a program as bytes: a checksum, a head in JSON, and the numbers as they lie in memory.

    Rules that could not be read are left out.
    """
    head = {
        "maker": _maker(),
        "rules": len(program.kinds),
        "texts": list(program.numbers),
        "terms": [printed(term) if isinstance(term, Leaf) else term for term in program.terms],
        "shapes": [(rows.shape.written, len(rows.rules)) for rows in program.rows],
    }
    told = json.dumps(head).encode()
    numbers = [array(NUMBER, program.numbers.values())]
    numbers += [part for rows in program.rows for part in (rows.rules, rows.terms)]
    body = b"".join([len(told).to_bytes(_LENGTH, "little"), told, bytes(program.kinds), *map(bytes, numbers)])
    return hashlib.sha256(body).digest() + body


def unpacked(data: bytes) -> Program:
    """Return the program that ``packed`` made bytes of; raises ValueError where they are damaged or of other code."""
    if hashlib.sha256(memoryview(data)[_CHECK:]).digest() != data[:_CHECK]:
        raise ValueError("the compiled rules are damaged")
    cut = _Cut(data, _CHECK)
    head = json.loads(cut.bytes(int.from_bytes(cut.bytes(_LENGTH), "little")))
    if head["maker"] != _maker():
        raise ValueError("the rules were compiled by other code")
    kinds = bytearray(cut.bytes(head["rules"]))
    numbers = cut.numbers(len(head["texts"]))
    rows = []
    for written, count in head["shapes"]:
        shape = Shape(written)
        rules = cut.numbers(count)
        rows.append(Rows(shape, cut.numbers(count * shape.slots), rules))
    return Program.restored(dict(zip(head["texts"], numbers, strict=True)), kinds, rows, head["terms"])


class _Cut:
    """Bytes, cut one piece after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self._data = memoryview(data)
        self._at = at

    def bytes(self, length: int) -> bytes:
        """Return the next bytes."""
        self._at += length
        return bytes(self._data[self._at - length : self._at])

    def numbers(self, count: int) -> array[int]:
        """Return the next numbers."""
        found = array(NUMBER)
        found.frombytes(self.bytes(count * found.itemsize))
        return found
