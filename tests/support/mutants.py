"""Dumps broken on purpose: seeds of every layout and container, and a mutator that a number decides."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence

_TOKENS = [
    b"\x00", b"\xff", b"\xfe\xff", b"\xef\xbb\xbf", b"\r", b"\r\n\r\n", b"\n" * 50, b" " * 300, b"\t", b"\x1f\x8b",
    b"PK\x03\x04", b"<", b"</", b"<!--", b"-->", b"<![CDATA[", b"]]>", b"&#0;", b"&#xD800;", b"&amp;lt;",
    b"<div>" * 200, b"<a href=", b"<script>", b"<table><tr><td>", b"<!DOCTYPE x [<!ENTITY a 'b'>]>", b"&a;",
    b"<?xml version='1.0' encoding='utf-16'?>", b"{", b"}", b"[" * 200, b'{"title": ', b'"', b"\\", b"\\u0000",
    b"1e999", b"NaN", b"-" * 78, b"\\\\", b"%-%-%-%", b"%%--%%--", b"@article{", b"TY  - JOUR\n", b"ER  - \n",
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\n", b"Content-Transfer-Encoding: base64\n\n",
    b"From: a\nDate: b\n\n", b"=?utf-8?b?////?=", b"](", b"[1]", b"# ", b"> " * 20,
    b"Goto\nCollaborating Authors\n", b"Get trending papers in your email inbox!\n", b"36.1ROJun 17, 2022Code\n",
    "é".encode("latin-1"), "\u202e\u200b\ufeff".encode(), b"$" * 100, b"\\frac{" * 60, b"99999999999999999999",
]  # fmt: skip


def mutated(seeds: Sequence[bytes], number: int) -> bytes:
    """Return the so-manieth mutant: a seed with one to six faults."""
    dice = random.Random(number)
    data = dice.choice(seeds)
    for _ in range(dice.randint(1, 6)):
        data = dice.choice(_FAULTS)(data, dice, seeds)[:2_000_000]
    return data


def _place(data: bytes, dice: random.Random) -> int:
    return dice.randint(0, len(data))


def _piece(data: bytes, dice: random.Random, most: int = 4000) -> bytes:
    start = _place(data, dice)
    return data[start : start + dice.randint(0, most)]


def _flip(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    changed = bytearray(data)
    for _ in range(dice.randint(1, 20)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    place = _place(data, dice)
    return data[:place] if dice.random() < 0.7 else data[place:]


def _insert(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    place = _place(data, dice)
    return data[:place] + dice.choice(_TOKENS) * dice.choice([1, 1, 1, 7, 300]) + data[place:]


def _splice(data: bytes, dice: random.Random, seeds: Sequence[bytes]) -> bytes:
    place = _place(data, dice)
    return data[:place] + _piece(dice.choice(seeds), dice, 20_000) + data[place:]


def _repeat(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    place = _place(data, dice)
    return data[:place] + _piece(data, dice, 300) * dice.choice([2, 30, 1000]) + data[place:]


def _drop(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    place = _place(data, dice)
    return data[:place] + data[place + dice.randint(1, 500) :]


def _lines(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    lines = data.split(b"\n")
    act = dice.choice(["shuffle", "join", "double", "rewrap"])
    if act == "shuffle":
        start = dice.randrange(len(lines))
        some = lines[start : start + 40]
        dice.shuffle(some)
        lines[start : start + 40] = some
    elif act == "double":
        lines = [line for line in lines for _ in range(dice.choice([1, 1, 2]))]
    elif act == "join":
        return b" ".join(lines)
    else:
        width = dice.choice([20, 60, 80])
        lines = [line[i : i + width] for line in lines for i in range(0, max(1, len(line)), width)]
    return b"\n".join(lines)


def _noise(data: bytes, dice: random.Random, _seeds: Sequence[bytes]) -> bytes:
    place = _place(data, dice)
    junk = "".join(dice.choices(string.printable + "éß漢\u2028\u0301\ud7ff", k=dice.randint(1, 400)))
    return data[:place] + junk.encode(dice.choice(["utf-8", "utf-16", "utf-8"])) + data[place:]


_FAULTS: tuple[Callable[[bytes, random.Random, Sequence[bytes]], bytes], ...] = (
    _flip, _cut, _insert, _splice, _repeat, _drop, _lines, _noise,
)  # fmt: skip
