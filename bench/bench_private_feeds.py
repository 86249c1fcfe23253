"""10,000 private feeds over HTTP: requests a second when each is made, when all are asked again, and when few are.

``python bench/bench_private_feeds.py [--subscribers N] [--seconds N]`` composes ten days of editions for subscribers
with different rules, through the real pipeline, and has ``digest serve`` answer; wrk asks. Without wrk nothing is
measured, and it says so. Beside it a Starlette application that says hello, in the same uvicorn, is the most that can
be. Cost law: a feed that is made grows with its entries, of which those that others show as well are written once; one
that is kept, and 304, with nothing but requests.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from time import perf_counter, sleep
from typing import Any

import feed_sites
from bench_rules import KINDS, drawn, invented, subscribed

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

import real_papers
from made_rules import Maker
from service_process import serving, wait_for

from digest.pipeline.context import Context
from digest.service.feed_addresses import path_of

SCRIPT = Path(__file__).with_name("private_feeds.lua")
FEW = 50  # feeds that surely are all kept
THREADS, CONNECTIONS = 2, 16
PATIENCE = 1_800  # seconds


def line(what: str, figures: dict[str, Any]) -> None:
    """Print what was asked of the server, and how it did."""
    rate = figures["requests"] / figures["seconds"]
    sizes = figures["bytes"] / figures["requests"] / 1e3
    print(
        f"{what:<46} {rate:9,.0f} requests/s, {sizes:7,.1f} kB each, {figures['p50'] / 1e3:7.1f} ms, "
        f"1 in 100 over {figures['p99'] / 1e3:7.1f} ms, {figures['errors']} errors"
    )


def load(address: str, folder: Path, mode: str, seconds: int, connections: int = CONNECTIONS) -> dict[str, Any]:
    """Have wrk ask; return its figures."""
    command = ["wrk", "-t", str(THREADS), "-c", str(connections), "-d", str(seconds), "--timeout", "30"]
    command += ["-s", str(SCRIPT), address, str(folder), str(THREADS), mode]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as wrk:
        if mode == "once":  # wrk sleeps for its whole time, though nothing is left to be asked
            tags = [folder / f"tags.{number}" for number in range(THREADS)]
            while wrk.poll() is None and not all(path.exists() for path in tags):
                sleep(0.01)
            wrk.send_signal(signal.SIGINT)
        said, _ = wrk.communicate()
    found: dict[str, Any] = json.loads(said.rstrip().rpartition("\n")[2])
    return found


def once(address: str, folder: Path) -> dict[str, Any]:
    """Have wrk ask for each address one time, by one connection a thread."""
    for path in folder.glob("tags.*"):
        path.unlink()
    return load(address, folder, "once", PATIENCE, THREADS)


def peak_mb(process: subprocess.Popen[bytes]) -> float:
    """Return the most memory that a process has had, in MB."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{process.pid}/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else float("nan")


def paths(folder: Path, name: str, found: list[str]) -> Path:
    """Write down which addresses are asked for; return the folder that wrk's script takes."""
    own = folder / name
    own.mkdir()
    (own / "paths").write_text("".join(f"/{path}\n" for path in found))
    return own


def made(folder: Path, count: int) -> list[str]:
    """Make the site, its subscribers and their editions; return the addresses of their feeds."""
    known = real_papers.papers(*real_papers.days()) if real_papers.ARE_HERE else invented(1_000, Random(7))
    rules = subscribed(Maker(drawn(known, 1_000, Random(7)), seed=7, kinds=KINDS, most_common=0.5, pool=30_000), count)
    context, started = feed_sites.site(folder), perf_counter()
    feed_sites.subscribe(context, [[rule.query for rule in own] for own in rules])
    for day in feed_sites.days():
        feed_sites.take_in(context, day)
    found = addresses(context)
    context.store.close()
    print(f"{len(found):,} subscribers' editions made in {perf_counter() - started:.0f} s")
    return found


def addresses(context: Context) -> list[str]:
    """Return where the subscribers' feeds are; print how many entries these have."""
    with context.store.reading() as tx:
        rows = tx.exec_driver_sql("SELECT recipient_id, feed_turn FROM subscribers ORDER BY 1").all()
        entries = tx.exec_driver_sql("SELECT count(*) FROM entries JOIN subscribers USING (recipient_id)").scalar_one()
        papers = tx.exec_driver_sql("SELECT count(DISTINCT paper_id) FROM entries").scalar_one()
    print(f"{entries / len(rows):.0f} entries a feed on average, of {papers:,} papers")
    secret = context.store.secret()
    return [f"{path_of(secret, recipient, turn)}.atom" for recipient, turn in rows]


@contextmanager
def hello() -> Iterator[str]:
    """Run the application that says hello; yield its address."""
    program = Path(__file__).with_name("feed_peers.py")
    with subprocess.Popen([sys.executable, str(program)], stdout=subprocess.PIPE, text=True, env=os.environ) as peer:
        assert peer.stdout
        try:
            yield peer.stdout.readline().strip()
        finally:
            peer.terminate()


def answered(address: str) -> bool:
    """Say whether somebody answers there."""
    done = subprocess.run(
        ["wrk", "-t", "1", "-c", "1", "-d", "1", address], capture_output=True, text=True, check=False
    )
    return "Requests/sec" in done.stdout and "Requests/sec:      0.00" not in done.stdout


def ceiling(folder: Path, seconds: int) -> None:
    """Ask the application that says hello."""
    with hello() as address:
        wait_for(lambda: answered(address))
        line("hello, by Starlette", load(address, paths(folder, "hello", ["hello"] * THREADS), "all", seconds))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subscribers", type=int, default=10_000)
    parser.add_argument("--seconds", type=int, default=5)
    asked = parser.parse_args()
    if not shutil.which("wrk"):
        print("skipped: there is no wrk, which asks (Debian's package wrk)")
        return
    with tempfile.TemporaryDirectory(prefix="digest-bench-") as name:
        measure(Path(name), asked.subscribers, asked.seconds)


def measure(folder: Path, count: int, seconds: int) -> None:
    """Ask for all feeds, then for few of them."""
    found = made(folder, count)
    every, few = paths(folder, "every", found), paths(folder, "few", found[:FEW])
    with serving(folder, "--no-schedule") as (process, address):
        print(f"server: {peak_mb(process):.0f} MB before the first request")
        line(f"{count:,} feeds, each for the first time", once(address, every))
        line(f"{count:,} feeds, asked for again (200)", load(address, every, "all", 2 * seconds))
        line(f"{count:,} feeds, nothing new (304)", load(address, every, "same", 2 * seconds))
        once(address, few)
        line(f"{FEW} feeds that are kept (200)", load(address, few, "all", seconds))
        line(f"{FEW} feeds that are kept, nothing new (304)", load(address, few, "same", seconds))
        print(f"server: {peak_mb(process):.0f} MB at its peak")
    ceiling(folder, seconds)


if __name__ == "__main__":
    main()
