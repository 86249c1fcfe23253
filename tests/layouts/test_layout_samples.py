"""Every sample meets every layout: exactly one recognises it, and what it reads is the golden file beside it.

``REWRITE_GOLDENS=1 pytest tests/layouts`` writes the golden files anew; review them as a diff.
"""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest
from reading import documents, read

from digest.layouts import LAYOUTS, recognise
from digest.models import Listing

SAMPLES = sorted(p for p in (Path(__file__).parent / "samples").iterdir() if ".golden" not in p.name)
ON = date(2026, 6, 15)
DOCS = Path(__file__).parents[2] / "docs" / "layouts.md"


def layout_of(sample: Path) -> str:
    """Return the layout that a sample is named after: ``arxiv-list-page.html`` is of ``arxiv-list``."""
    return max((layout.name for layout in LAYOUTS if sample.name.startswith(f"{layout.name}-")), key=len)


def events(text: str) -> str:
    """Return what is read of a dump, one JSON object per listing or remark."""
    found = read(text, ON).events
    rows = [e.as_row() if isinstance(e, Listing) else {"remark": e.kind, "line": e.line, "text": e.text} for e in found]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.name)
def test_a_sample_is_recognised_by_the_layout_it_is_named_after_and_no_other(sample: Path) -> None:
    offered = documents(sample.read_bytes())
    assert [layout.name for layout in LAYOUTS if layout.recognises(offered[0])] == [layout_of(sample)]
    assert recognise(offered)[0].name == layout_of(sample)


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda p: p.name)
def test_a_sample_reads_as_its_golden_file(sample: Path) -> None:
    golden = sample.with_name(f"{sample.stem}.golden.jsonl")
    found = events(sample.read_text("utf-8"))
    if os.environ.get("REWRITE_GOLDENS"):
        golden.write_text(found, "utf-8")
    assert found == golden.read_text("utf-8")


@pytest.mark.parametrize("sample", [p for p in SAMPLES if p.suffix == ".txt"], ids=lambda p: p.name)
def test_line_ends_and_blanks_after_lines_make_no_difference(sample: Path) -> None:
    text = sample.read_text("utf-8")
    as_saved = events(text)
    assert events("\ufeff" + text.replace("\n", "\r\n")) == as_saved
    assert events(text.replace("\n", "  \n") + "\n\n\n") == as_saved


def test_every_layout_has_a_sample_and_a_section_in_the_docs() -> None:
    sampled = {layout_of(sample) for sample in SAMPLES}
    documented = DOCS.read_text("utf-8")
    for layout in LAYOUTS:
        assert layout.name in sampled
        assert f"\n## `{layout.name}`" in documented
