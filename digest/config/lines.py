"""Where each key of a TOML document stands: text in, line numbers out, so that errors can name a line.

The standard library's reader keeps no positions. This scanner reads only what it has accepted already, so it looks
for the shape of the document (TOML 1.0: headers, keys, strings, arrays, inline tables) and judges nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

KeyPath = tuple[str | int, ...]

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_KEY = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:\\.|[^"\\\n])*)"|'([^'\n]*)')[ \t]*""")
_STRING = re.compile(
    r'''"""(?:\\.|[^\\])*?"{3,5}|\'\'\'.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*\'''',
    re.DOTALL,
)
_BARE = re.compile(r"[^\s,\]}#]+(?: \d[^\s,\]}#]*)?")  # a number, a truth value, a date with its time


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the 1-based line of every table, key and array element of a valid TOML document.

    Paths are the keys from the top; elements of arrays and of ``[[tables]]`` are counted from 0:
    ``("topics", 1, "rules", 0)``. The result for text that is no valid TOML is of no use, but it ends.
    """
    return _Scanner(text).document()


def line_of(lines: Mapping[KeyPath, int], path: KeyPath) -> int | None:
    """Return the line of the path, else of the nearest key that holds it, else None."""
    return next((lines[path[:n]] for n in range(len(path), 0, -1) if path[:n] in lines), None)


class _Scanner:
    """One pass over one document; ``at`` is the offset reached."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.line = 1
        self.counted = 0  # offset up to which ``line`` was counted
        self.lines: dict[KeyPath, int] = {}
        self.tables: dict[KeyPath, int] = {}  # how many [[tables]] of each name there were

    def document(self) -> dict[KeyPath, int]:
        base: KeyPath = ()
        self.skip()
        while self.at < len(self.text):
            before = self.at
            if self.text[self.at] == "[":
                base = self.header()
            else:
                self.pair(base)
            self.skip()
            if self.at == before:  # not TOML
                break
        return self.lines

    def header(self) -> KeyPath:
        start, double = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if double else 1
        names = self.key()
        path: KeyPath = ()
        for depth, name in enumerate(names, 1):
            path = (*path, name)
            if double and depth == len(names):
                self.tables[path] = self.tables.get(path, 0) + 1
            if path in self.tables:
                path = (*path, self.tables[path] - 1)
        self.at += 2 if double else 1
        self.note(path, start)
        return path

    def pair(self, base: KeyPath) -> None:
        start, path = self.at, base
        for name in self.key():
            path = (*path, name)
            self.note(path, start)
        self.at += 1  # the equals sign
        self.skip()
        self.value(path)

    def key(self) -> tuple[str, ...]:
        names: list[str] = []
        while found := _KEY.match(self.text, self.at):
            self.at = found.end()
            names.append(found[1] or found[2] or found[3] or "")
            if self.text[self.at : self.at + 1] != ".":
                break
            self.at += 1
        return tuple(names)

    def value(self, path: KeyPath) -> None:
        opening = self.text[self.at : self.at + 1]
        if opening in ("[", "{"):
            self.at += 1
            self.elements(path, "]" if opening == "[" else "}")
        elif found := _STRING.match(self.text, self.at) or _BARE.match(self.text, self.at):
            self.at = found.end()

    def elements(self, path: KeyPath, closing: str) -> None:
        """Pass over the elements of an array or an inline table, behind its opening bracket."""
        number, before = 0, -1
        self.skip()
        while before < self.at < len(self.text) and self.text[self.at] != closing:
            before = self.at
            if closing == "}":
                self.pair(path)
            else:
                self.note((*path, number), self.at)
                self.value((*path, number))
            number += 1
            self.skip()
            self.at += self.text[self.at : self.at + 1] == ","
            self.skip()
        self.at += 1

    def skip(self) -> None:
        found = _BLANK.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def note(self, path: KeyPath, offset: int) -> None:
        self.line += self.text.count("\n", self.counted, offset)
        self.counted = max(self.counted, offset)
        self.lines.setdefault(path, self.line)
