"""Processes that compose together leave the store as one alone does."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import what_remains
from conftest_pipeline import Site, paper

from digest.pipeline import crew

Make = Callable[[str, str], Site]

_READERS = "".join(
    f"""
[[subscribers]]
email = "reader{number}@example.org"
rules = ['{rule}']
max_items = 2
"""
    for number, rule in enumerate(["reward", "graph*", "*", "title:reward OR graphs", "nothing", "model*"])
)
_TOPIC = "\n[[topics]]\nslug = 'graphs'\ntitle = 'Graphs'\nrules = ['graph*']\n"


@pytest.mark.slow
def test_two_processes_leave_the_store_as_one_does(site: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = []
    for processes in (1, 2):
        monkeypatch.setattr(crew, "_WORTH", 1)
        monkeypatch.setattr("digest.pipeline.compose.BATCH", 2)
        own = site(_TOPIC + _READERS + f"\n[work]\nprocesses = {processes}\n", f"{processes} at work")
        for day in (15, 16, 17):
            listed = [paper(100 * day + n, title=f"Graph Surgery {n}") for n in range(4)]
            own.drop(f"2026-06-{day} a.jsonl", paper(day), paper(50 + day), *listed)
            assert own.run(f"2026-06-{day}")["editions"]["composed"] > 3
        ends.append(what_remains.of_store(own.state))
    what_remains.assert_same(ends[1], ends[0], "two processes")
