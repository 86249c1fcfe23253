"""Tables in Markdown: which line tells a table's columns, and the cells of its rows.

html2text prints ``a| b`` over ``---|---``; the others ``| a | b |`` over ``| --- | --- |``, as GitHub Flavored Markdown
0.29, section 4.10, has it. TeX may hold such a stroke, so only a row with as many cells as columns has any.
"""

from __future__ import annotations

import re

_COLUMNS = re.compile(r"\s{0,3}\|? ?:?-{3,}:? ?(?:\| ?:?-{3,}:? ?){1,40}\|?")
_CELL_END = re.compile(r"(?<!\\)\|(?: |$)")


def columns(line: str) -> int:
    """Return how many columns a table has, by the line below its first row; 0 where the line is none such."""
    if "|" not in line[:300] or not _COLUMNS.fullmatch(line[:300]):
        return 0
    return line.strip().strip("|").count("|") + 1


def cells(row: str, count: int) -> list[str]:
    """Return the cells of a row that has ``count`` of them, else the row as it stands."""
    text = row.strip()
    if text.startswith("| "):
        text = text[2:].removesuffix("|")
    found = [cell.strip() for cell in _CELL_END.split(text)]
    return [cell for cell in found if cell] if len(found) == count else [row]
