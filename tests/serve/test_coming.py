"""What `digest schedule` announces is what the scheduler then does."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from serve_site import MINUTE, Site, at

from digest.cli import main
from digest.schedule.coming import coming

Make = Callable[[str], Site]

PEOPLE = """
[site]
timezone = "Europe/Berlin"
[[topics]]
slug = "rewards"
title = "Rewards"
rules = ["reward"]
[[subscribers]]
email = "berlin@example.org"
rules = ["reward"]
[[subscribers]]
email = "potsdam@example.org"
timezone = "Europe/Berlin"
rules = ["reward"]
[[subscribers]]
email = "denver@example.org"
timezone = "America/Denver"
send_at = "18:30"
rules = ["reward"]
[[subscribers]]
email = "weekly@example.org"
frequency = "weekly"
weekday = "tuesday"
rules = ["reward"]
"""


def announced(own: Site, hours: int) -> list[tuple[str, str, int]]:
    found = coming(own.context, own.now, own.now + timedelta(hours=hours))
    return [(f"{item.at:%d %H:%M}", item.what, item.count) for item in found]


def test_a_new_site_is_told_what_is_due_now_and_what_comes(site: Make) -> None:
    own = site(PEOPLE)
    own.now = at("2026-06-14 12:00")  # a Sunday
    assert announced(own, 30) == [
        ("14 12:00", "daily digest", 1),  # of the day before, in Denver
        ("14 12:00", "daily digest", 2),
        ("14 12:00", "feed of all papers", 1),
        ("14 12:00", "topic edition", 1),
        ("14 12:00", "weekly digest", 1),
        ("15 00:30", "daily digest", 1),
        ("15 05:00", "daily digest", 2),
        ("15 05:00", "feed of all papers", 1),
        ("15 05:00", "topic edition", 1),
    ]


@pytest.mark.parametrize("start", ["2026-06-15 12:00", "2026-03-28 12:00", "2026-10-24 12:00"])
def test_what_is_announced_is_what_happens(site: Make, start: str) -> None:
    own = site(PEOPLE)
    own.tick(start)
    expected = coming(own.context, own.now, own.now + timedelta(hours=48))
    seen: dict[str, str] = dict(own.rows("SELECT key, last_edition FROM recipients"))
    happened: list[tuple[datetime, str]] = []
    end = own.now + timedelta(hours=48)
    while own.now < end:
        own.now += 30 * MINUTE
        own.tick()
        for key, on in own.rows("SELECT key, last_edition FROM recipients"):
            if seen.get(key) != on:
                happened.append((own.now, on))
                seen[key] = on
    digests = [item for item in expected if item.what != "feed of all papers"]
    assert [(item.at, str(item.date)) for item in digests for _ in range(item.count)] == sorted(happened)


def test_what_is_deferred_is_announced(site: Make) -> None:
    own = site(PEOPLE)
    own.drop("2026-06-15 page.jsonl", 1)
    own.tick("2026-06-15 12:00")
    own.change("UPDATE deliveries SET state = 'deferred', next_attempt = '2026-06-15T13:30:00Z' WHERE id IN (1, 2)")
    assert ("15 13:30", "deferred email", 2) in announced(own, 2)


def test_the_command_tells_people_and_machines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text(PEOPLE)
    options = ["--config", str(tmp_path / "config.toml"), "--state", str(tmp_path / "state")]
    assert main(["schedule", *options]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[:2] == [
        "the inbox is looked into every 5 min",
        "in the coming 48 hours, by the clock of Europe/Berlin:",
    ]
    assert all(line.startswith("  ") for line in told[2:])
    assert main(["schedule", "--json", *options]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["regular"] == [{"what": "the inbox is looked into", "when": "every 5 min"}]
    assert len(document["coming"]) == len(told) - 2
    assert {item["what"] for item in document["coming"]} <= {
        "daily digest",
        "weekly digest",
        "topic edition",
        "feed of all papers",
    }
