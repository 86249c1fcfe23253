"""A whole day: 1,000 papers, 100,000 subscribers with 5 rules each, from matching to the server's last reply.

``python bench/bench_whole.py [--subscribers N] [--papers N] [--terms N] [--connections N]`` makes a state folder with
papers and subscribers, then runs the date through the real pipeline, ledger and all, into Postfix's ``smtp-sink`` on
loopback. Without ``smtp-sink`` the messages go to the outbox, and it says so. Only the run is measured, by its stages;
processor time is that of this process and of those that share the work.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from time import perf_counter, process_time, sleep

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import real_papers
from bench_rules import KINDS, drawn, invented, subscribed
from made_rules import Maker

from digest.models import Paper
from digest.pipeline import ingest, journaling
from digest.pipeline import run as running
from digest.pipeline.compiling import compiled
from digest.pipeline.compose import compose
from digest.pipeline.context import Context, open_context
from digest.pipeline.deliver import deliver
from digest.pipeline.people import address_book
from digest.settings import Settings
from digest.store import people

DAY = date(2026, 6, 15)
NOW = "2026-06-14T07:00:00Z"


def free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as own:
        own.bind(("127.0.0.1", 0))
        return int(own.getsockname()[1])


@contextlib.contextmanager
def sink(port: int) -> Iterator[bool]:
    """Run smtp-sink, which takes all messages and keeps none; tell whether there is one."""
    program = shutil.which("smtp-sink", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if not program:
        yield False
        return
    with subprocess.Popen([program, "-u", "nobody", f"127.0.0.1:{port}", "1000"]) as server:
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            sleep(0.05)
        try:
            yield True
        finally:
            server.terminate()


def dump_of(papers: list[Paper], path: Path) -> None:
    """Write the papers as a dump."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [
        {
            "title": paper.title,
            "abstract": paper.abstract,
            "authors": list(paper.authors),
            "categories": list(paper.categories),
            "published": DAY.isoformat(),
            "identifiers": {"arxiv": f"2606.{number:05d}"},
        }
        for number, paper in enumerate(papers)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def subscribe(context: Context, maker: Maker, count: int) -> None:
    """Put the subscribers into the store."""
    with context.store.writing() as tx:
        for number, own in enumerate(subscribed(maker, count)):
            values = {
                "name": f"Reader {number}",
                "frequency": "daily",
                "weekday": "monday",
                "send_at": "07:00",
                "topics": [],
                "rules": people.rules_as_json(own),
                "exclude": [],
                "state": "active",
                "owner": "store",
                "added_by": "a measurement",
            }
            people.add(tx, f"reader{number}@example.org", values, now=NOW)


Moment = tuple[float, float, float]  # wall clock, processor time of this process and of those that have ended


def now() -> Moment:
    """Return the clocks, in seconds."""
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    return perf_counter(), process_time(), others.ru_utime + others.ru_stime


def stage(what: str, count: int, started: Moment) -> float:
    """Print what a stage took; return its seconds."""
    wall, own, theirs = (after - before for before, after in zip(started, now(), strict=True))
    each = (own + theirs) / count * 1e6
    print(f"{what:<28} {wall:8.1f} s {own:8.1f} s + {theirs:6.1f} s of processor time {each:8,.0f} µs a subscriber")
    return wall


def measure(folder: Path, asked: argparse.Namespace, port: int, *, sent: bool) -> None:
    """Make the site and run its day."""
    chance = random.Random(7)
    known = real_papers.papers(*real_papers.days()) if real_papers.ARE_HERE else invented(asked.papers, chance)
    papers = drawn(known, asked.papers, chance)
    settings = Settings.model_validate(
        {
            "site": {"sender": "Digest <digest@example.org>", "base_url": "https://digest.example.org"},
            "delivery": {"channel": "smtp" if sent else "outbox"},
            "smtp": {"host": "127.0.0.1", "port": port, "tls": "none", "connections": asked.connections},
            "editions": {"max_items": 20},
        }
    )
    context = open_context(settings, state=folder)
    try:
        subscribe(context, Maker(papers, seed=7, kinds=KINDS, most_common=0.5, pool=asked.terms), asked.subscribers)
        dump_of(papers, folder / "inbox" / f"{DAY} papers.jsonl")
        started = now()
        ingest.from_inbox(context, DAY)
        journaling.date_news(context, DAY)
        stage("taken in", asked.subscribers, started)
        started = now()
        with context.store.reading() as tx:
            book = address_book(context.settings).all(tx)
        compiled(context, (rule.query for own in book for rule in own.rules))
        del book
        stage("rules compiled, once", asked.subscribers, started)
        started = now()
        made = compose(context, DAY)
        total = stage("matched, composed, frozen", asked.subscribers, started)
        started = now()
        result = deliver(context, running.renderer_of(context), DAY)
        total += stage("written and sent" if sent else "written to the outbox", asked.subscribers, started)
        print(f"{'from match to last reply':<28} {total:8.1f} s   aim: under 90 s for 100,000 subscribers on two cores")
        print(f"{made.composed:,} editions, {made.empty:,} empty; {result.sent:,} sent, {result.failed:,} failed")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        theirs = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024 / 1e6
        size = context.store.path.stat().st_size / 1e6
        print(f"peak memory {peak:.0f} MB, {theirs:.0f} MB of a further process; store {size:.0f} MB")
    finally:
        context.store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--papers", type=int, default=1_000)
    parser.add_argument("--terms", type=int, default=30_000)
    parser.add_argument("--connections", type=int, default=10)
    asked = parser.parse_args()
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as folder, sink(port) as sent:
        measure(Path(folder), asked, port, sent=sent)


if __name__ == "__main__":
    main()
