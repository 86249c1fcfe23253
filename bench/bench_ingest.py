"""100,000 listings taken in from JSON Lines, beside ``sqlite3.executemany`` of the same rows into the same tables.

Prints rows/s, the ratio to the peer, statements issued and peak memory; then the same listings again in other bytes.
Cost law: linear in listings; statements grow with listings / 5,000; memory with the dump's text and one chunk.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import sqlite3
import tempfile
import time
from contextlib import closing
from datetime import date
from pathlib import Path

from sqlalchemy import event

from digest.archive import Part, blob_of
from digest.pipeline.context import Context, open_context
from digest.pipeline.taker import Taker
from digest.settings import Settings

DAY = date(2026, 6, 15)
WORDS = """
adaptive alignment attention bayesian calibrated causal compact contrastive decoding dense distilled dynamic efficient
embodied federated flow gradient graph hierarchical implicit inverse kernel language latent layered learning linear
memory modular neural offline online optimal policy preference probabilistic pruned quantised reward robust sampling
sparse spectral structured symbolic temporal transfer uncertainty variational vision world
""".split()


def dump(count: int, extra: dict[str, object]) -> bytes:
    """Return a JSON Lines dump of invented listings of about 2 KB each, all different; ``extra`` fields in each."""
    pick = random.Random(1)
    lines = bytearray()
    for number in range(count):
        title = " ".join(pick.choices(WORDS, k=8)).capitalize()
        listing = {
            "id": f"26{1 + number // 99_999:02d}.{number % 99_999:05d}",
            "title": f"{title} {number}",
            "authors": [f"{pick.choice(WORDS).title()} {pick.choice(WORDS).title()}" for _ in range(5)],
            "categories": ["cs.LG", "stat.ML"],
            "abs": f"https://papers.example.org/{number}",
            "summary": ". ".join(" ".join(pick.choices(WORDS, k=18)) for _ in range(12)) + ".",
        }
        lines += json.dumps(listing | extra).encode() + b"\n"
    return bytes(lines)


def peak_mib() -> int:
    """Return this process's peak memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def taken_in(context: Context, data: bytes, name: str) -> tuple[float, int, str]:
    """Take in a dump; return (seconds, statements, report)."""
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(context.store.engine, "before_cursor_execute", count)
    start = time.perf_counter()
    report = Taker(context, "ingest", horizon=DAY).take(Part(blob_of(data, name), DAY, dated=True))
    seconds = time.perf_counter() - start
    event.remove(context.store.engine, "before_cursor_execute", count)
    return seconds, statements, f"{report.status}, {report.new} new, {report.known} known"


def peer(own: Path, other: Path) -> float:
    """Insert all rows of our store into a fresh one of the same tables and indexes by executemany; return seconds."""
    with closing(sqlite3.connect(own)) as source, closing(sqlite3.connect(other)) as target:
        for (sql,) in source.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        ):
            target.execute(sql)
        target.execute("PRAGMA journal_mode=WAL")
        target.execute("PRAGMA synchronous=NORMAL")
        tables = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in ("papers", "sightings", "news")}
        start = time.perf_counter()
        for name, rows in tables.items():
            marks = ",".join("?" * len(rows[0]))
            target.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
        target.commit()
        return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--count", type=int, default=100_000)
    count = asked.parse_args().count
    data, other = dump(count, {}), dump(count, {"comment": None})
    before = peak_mib()
    with tempfile.TemporaryDirectory() as folder:
        context = open_context(Settings(), state=Path(folder))
        own, statements, said = taken_in(context, data, "first.jsonl")
        again, statements_again, said_again = taken_in(context, other, "again.jsonl")
        peak = peak_mib()
        known_start = time.perf_counter()
        Taker(context, "ingest", horizon=DAY).take(Part(blob_of(data, "copy.jsonl"), DAY, dated=True))
        known = time.perf_counter() - known_start
        context.store.close()
        theirs = peer(Path(folder) / "digest.db", Path(folder) / "peer.db")
    allowed = count // 500
    print(f"dump: {count:,} listings, {len(data) / 1e6:.0f} MB")
    print(f"ours:          {count / own:9,.0f} rows/s  {statements} statements (rows/500 = {allowed}); {said}")
    print(f"executemany:   {count / theirs:9,.0f} rows/s  ratio {theirs / own:.2f}")
    print(f"other bytes:   {count / again:9,.0f} rows/s  {statements_again} statements; {said_again}")
    print(f"same bytes:    {known * 1000:9.1f} ms (fingerprint and one look-up)")
    print(f"memory:        {peak} MiB at the peak, {before} MiB of it this script and its two dumps")


if __name__ == "__main__":
    main()
