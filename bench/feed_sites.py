"""Sites whose feeds are measured: ten days of papers in a store, through the real pipeline, with the clock handed in.

The days are those of the folder that DIGEST_TESTDATA names, else invented ones.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import real_papers
from bench_rules import invented

from digest import config
from digest.models import Paper
from digest.pipeline import ingest, journaling
from digest.pipeline.compose import compose
from digest.pipeline.context import Context, open_context
from digest.pipeline.people import synchronise
from digest.store import people

DAYS, A_DAY = 10, 190  # invented ones
FIRST = date(2026, 6, 1)
SITE = "https://digest.example.org"
CONFIG = f"""
[site]
title = "Paper digest"
base_url = "{SITE}"
sender = "Digest <digest@example.org>"

[editions]
max_items = 7

[[topics]]
slug = "models"
title = "Language models"
rules = ['"language model"', "LLM*"]

[[topics]]
slug = "vision"
title = "Vision"
rules = ["cat:cs.CV", "image"]
"""

Day = tuple[date, list[str]]


def days() -> list[Day]:
    """Return the days in order, each with the lines of its dump."""
    if real_papers.ARE_HERE:
        paths = real_papers.days()
        return [(date.fromisoformat(path.stem), path.read_text("utf-8").splitlines()) for path in paths]
    papers = invented(DAYS * A_DAY, random.Random(7))
    return [
        (FIRST + timedelta(day), [_line(paper) for paper in papers[day * A_DAY : (day + 1) * A_DAY]])
        for day in range(DAYS)
    ]


def further(day: date, count: int) -> Day:
    """Return so many papers that no other day has, every fifth of them for a topic."""
    papers = [replace(paper, id=10_000 + paper.id) for paper in invented(count, random.Random(8))]
    told = [replace(paper, title=f"A language model {paper.title}") if paper.id % 5 == 0 else paper for paper in papers]
    return day, [_line(paper) for paper in told]


def _line(paper: Paper) -> str:
    told = {
        "id": f"2606.{paper.id:05d}",
        "title": paper.title.title(),
        "authors": paper.authors,
        "summary": paper.abstract,
        "categories": paper.categories,
    }
    return json.dumps(told)


def site(folder: Path) -> Context:
    """Make a site in a folder: its configuration, and its state."""
    path = folder / "config.toml"
    path.write_text(CONFIG)
    context = open_context(config.load(path, {}), base=folder, state=folder / "state")
    with context.at_work(), context.store.writing() as tx:
        synchronise(tx, context)
    return context


def subscribe(context: Context, rules: Sequence[Sequence[str]]) -> None:
    """Put subscribers with these rules into the store; they get no mail."""
    with context.store.writing() as tx:
        for number, own in enumerate(rules):
            told = {
                "name": f"Reader {number}",
                "frequency": "daily",
                "weekday": "monday",
                "send_at": "07:00",
                "topics": [],
                "rules": [{"query": query, "name": None, "weight": 1.0} for query in own],
                "exclude": [],
                "state": "active",
                "mail": False,
                "owner": "store",
                "added_by": "a measurement",
            }
            people.add(tx, f"reader{number}@example.org", told, now="2025-03-01T07:00:00Z")


def take_in(context: Context, day: Day) -> Context:
    """Take in a day's dump and compose its editions, as a run does before it publishes; return that day's world."""
    on, lines = day
    world = replace(context, clock=lambda: datetime.combine(on, time(7), UTC))
    path = world.state / "inbox" / f"{on}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    with world.at_work():
        ingest.from_inbox(world, on)
        journaling.date_news(world, on)
        compose(world, on)
    return world
