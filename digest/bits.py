"""Bitmaps as Python's integers: made of the positions of their bits, and read back."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

_FEW = 8  # up to so many bits, setting each in an integer is faster than in an array of bytes


def bitmap(numbers: Collection[int], size: int) -> int:
    """Return the bitmap with these bits, all below ``size``: linear in both, unlike setting bits in an integer."""
    if len(numbers) <= _FEW:
        bits = 0
        for number in numbers:
            bits |= 1 << number
        return bits
    row = bytearray((size >> 3) + 1)
    for number in numbers:
        row[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(row, "little")


def ones(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    digits = f"{bits:b}"[::-1]
    position = digits.find("1")
    while position >= 0:
        yield position
        position = digits.find("1", position + 1)


def union(found: Iterable[int]) -> int:
    """Return the bitmap of what is in one of these or more."""
    bits = 0
    for one in found:
        bits |= one
    return bits
