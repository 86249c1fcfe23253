"""What feeds cost: writing 1,000 entries, beside feedgen; publishing again with no change, and with ten new papers.

``python bench/bench_feeds.py [--entries N] [--rounds N]`` takes ten days of papers through the real pipeline into a
store in a temporary folder, with two topics; from the folder that DIGEST_TESTDATA names, else invented ones. Figures
are milliseconds of processor time, medians; nothing that could be kept is kept in what is called cold, by neither side.
We write each entry twice, as Atom and as JSON; feedgen as Atom. Cost law: publishing grows with new papers, and with
the bytes of the documents that change; with nothing new it is a dozen look-ups, whatever there is.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import feed_peers
import feed_sites
import real_papers
from sqlalchemy import event

from digest import config, keeping
from digest.models import FeedEntry
from digest.pipeline.context import Context, open_context
from digest.pipeline.publish import publish
from digest.pipeline.run import renderer_of
from digest.render import Renderer
from digest.render.feeds import Feeds, Head
from digest.store import feeds as feed_store
from digest.store.pieces import NAME


def line(what: str, figure: str, aim: str = "") -> None:
    """Print one figure, and what it should be."""
    print(f"{what:<58} {figure:<40} {f'aim: {aim}' if aim else ''}".rstrip())


def together(rounds: int, *works: Callable[[], Any]) -> list[float]:
    """Return the milliseconds that each takes, all taking turns, so that none has the machine's better moments."""
    times: list[list[float]] = [[] for _ in works]
    for _ in range(rounds):
        for own, work in zip(times, works, strict=True):
            keeping.forget()
            gc.collect()
            started = process_time()
            work()
            own.append((process_time() - started) * 1e3)
    return [median(own) for own in times]


# Writing entries


def written(entries: Sequence[FeedEntry], rounds: int, settings: Any) -> None:
    """Write the entries by each way, and print what it took."""
    feeds, plain = Renderer(settings).feeds(feed_peers.AUTHORITY), feed_peers.Plain()
    papers = [entry.paper for entry in entries]
    made, ready = [feeds.entry(entry) for entry in entries], [plain.entry(paper) for paper in papers]
    head = Head("All papers", "feeds/papers", feeds.identifier("feeds/papers"), "2026-06-15T00:00:00+00:00")
    ours, documented, best, joined, alone, alone_best = together(
        rounds,
        lambda: feeds.document(head, [feeds.entry(entry) for entry in entries]),
        lambda: feed_peers.as_documented([plain.entry(paper) for paper in papers]),
        lambda: feed_peers.at_its_best([plain.entry(paper) for paper in papers]),
        lambda: feeds.document(head, made),
        lambda: feed_peers.as_documented(ready),
        lambda: feed_peers.at_its_best(ready),
    )
    print(f"{len(entries):,} entries, {'real' if real_papers.ARE_HERE else 'invented'} papers, {rounds} rounds")
    line("ours, Atom and JSON Feed", f"{ours:.1f} ms")
    line(
        "feedgen as its documentation shows it, Atom",
        f"{documented:.1f} ms: {documented / ours:.2f} x ours",
        ">= 2.5 x",
    )
    line("feedgen with datetimes and lists, Atom", f"{best:.1f} ms: {best / ours:.2f} x ours")
    line("documents alone of entries that are written, ours", f"{joined:.2f} ms")
    line("  feedgen, texts and HTML ready, as documented", f"{alone:.1f} ms: {alone / joined:,.0f} x")
    line("  feedgen, texts and HTML ready, datetimes and lists", f"{alone_best:.1f} ms: {alone_best / joined:,.0f} x")
    steps(feeds, entries, rounds)


def steps(feeds: Feeds, entries: Sequence[FeedEntry], rounds: int) -> None:
    """Print what entries take that are marked, and those that are kept in memory for who asks again."""
    keeping_feeds = Renderer(config.load(None, {})).feeds(feed_peers.AUTHORITY).keeping(len(entries))
    for entry in entries:
        keeping_feeds.entry(entry)
    [again] = together(rounds, lambda: [keeping_feeds.entry(entry) for entry in entries])
    [first] = together(rounds, lambda: [feeds.entry(entry) for entry in entries])
    line("one entry", f"{first / len(entries) * 1e3:.0f} µs; kept in memory {again / len(entries) * 1e3:.1f} µs")


# Publishing


class Watch:
    """Counts what publishing asks of the store, and renders."""

    def __init__(self, context: Context) -> None:
        """Listen to the store."""
        self.renderer, self.statements = renderer_of(context), 0
        event.listen(context.store.engine, "before_cursor_execute", self._statement)

    def _statement(self, *_told: Any) -> None:
        self.statements += 1

    @contextmanager
    def counting(self) -> Iterator[Counter[str]]:
        """Yield counters, which are filled at the end: statements, and renders by template."""
        before, found = self.renderer.counts.copy(), Counter[str]()
        self.statements = 0
        yield found
        found.update(self.renderer.counts - before)
        found["statements"] = self.statements


def state_of(folder: Path) -> str:
    """Return what tells the files below a folder from others: paths, bytes, and when they were written."""
    made = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            made.update(f"{path.relative_to(folder)} {path.stat().st_mtime_ns}".encode() + path.read_bytes())
    return made.hexdigest()


def forgotten(context: Context) -> None:
    """Take away all that was published, and kept of it."""
    shutil.rmtree(context.public, ignore_errors=True)
    (context.state / NAME).unlink(missing_ok=True)
    keeping.forget()


def published(context: Context, watch: Watch, rounds: int) -> float:
    """Publish anew, and again with no change; print both, return the first."""
    colds = []
    for _ in range(max(3, rounds // 3)):
        forgotten(context)
        started = process_time()
        with watch.counting() as counts:
            publish(context, watch.renderer)
        colds.append((process_time() - started) * 1e3)
    cold = median(colds)
    files = [path for path in context.public.rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    line("published anew", f"{cold:.0f} ms, {len(files)} files of {size:.1f} MB, {told(counts)}")
    before = state_of(context.public)
    times, walls = [], []
    with watch.counting() as counts:
        for _ in range(20 * rounds):
            own, wall = process_time(), perf_counter()
            publish(context, watch.renderer)
            times.append((process_time() - own) * 1e3)
            walls.append((perf_counter() - wall) * 1e3)
    again = median(times)
    line("published again, nothing new", f"{again:.2f} ms ({median(walls):.2f} ms on the wall)")
    line("  anew to again", f"{cold / again:,.0f} x", ">= 100 x")
    statements = counts.pop("statements") / (20 * rounds)
    line("  renders, statements each time", f"{sum(counts.values())}, {statements:.1f}", "0 renders")
    line("  files", "untouched" if state_of(context.public) == before else "CHANGED", "untouched")
    return cold


def told(counts: Counter[str]) -> str:
    """Return counters in words: statements, renders of entries, other renders."""
    entries = counts["web/feed_entry.html"]
    others = sum(counts.values()) - entries - counts["statements"]
    return f"{entries:,} entries rendered, {others} other renders, {counts['statements']:,} statements"


def in_another_process(folder: Path) -> None:
    """Publish with nothing new in a process of its own, and print what it takes there."""
    command = [sys.executable, __file__, "--again", str(folder)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ)
    found = json.loads(done.stdout)
    line("  the first thing a new process does", f"{found['ms']:.2f} ms, {found['renders']} renders", "0 renders")


def again(folder: Path) -> None:
    """Publish once; print the figures for ``in_another_process``."""
    context = open_context(config.load(folder / "config.toml", {}), base=folder, state=folder / "state")
    renderer, started = renderer_of(context), process_time()
    publish(context, renderer)
    print(json.dumps({"ms": (process_time() - started) * 1e3, "renders": sum(renderer.counts.values())}))


def with_new_papers(context: Context, watch: Watch, newest: date, cold: float, count: int) -> None:
    """Take in so many new papers on each of some days, and publish after each; print what that takes."""
    for number in range(1, 4):
        day, lines = feed_sites.further(newest + timedelta(number), count * number)
        world = feed_sites.take_in(context, (day, lines[count * (number - 1) :]))
        keeping.forget()
        started = process_time()
        with watch.counting() as counts:
            publish(world, watch.renderer)
        took = (process_time() - started) * 1e3
        line(f"published with {count} new papers", f"{took:.0f} ms, {told(counts)}", f"{count} renders and topics'")
        line("  anew to that", f"{cold / took:.1f} x")
    made = {path: path.read_bytes() for path in (context.public / "feeds").glob("*.*")}
    forgotten(context)
    publish(context, watch.renderer)
    same = all(path.read_bytes() == data for path, data in made.items())
    line("  documents made anew are", "the same bytes" if same else "OTHER BYTES", "the same bytes")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--entries", type=int, default=1_000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--again", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.again:
        again(asked.again)
        return
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        measure(Path(name), asked.entries, asked.rounds)


def measure(folder: Path, most: int, rounds: int) -> None:
    """Make the site, and measure writing and publishing."""
    context, days = feed_sites.site(folder), feed_sites.days()
    for day in days:
        feed_sites.take_in(context, day)
    newest = days[-1][0]
    with context.store.reading() as tx:
        entries = feed_store.read(tx, feed_store.lines_of_papers(tx, date.min, newest)[:most])
    written(entries, rounds, context.settings)
    watch = Watch(context)
    cold = published(context, watch, rounds)
    in_another_process(folder)
    with_new_papers(context, watch, newest, cold, count=10)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
    line("memory at its peak", f"{peak:.0f} MB")
    context.store.close()


if __name__ == "__main__":
    main()
