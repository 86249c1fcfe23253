"""A rule that cannot be read, shown with a caret under the place, whatever the width of its letters and its length."""

from __future__ import annotations

import shutil

from rich.cells import cell_len

from digest.errors import RuleError

_INDENT = "  "
_CUT = "…"


def shown(error: RuleError) -> tuple[str, str]:
    """Return two lines: the rule, or what is around the place in a long one, and the caret below it."""
    rule = "".join(map(_visible, error.rule))
    before, after = rule[: error.position], rule[error.position :]
    room = max(20, shutil.get_terminal_size((100, 24)).columns - len(_INDENT) - 1)
    if cell_len(before) + cell_len(after) > room:
        right = max(room // 3, room - cell_len(before))
        before = _end_of(before, room - min(right, cell_len(after)))
        after = _end_of(after[::-1], room - cell_len(before))[::-1]
    return f"{_INDENT}{before}{after}", f"{_INDENT}{' ' * cell_len(before)}^"


def _visible(char: str) -> str:
    """Return a character that takes its place on one line: a space for white space, a sign for what cannot be shown."""
    return char if char.isprintable() else " " if char.isspace() else "\ufffd"


def _end_of(text: str, room: int) -> str:
    """Return the end of a text that fits into so many cells, with an ellipsis where it was cut."""
    if cell_len(text) <= room:
        return text
    text = text[-room:]
    while cell_len(text) > room - 1:
        text = text[1:]
    return _CUT + text
