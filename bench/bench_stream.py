"""A JSON Lines dump of 1 GB taken in by the command line, beside ``json.loads`` of each of its lines.

``python bench/bench_stream.py [--megabytes 1000]`` prints seconds, listings/s and the peak memory of the process, then
what the same dump costs once more in other bytes. It needs four times the dump's size on disk, under TMPDIR.
Cost law: time linear in listings; memory does not grow with the dump (5,000 listings are held at a time); a transaction
holds 20,000 listings.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

WORDS = "adaptive bayesian causal dense efficient federated graph hierarchical implicit kernel latent neural".split()
DIGEST = "import sys; from digest.cli import entry; entry()"


def write_dump(path: Path, megabytes: int) -> int:
    """Write invented listings of about 2 KB each, all different; return how many."""
    pick = random.Random(1)
    abstracts = [". ".join(" ".join(pick.choices(WORDS, k=19)) for _ in range(12)) + "." for _ in range(500)]
    count = 0
    with path.open("w") as file:
        while file.tell() < megabytes * 10**6:
            title = " ".join(pick.choices(WORDS, k=8))
            listing = {
                "id": f"{10 + count // 99_999:02d}01.{count % 99_999:05d}",
                "title": f"{title} {count}",
                "authors": [f"{pick.choice(WORDS).title()} {pick.choice(WORDS).title()}" for _ in range(5)],
                "categories": ["cs.LG", "stat.ML"],
                "summary": abstracts[count % len(abstracts)],
            }
            file.write(json.dumps(listing) + "\n")
            count += 1
    return count


def run(*arguments: str | Path) -> tuple[float, int]:
    """Run the command line in a process of its own; return its seconds and its peak memory in MiB."""
    start = time.perf_counter()
    child = os.posix_spawn(sys.executable, [sys.executable, "-c", DIGEST, *map(str, arguments)], os.environ)
    _, status, used = os.wait4(child, 0)
    if status:
        raise SystemExit(f"digest {arguments[0]} failed")
    return time.perf_counter() - start, used.ru_maxrss // 1024


def loads(path: Path) -> float:
    """Decode each line; return the seconds."""
    start = time.perf_counter()
    with path.open() as file:
        for line in file:
            json.loads(line)
    return time.perf_counter() - start


def main() -> None:
    """Print the figures."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--megabytes", type=int, default=1000)
    megabytes = asked.parse_args().megabytes
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder, "stream.jsonl")
        count = write_dump(dump, megabytes)
        seconds, peak = run("ingest", dump, "--state", Path(folder, "state"), "--date", "2026-06-15")
        peer = loads(dump)
        print(f"dump: {count:,} listings, {dump.stat().st_size / 1e6:,.0f} MB")
        print(f"taken in:   {seconds:6.1f} s  {count / seconds:8,.0f} listings/s  peak memory {peak} MiB")
        print(f"json.loads: {peer:6.1f} s  {count / peer:8,.0f} listings/s  ratio {peer / seconds:.2f}")
        with dump.open("a") as file:
            file.write("\n")
        seconds, peak = run("ingest", dump, "--state", Path(folder, "state"), "--date", "2026-06-15")
        print(f"once more:  {seconds:6.1f} s  {count / seconds:8,.0f} listings/s  peak memory {peak} MiB")


if __name__ == "__main__":
    main()
