"""`digest serve` left alone for a thousand days: each paper is mailed once and fed once, and memory does not grow.

Scheduler and web are one process under a simulated clock; dumps arrive in its inbox, mail goes to a real SMTP server,
and a feed reader asks over HTTP for what is new.
"""

from __future__ import annotations

import email
import email.policy
import json
import re
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import Any

import feedparser
import httpx
import pytest
import simulated_service
from aiosmtpd.controller import Controller

DAYS = 1000
FIRST = date(2026, 1, 5)  # a Monday
CONFIG = """
[site]
base_url = "https://digest.example.org"
sender = "Digest <digest@example.org>"
[delivery]
channel = "smtp"
[smtp]
host = "127.0.0.1"
port = {port}
tls = "none"
[[topics]]
slug = "rewards"
title = "Rewards"
rules = ["reward"]
[[subscribers]]
email = "daily@example.org"
rules = ["reward"]
[[subscribers]]
email = "weekly@example.org"
frequency = "weekly"
timezone = "America/New_York"
rules = ["graph"]
"""


class Inbox:
    """The mail server's side: how often each reader got each paper, by the text of the mails."""

    def __init__(self) -> None:
        self.got: Counter[tuple[str, int]] = Counter()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        body = message.get_body(("plain",))
        assert body is not None
        numbers = set(re.findall(r"Invented Paper (\d+) on", body.get_content()))
        self.got.update((envelope.rcpt_tos[0], int(number)) for number in numbers)
        return "250 taken"


class Reader:
    """A feed reader: asks for what has changed, and counts how often an entry was new to it."""

    def __init__(self, address: str) -> None:
        self.web = httpx.Client(base_url=address)
        self.etag = ""
        self.seen: set[str] = set()
        self.titles: Counter[int] = Counter()
        self.unchanged = 0

    def close(self) -> None:
        self.web.close()

    def poll(self) -> None:
        answer = self.web.get("/feeds/topics/rewards.atom", headers={"If-None-Match": self.etag} if self.etag else {})
        if answer.status_code == 304:
            self.unchanged += 1
            return
        self.etag = answer.headers["etag"]
        for entry in feedparser.parse(answer.content).entries:
            if entry.id not in self.seen:
                self.seen.add(entry.id)
                found = re.search(r"Invented Paper (\d+) on", entry.title)
                assert found
                self.titles[int(found[1])] += 1


def free_port() -> int:
    """Return a port that nobody listens on; the server's own way to choose one, 0, it cannot connect to."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


@contextmanager
def serving(folder: Path, port: int) -> Iterator[tuple[subprocess.Popen[str], str]]:
    (folder / "config.toml").write_text(CONFIG.format(port=port))
    arguments = [simulated_service.__file__, folder / "config.toml", folder / "state"]
    with subprocess.Popen(
        [sys.executable, *map(str, arguments)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def tick(process: subprocess.Popen[str], day: date, time: str) -> int:
    """Have it be a time of a day; return the memory that the service has then, in kB."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{day}T{time}:00+00:00\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def drop(inbox: Path, day: date, numbers: range) -> None:
    rows = [
        {
            "id": f"{number // 99999 + 10:02d}01.{number % 99999:05d}",
            "title": f"Invented Paper {number} on {'Graphs' if number % 3 == 0 else 'Reward Models'}",
            "authors": [f"Ada Author{number}"],
            "summary": f"Paper {number} says something new.",
            "published": day.isoformat(),
        }
        for number in numbers
    ]
    part = inbox / f".{day}.part"
    part.write_text("".join(json.dumps(row) + "\n" for row in rows))
    part.rename(inbox / f"{day} page.jsonl")


@pytest.mark.slow
def test_each_paper_comes_once_by_mail_and_feed_and_memory_is_flat(tmp_path: Path) -> None:
    mails = Inbox()
    controller = Controller(mails, hostname="127.0.0.1", port=free_port())
    controller.start()
    memory: list[int] = []
    try:
        with serving(tmp_path, controller.port) as (process, address), closing(Reader(address)) as reader:
            for number in range(DAYS):
                day = FIRST + timedelta(days=number)
                drop(tmp_path / "state" / "inbox", day, range(3 * number, 3 * number + 3))
                tick(process, day, "07:00")
                reader.poll()
                reader.poll()
                memory.append(tick(process, day, "12:00"))
            tick(process, FIRST + timedelta(days=DAYS + 7), "12:00")  # the last weekly one
    finally:
        controller.stop()
    rewards = {number for number in range(3 * DAYS) if number % 3}
    assert mails.got == Counter(
        {("daily@example.org", number): 1 for number in rewards}
        | {("weekly@example.org", number): 1 for number in range(0, 3 * DAYS, 3)}
    )
    assert reader.titles == Counter(dict.fromkeys(rewards, 1))
    assert reader.unchanged >= DAYS
    early, late = median(memory[DAYS // 5 : DAYS // 5 + 50]), median(memory[-50:])
    print(f"\n{DAYS} days: {early / 1000:.1f} MB after {DAYS // 5}, {late / 1000:.1f} MB at the end")  # noqa: T201
    assert late < early * 1.12
