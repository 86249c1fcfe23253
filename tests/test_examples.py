"""The demo's dumps are read as their goldens say, and its week shows what its README promises."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from reading import read

from digest.models import Listing

EXAMPLES = Path(__file__).parents[1] / "examples"
DUMPS = sorted(path for path in (EXAMPLES / "dumps").rglob("*") if path.is_file())


def golden_of(dump: Path) -> Path:
    relative = dump.relative_to(EXAMPLES / "dumps")
    return EXAMPLES / "golden" / relative.with_name(f"{relative.stem}.golden.jsonl")


@pytest.mark.parametrize("dump", DUMPS, ids=lambda path: str(path.relative_to(EXAMPLES / "dumps")))
def test_an_example_is_read_as_its_golden_says(dump: Path) -> None:
    events = read(dump.read_bytes(), date.fromisoformat(dump.name[:10])).events
    found = [event.as_row() for event in events if isinstance(event, Listing)]
    assert found == [json.loads(line) for line in golden_of(dump).read_text("utf-8").splitlines()]


def test_every_golden_has_its_dump() -> None:
    assert {golden_of(dump) for dump in DUMPS} == set((EXAMPLES / "golden").rglob("*.jsonl"))


def test_the_examples_show_every_site_in_every_form() -> None:
    layouts = [read(dump.read_bytes()).layout.name for dump in DUMPS]
    assert set(layouts) == {"aitopics", "huggingface", "scholarfeed", "jsonl"}
    for name in ("aitopics", "huggingface", "scholarfeed"):
        texts = [dump.read_text("utf-8") for dump, found in zip(DUMPS, layouts, strict=True) if found == name]
        assert any("\n\n" in text for text in texts), f"{name} spaced"
        assert any("\n\n" not in text.strip() for text in texts), f"{name} compact"
