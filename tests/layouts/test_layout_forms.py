"""The same page saved in any form gives the same listings, without exception: examples, and real dumps if there are."""

from __future__ import annotations

import json
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from forms import FORMS, LINKED, PACKED, attached, in_form
from reading import read
from test_layout_real import DATA, compact, spaced

from digest import layouts
from digest.archive import blob_of, parts
from digest.containers import opened
from digest.models import Listing

EXAMPLES = Path(__file__).parents[2] / "examples"
EXAMPLE_DUMPS = sorted((EXAMPLES / "dumps").rglob("*.txt"))
LINES = sorted((EXAMPLES / "dumps").rglob("*.jsonl"))
REAL = sorted((DATA / "dumps").glob("[0-9][0-9][0-9]_*.txt")) if os.environ.get("DIGEST_TESTDATA") else []
ON = date(2026, 6, 15)

Row = dict[str, Any]


def rows_of(dump: bytes, on: date) -> list[Row]:
    """Return the listings of a dump in whatever form."""
    [part] = parts(blob_of(dump, "a dump"), on, "UTC", dated=True)
    events = layouts.read(opened(part.blob), on).events
    return [event.as_row() for event in events if isinstance(event, Listing)]


def goldens(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def titles_of(text: str, on: date) -> list[str]:
    return [event.title for event in read(text, on).events if isinstance(event, Listing)]


def compared(rows: list[Row], wanted: list[Row], form: str) -> list[Row]:
    """Return the rows with the fields to compare: the page's links add identifiers, which a text dump lacks."""
    more = {"identifiers"} if form in LINKED else set()
    return [{field: row[field] for field in want if field not in more} for row, want in zip(rows, wanted, strict=True)]


def check(text: str, wanted: list[Row], form: str, on: date) -> None:
    found = rows_of(in_form(form, text, titles_of(text, on)), on)
    assert [row["title"] for row in found] == [want["title"] for want in wanted]
    assert compared(found, wanted, form) == compared(wanted, wanted, form)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("dump", EXAMPLE_DUMPS, ids=lambda path: path.parent.name[:8] + path.stem)
def test_an_example_reads_the_same_in_every_form(dump: Path, form: str) -> None:
    relative = dump.relative_to(EXAMPLES / "dumps")
    wanted = goldens(EXAMPLES / "golden" / relative.with_name(f"{relative.stem}.golden.jsonl"))
    check(dump.read_text("utf-8"), wanted, form, date.fromisoformat(dump.name[:10]))


@pytest.mark.slow
@pytest.mark.skipif(not REAL, reason="DIGEST_TESTDATA names no folder with real dumps")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("shape", ["as saved", "the other"])
@pytest.mark.parametrize("dump", REAL, ids=lambda path: path.stem[:3])
def test_a_real_dump_reads_the_same_in_every_form(dump: Path, shape: str, form: str) -> None:
    text = dump.read_text("utf-8")
    if shape == "the other":
        text = compact(text) if re.search(r"\n\n\S", text) else spaced(text)
    check(text, goldens(DATA / "gold" / f"{dump.stem}.jsonl"), form, ON)


@pytest.mark.parametrize("form", [*PACKED, "attached"])
@pytest.mark.parametrize("dump", LINES, ids=lambda path: path.stem)
def test_json_lines_read_the_same_packed_and_attached(dump: Path, form: str) -> None:
    data = dump.read_bytes()
    made = attached(data, dump.name) if form == "attached" else PACKED[form](data, dump.name)
    on = date.fromisoformat(dump.name[:10])
    assert rows_of(made, on) == rows_of(data, on) != []
