"""Real dumps, where there are some to read: every field as it should be, in either form and with any line ends."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from reading import read

from digest.models import Listing

DATA = Path(os.environ.get("DIGEST_TESTDATA", "no such folder"))
WANTED = sorted(DATA.glob("*/[0-9][0-9][0-9]_*.jsonl"))
ON = date(2026, 6, 15)

pytestmark = pytest.mark.skipif(not WANTED, reason="DIGEST_TESTDATA names no folder with real dumps")


def compact(text: str) -> str:
    """Return a spaced dump as its compact form: no blank lines, a Scholar Feed title glued to the authors after it."""
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    opening = re.compile(r"[\d.]*[A-Z]{2}[A-Z][a-z]{2} \d+(, \d{4})?(Code)?")
    glued: list[str] = []
    for number, line in enumerate(lines):
        if number > 1 and opening.fullmatch(lines[number - 2]):
            glued[-1] += line
        else:
            glued.append(line)
    return "\n".join(glued)


def spaced(text: str) -> str:
    """Return a compact Hugging Face dump as its spaced form; a blank line more between others' lines."""
    return re.sub(r"(?m)^Subscribe(?=\S)", "Subscribe\n\nbyAK and the research community\n\nMar 14\n\n", text).replace(
        "\n", "\n\n"
    )


FORMS = {
    "as saved": lambda text: text,
    "CRLF": lambda text: text.replace("\n", "\r\n"),
    "blanks after lines": lambda text: re.sub(r"(?m)$", "  ", text) + "\n\n\n",
    "compact": compact,
    "spaced": spaced,
    "with a footer": lambda text: text + "\n\nPrevious 1 2 3 Next\n\nLoad more\n\n© 2026 Example\n\nTerms Privacy\n",
}


def as_wanted(row: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    return {field: row[field] for field in wanted}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("wanted", WANTED, ids=lambda p: p.stem[:3])
def test_a_real_dump_is_read_exactly(wanted: Path, form: str) -> None:
    rows = [json.loads(line) for line in wanted.read_text("utf-8").splitlines()]
    text = (DATA / "dumps" / f"{wanted.stem}.txt").read_text("utf-8")
    found = [event.as_row() for event in read(FORMS[form](text), ON).events if isinstance(event, Listing)]
    assert [as_wanted(row, want) for row, want in zip(found, rows, strict=True)] == rows
