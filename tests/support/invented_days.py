"""Ten days of invented listings that use all that a run does: papers again, completed, replaced, old, and refused."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta
from pathlib import Path
from typing import Any

FIRST = date(2026, 6, 15)
DAYS = tuple((FIRST + timedelta(days=n)).isoformat() for n in range(10))
CONFIG = """
[site]
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"

[[topics]]
slug = "reward"
title = "Reward models"
rules = ['"reward model*"']

[[topics]]
slug = "everything"
title = "Everything"
rules = ["*"]

[[subscribers]]
email = "few@example.org"
max_items = 3
rules = ['"reward model*"', { name = "Graphs", query = "title:graph" }]

[[subscribers]]
email = "weekly@example.org"
frequency = "weekly"
weekday = "friday"
max_items = 10
topics = ["reward"]
exclude = ["title:survey"]

[[subscribers]]
email = "follower@example.org"
rules = ['author:"Ada Vireo"']
"""
_WORDS = (
    "Graph",
    "Reward Model",
    "Planning",
    "Survey",
    "Diffusion",
    "Retrieval",
    "Robust",
    "Sparse",
    "Causal",
    "Tuning",
)
_PEOPLE = ("Ada Vireo", "Ben Tarn", "Cleo Marsh", "Dov Quill", "Eda Sorrel")


def paper(number: int, day: str, **fields: Any) -> dict[str, Any]:
    """Return the listing of the invented paper with this number, the same whenever it is listed."""
    dice = random.Random(number)
    words = dice.sample(_WORDS, 3)
    return {
        "id": f"2606.{number:05d}",
        "title": f"{' '.join(words)} {number}",
        "authors": dice.sample(_PEOPLE, 2),
        "summary": f"We study {words[0].lower()}s and a reward model. Results are for paper {number}.",
        "published": "2019-03-01" if number % 9 == 0 else day,
    } | fields


def listings(place: int, many: int) -> list[dict[str, Any]]:
    """Return a day's listings: most are new, some are yesterday's again, some of those fuller or replaced."""
    day, own = DAYS[place], [paper(number, DAYS[place]) for number in range(place * many, (place + 1) * many)]
    for found in own[::5]:
        found["authors"] = []
    again = [paper(number, DAYS[place - 1]) for number in range((place - 1) * many, place * many, 5)] if place else []
    for found in again[:2]:
        found["announced"] = "replaced"
    return [*own, *again, paper(place * many, day)]


def drop(inbox: Path, place: int, many: int = 30) -> None:
    """Put the dumps of a day into the inbox: two of pages, one without a folder, and on one day one of no layout."""
    day, found = DAYS[place], listings(place, many)
    third = len(found) // 3
    _write(inbox / "arxiv" / f"{day} a.jsonl", found[:third])
    _write(inbox / "lab" / day / "b.jsonl", found[third : 2 * third])
    _write(inbox / f"{day} c.jsonl", found[2 * third :])
    if place == 2:
        (inbox / f"{day} minutes.txt").write_text("Nothing of this is a listing.\n")


def _write(path: Path, found: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(listing) + "\n" for listing in found))
