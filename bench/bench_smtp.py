"""20,000 personalised messages of about 25 KB into Postfix's ``smtp-sink``, from the durable ledger to the last reply.

``python bench/bench_smtp.py [--subscribers N] [--connections N] [--processes N] [--large N]``; with ``--processes 1``
all is done and counted in one, else messages are written in others too. Beside it in the same run: smtp-source,
a pool of aiosmtplib's clients with an EmailMessage for each subscriber, smtplib with a connection for each message, and
our connections alone, with messages made before. Each part is a process of its own, for its memory. Without smtp-sink
the messages go to aiosmtpd, which is what is measured then, and it says so.
Cost law: linear in messages; memory with connections and processes. At most 2 statements and 3 round trips a message.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import smtp_peers
from bench_ingest import WORDS
from sqlalchemy import event

from digest.channels.base import Parcel, Settled
from digest.channels.smtp import Smtp
from digest.channels.wire import Wire
from digest.pipeline import crew, ingest, journaling
from digest.pipeline import run as running
from digest.pipeline.compose import compose
from digest.pipeline.context import Context, open_context
from digest.pipeline.deliver import BATCH, deliver
from digest.pipeline.writing import Task, written
from digest.settings import Settings
from digest.store import people
from digest.store.bulk import parts

DAY = date(2026, 6, 15)
NOW = "2026-06-14T07:00:00Z"
PAPERS, RULES, ITEMS = 300, 5, 6
SHARED = 100  # terms that rules ask for, five each; a paper is about three of them


def context_of(folder: Path, port: int, connections: int, processes: int = 1) -> Context:
    """Open the site, which sends to a port on loopback."""
    smtp = {"host": "127.0.0.1", "port": port, "tls": "none", "connections": connections, "per_connection": 1000}
    site = {"sender": "Digest <digest@example.org>", "base_url": "https://digest.example.org"}
    tables: dict[str, Any] = {
        "site": site,
        "delivery": {"channel": "smtp"},
        "smtp": smtp,
        "editions": {"max_items": ITEMS},
    }
    tables["work"] = {"processes": processes}
    return open_context(Settings.model_validate(tables), state=folder)


def plan(context: Context, count: int) -> None:
    """Put invented papers and subscribers into the store, and freeze their editions."""
    pick = random.Random(1)
    terms = [f"{first}{second}" for first, second in (pick.sample(WORDS, 2) for _ in range(SHARED))]
    path = context.state / "inbox" / f"{DAY}.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        for number in range(PAPERS):
            words = pick.choices(WORDS, k=170)
            words[40:160:50] = pick.sample(terms, 3)
            listing = {
                "id": f"2606.{number:05d}",
                "title": " ".join(words[:9]).capitalize(),
                "authors": [
                    f"{first.title()} {last.title()}" for first, last in zip(words[9:14], words[14:19], strict=True)
                ],
                "summary": ". ".join(" ".join(words[start : start + 18]) for start in range(20, 160, 18)) + ".",
                "published": "2026-06-12",
                "categories": ["cs.LG"],
            }
            file.write(json.dumps(listing) + "\n")
    known = [{"query": term, "name": None, "weight": 1.0} for term in terms]
    with context.store.writing() as tx:
        for number in range(count):
            rules = pick.sample(known, RULES)
            values = {
                "name": f"Reader {number}",
                "frequency": "daily",
                "weekday": "monday",
                "send_at": "07:00",
                "topics": [],
                "rules": rules,
                "exclude": [],
                "state": "active",
                "owner": "store",
                "added_by": "a measurement",
            }
            people.add(tx, f"reader{number}@example.org", values, now=NOW)
    ingest.from_inbox(context, DAY)
    journaling.date_news(context, DAY)
    compose(context, DAY)


def peak_mb() -> float:
    """Return the most memory that this process has used, in MB (what getrusage says holds the parent's too)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


class Counting:
    """Counts what a run asks of the store and of the wire."""

    def __init__(self, context: Context) -> None:
        """Listen to the store's statements and to what connections write."""
        self.counts: Counter[str] = Counter()
        event.listen(context.store.engine, "before_cursor_execute", self._statement)
        event.listen(context.store.engine, "commit", lambda _connection: self._add("commits"))
        write = Wire.send

        def send(wire: Wire, data: bytes, replies: int) -> None:
            self.counts["round trips"] += 1
            self.counts["bytes"] += len(data)
            write(wire, data, replies)

        Wire.send = send  # type: ignore[method-assign]

    def _add(self, name: str) -> None:
        self.counts[name] += 1

    def _statement(self, _c: Any, _k: Any, _statement: str, parameters: Any, _x: Any, many: bool) -> None:
        self.counts["statements"] += 1
        self.counts["rows settled"] += len(parameters) if many else 0


def ours(folder: Path, port: int, connections: int, count: int, processes: int = 1) -> dict[str, Any]:
    """Deliver what is planned; return the figures."""
    context = context_of(folder, port, connections, processes)
    before = peak_mb()
    counting = Counting(context)
    renderer = running.renderer_of(context)
    wall, own = perf_counter(), process_time()
    result = deliver(context, renderer, DAY)
    seconds, own = perf_counter() - wall, process_time() - own
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    theirs = others.ru_utime + others.ru_stime
    figures = {
        "seconds": seconds,
        "processor": own + theirs,
        "theirs": theirs,
        "their peak": others.ru_maxrss * 1024 / 1e6,
        "processes": crew.processes_for(count, processes),
        "sent": result.sent,
        "before": before,
        "peak": peak_mb(),
        **counting.counts,
    }
    context.store.close()
    return figures


def counted(folder: Path, port: int, connections: int, _count: int) -> dict[str, Any]:
    """Write all messages in this process, and send none; return what was rendered, encoded and asked of the store."""
    context = context_of(folder, port, connections)
    counting, renderer = Counting(context), running.renderer_of(context)
    with context.store.reading() as tx:
        ids = list(tx.exec_driver_sql("SELECT id FROM deliveries ORDER BY id").scalars())
        papers = tx.exec_driver_sql("SELECT count(DISTINCT paper_id) FROM entries").scalar_one()
    written_ = sum(len(batch) for batch in written(Task(context, renderer), list(parts(ids, BATCH))))
    context.store.close()
    return {
        "messages": written_,
        "papers": papers,
        "statements": counting.counts["statements"],
        "rendered": dict(renderer.counts),
        "encoded": dict(renderer.encodings),
    }


def transport(_folder: Path, port: int, connections: int, count: int, size: int = 25_000) -> dict[str, Any]:
    """Send messages that are made already, without a ledger; return the figures."""
    line = b"x" * 74 + b"\r\n"
    data = b"Subject: x\r\n\r\n" + line * (size // len(line))
    channel = Smtp(context_of(_folder, port, connections).settings.smtp)

    def turn(_done: Sequence[Settled], wanted: Sequence[Parcel]) -> Sequence[Parcel]:
        return wanted

    parcels = (Parcel(number, DAY, f"reader{number}@example.org", smtp_peers.SENDER, data) for number in range(count))
    wall, own = perf_counter(), process_time()
    channel.deliver(parcels, turn)
    return {"seconds": perf_counter() - wall, "processor": process_time() - own, "peak": peak_mb(), "sent": count}


def bodies(size: int) -> tuple[str, str]:
    """Return a text and an HTML body of about that size together, a third of it text."""
    pick = random.Random(2)
    words = " ".join(pick.choices(WORDS, k=size // 8))
    lines = re.findall(r".{1,70}(?: |$)", words)
    cut = len(lines) // 3
    return "\n".join(lines[:cut]), "".join(f"<p style='margin:0'>{line}</p>\n" for line in lines[cut:])


def pool(_folder: Path, port: int, connections: int, count: int, size: int = 25_000) -> dict[str, Any]:
    """Send over a stock pool; return the figures."""
    own = process_time()
    seconds = smtp_peers.pool(port, count, connections, *bodies(size))
    return {"seconds": seconds, "processor": process_time() - own, "peak": peak_mb(), "sent": count}


def loop(_folder: Path, port: int, _connections: int, count: int, size: int = 25_000) -> dict[str, Any]:
    """Send with a connection for each message; return the figures."""
    own = process_time()
    seconds = smtp_peers.loop(port, count, *bodies(size))
    return {"seconds": seconds, "processor": process_time() - own, "peak": peak_mb(), "sent": count}


PARTS: dict[str, Callable[..., dict[str, Any]]] = {
    "ours": ours,
    "counted": counted,
    "transport": transport,
    "pool": pool,
    "loop": loop,
}


def measured(part: str, folder: Path, *numbers: int) -> dict[str, Any]:
    """Run one part (port, connections, messages) in a process of its own; return its figures."""
    command = [sys.executable, __file__, "--part", part, str(folder), *map(str, numbers)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, env=os.environ)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def show(name: str, figures: dict[str, Any], ours_rate: float | None = None) -> float:
    """Print one line; return messages a second."""
    rate = float(figures["sent"] / figures["seconds"])
    processor = f"{figures['processor'] / figures['sent'] * 1e6:7.0f} µs" if "processor" in figures else "         –"
    peak = f"{figures['peak']:6.0f} MB" if "peak" in figures else "        –"
    ratio = f"{ours_rate / rate:7.2f}" if ours_rate else ""
    print(f"{name:<52} {rate:8,.0f} msg/s {processor} {peak} {ratio}")
    return rate


def large(asked: argparse.Namespace, port: int) -> None:
    """Show that memory does not grow with subscribers."""
    for count in sorted({1000, asked.subscribers, asked.large} - {0, asked.subscribers}):
        with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
            prepared(Path(name), port, asked.connections, count)
            figures = measured("ours", Path(name), port, asked.connections, count, asked.processes)
            show(f"the same with {count:,} subscribers", figures)
            tell_of_others(figures)


def tell_of_others(figures: dict[str, Any]) -> None:
    """Print what was done in other processes, if anything was."""
    if figures["processes"] > 1:
        theirs = figures["theirs"] / figures["sent"] * 1e6
        peak = figures["their peak"]
        print(f"   {theirs:.0f} µs of it by {figures['processes']} further processes, of {peak:.0f} MB at most")


def tell_of_writing(figures: dict[str, Any]) -> None:
    """Print what one process renders, encodes and asks for, when it writes all messages."""
    statements = figures["statements"] / figures["messages"]
    print(f"   written by one process: {statements:.2f} statements a message; of {figures['papers']:,} papers shown")
    for name in ("paper", "excerpt", "links", "message"):
        rendered, encoded = (figures[kind].get(f"email/{name}.html", 0) for kind in ("rendered", "encoded"))
        print(f"      {name:<8} {rendered:7,} renders, {encoded:7,} encodings")


def prepared(folder: Path, port: int, connections: int, count: int) -> None:
    """Make a state folder whose deliveries are planned."""
    context = context_of(folder, port, connections)
    plan(context, count)
    context.store.close()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=20_000)
    parser.add_argument("--connections", type=int, default=10)
    parser.add_argument("--processes", type=int, default=0)
    parser.add_argument("--large", type=int, default=0, help="also measure memory at so many subscribers: 100000")
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.part:
        part, folder, *numbers = asked.part
        print(json.dumps(PARTS[part](Path(folder), *map(int, numbers))))
        return
    with smtp_peers.sink() as (port, server), tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        compare(asked, Path(name), port, server)
        large(asked, port)


def compare(asked: argparse.Namespace, folder: Path, port: int, server: str) -> None:
    """Send by each way, and print what each took."""
    count, connections = asked.subscribers, asked.connections
    prepared(folder, port, connections, count)
    figures = measured("ours", folder, port, connections, count, asked.processes)
    sent = figures["sent"]
    size = figures["bytes"] // sent
    print(f"{sent:,} messages of {size:,} bytes into {server}, {connections} connections; ratio: ours to it")
    rate = show("the pipeline, with the durable ledger", figures)
    tell_of_others(figures)
    each = {name: figures[name] / sent for name in ("statements", "rows settled", "commits", "round trips")}
    print("   for each message, in this process: " + ", ".join(f"{value:.2f} {name}" for name, value in each.items()))
    print(f"   {figures['before']:.0f} MB before the first message")
    tell_of_writing(measured("counted", folder, port, connections, count))
    show("our connections alone, messages made before", measured("transport", folder, port, connections, count), rate)
    if seconds := smtp_peers.source(port, count, connections, size):
        show("(a) smtp-source", {"sent": count, "seconds": seconds}, rate)
    show("(b) aiosmtplib pool, EmailMessage each", measured("pool", folder, port, connections, count // 10), rate)
    show("(c) smtplib, a connection each", measured("loop", folder, port, connections, count // 10), rate)


if __name__ == "__main__":
    main()
