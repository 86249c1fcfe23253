"""Blocks of header fields, as reports are made of: unfolded, without controls; what is no field is left out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from digest.text import printable, single_spaced

Fields: TypeAlias = Mapping[str, tuple[str, ...]]  # by name in small letters, in their order

_FIELD = re.compile(r"([!-9;-~]{1,76})[ \t]*:(.*)", re.DOTALL)
_MOST_FIELDS = 500  # of a block; heads that went many ways have a hundred
_MOST_VALUE = 1000  # characters


def fields_of(content: bytes) -> Iterator[Fields]:
    """Yield the blocks of fields in a part, which empty lines part; a block without any field is none."""
    text = content.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    for block in re.split(r"\n[ \t]*\n", text):
        if fields := _block(block):
            yield fields


def _block(block: str) -> Fields:
    found: dict[str, tuple[str, ...]] = {}
    for count, line in enumerate(_unfolded(block)):
        if count >= _MOST_FIELDS:
            break
        if field := _FIELD.fullmatch(line):
            name = field[1].lower()
            found[name] = (*found.get(name, ()), single_spaced(printable(field[2][:_MOST_VALUE])))
    return found


def _unfolded(block: str) -> Iterator[str]:
    pieces: list[str] = []
    for line in block.split("\n"):
        if line[:1] not in (" ", "\t") and pieces:
            yield "\n".join(pieces)
            pieces = []
        pieces.append(line)
    yield "\n".join(pieces)


def first(fields: Fields, *names: str) -> str:
    """Return the value of the first of these fields that is there and not empty, "" for none."""
    return next((value for name in names for value in fields.get(name, ()) if value), "")
