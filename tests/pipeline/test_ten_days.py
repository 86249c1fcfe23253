"""Ten consecutive real days of arXiv listings: each paper is news once, in whatever order and however many at once."""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_pipeline import Site

DATA = Path(os.environ.get("DIGEST_TESTDATA", ""), "data", "daily-arxiv")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("DIGEST_TESTDATA"), reason="DIGEST_TESTDATA does not say where the real listings are"
    ),
]
TOPIC = """
[editions]
max_items = 20

[[topics]]
slug = "all"
title = "All"
rules = ["*"]

[[subscribers]]
email = "reader@example.org"
rules = ['"large language model"', "title:diffusion"]
"""


def days() -> list[str]:
    return sorted(path.stem for path in DATA.glob("*.jsonl"))


def ids() -> set[str]:
    return {json.loads(line)["id"] for path in DATA.glob("*.jsonl") for line in path.read_text("utf-8").splitlines()}


def drop(own: Site, day: str) -> None:
    (own.state / "inbox").mkdir(exist_ok=True)
    shutil.copy(DATA / f"{day}.jsonl", own.state / "inbox")


def assert_each_paper_is_in_one_edition(own: Site) -> None:
    assert {arxiv for (arxiv,) in own.rows("SELECT arxiv FROM papers")} == ids()
    assert own.rows("SELECT count(*) FROM papers") == [(len(ids()),)]
    in_topic = "FROM entries JOIN recipients r ON r.id = recipient_id WHERE r.key = 'all'"
    assert own.rows(f"SELECT count(*), count(DISTINCT paper_id) {in_topic}") == [(len(ids()), len(ids()))]
    assert own.rows("SELECT max(n) FROM (SELECT count(*) n FROM entries GROUP BY recipient_id, paper_id)") == [(1,)]


def test_a_run_a_day_makes_each_paper_new_once_and_again_changes_nothing(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    new = []
    for day in days():
        drop(own, day)
        new.append(own.run(day)["papers"]["new"])
    assert sum(new) == len(ids())
    assert new[4:6] == [0, 0]  # two days repeat the one before them
    assert_each_paper_is_in_one_edition(own)
    before = own.written()
    for day in days():
        drop(own, day)
        summary = own.run(day)
        assert summary["papers"]["new"] == summary["deliveries"]["sent"] == 0
    assert own.written() == before


def test_dumps_that_arrive_in_shuffled_order_give_the_same_papers(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    order = days()
    random.Random(7).shuffle(order)
    for arrival, day in zip(order, days(), strict=True):
        drop(own, arrival)
        own.run(day)
    assert_each_paper_is_in_one_edition(own)


def test_all_dumps_at_once_give_the_same_papers(site: Callable[[str], Site]) -> None:
    own = site(TOPIC)
    for day in days():
        drop(own, day)
    own.run(days()[-1])
    assert_each_paper_is_in_one_edition(own)
