"""The papers and rules of the folder that DIGEST_TESTDATA names, for tests and measurements."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path
from typing import Any

from digest.models import Paper

ROOT = Path(os.environ.get("DIGEST_TESTDATA", "/nowhere")) / "data"
ARE_HERE = (ROOT / "daily-arxiv").is_dir() and (ROOT / "rules.jsonl").is_file()
WHY_NOT = "DIGEST_TESTDATA names no folder of test data"


def _lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def days() -> list[Path]:
    """Return the files of the days that there are, in order; the stem of each is its date."""
    return sorted((ROOT / "daily-arxiv").glob("*.jsonl"))


def papers(*chosen: Path) -> list[Paper]:
    """Return the distinct papers of the days in order, numbered from 0, as their first day lists them."""
    rows = {row["id"]: (date.fromisoformat(day.stem), row) for day in reversed(chosen) for row in _lines(day)}
    rows = dict(sorted(rows.items(), key=lambda item: (item[1][0], item[0])))
    return [
        Paper(
            number,
            1,
            row["title"],
            listed,
            listed,
            abstract=row["summary"],
            authors=tuple(row["authors"]),
            categories=tuple(row["categories"]),
            has_code="github.com" in row["summary"] or None,
        )
        for number, (listed, row) in enumerate(rows.values())
    ]


def written_rules() -> list[str]:
    """Return the queries that librarians wrote, as rules."""
    return [row["rule"] for row in _lines(ROOT / "rules.jsonl")]
