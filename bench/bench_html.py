"""How fast HTML pages are opened: MB/s beside BeautifulSoup on the same pages, and the memory that both take.

    python bench/bench_html.py [--rounds 5]

Pages are invented: cards of title, authors and abstract. "text" has little more markup than a browser's reader view,
"cards" about what sites of today have, "tags" next to no text. HTML is measured from bytes to blocks (decoding, the
parse, links made absolute), BeautifulSoup from the same bytes to the pieces of text that ``get_text`` finds. Figures
are medians of processor time.
"""

from __future__ import annotations

import argparse
import statistics
import time
import tracemalloc
import warnings
from collections.abc import Callable

from bs4 import BeautifulSoup

from digest.archive import Blob, blob_of
from digest.containers import opened

_TITLE = "Weaving Patterns from Punched Cards and Wheels of Brass"
_ABSTRACT = (
    "We describe a loom that weaves patterns of any length from punched cards, and a way to read them twice. "
    "The cards are cut by hand &amp; read by lamp light, at less than 3 knots of wind; tides are told a year ahead. "
) * 6
_BADGE = '<span class="inline-flex items-center rounded px-2 text-xs"><b class="font-medium">{0}</b></span>'


def _text(number: int) -> str:
    link = f'<a href="/papers/2606.{number:05d}">{_TITLE} {number}</a>'
    return f"<h3>{link}</h3>\n<p>Ada Lovelace, Alan Turing</p>\n<p>{_ABSTRACT}</p>\n"


def _card(number: int) -> str:
    authors = "".join(f'<li class="author"><a href="/u/{n}" title="x">Ada Lovelace {n}</a></li>' for n in range(5))
    icon = '<svg class="icon" width="1em" viewBox="0 0 12 12"><path fill="currentColor" d="M5 11 0 8"></path></svg>'
    badges = "".join(_BADGE.format(word) for word in ("36.1", "RO", "Jun 12, 2026", "Code"))
    link = f'<a href="/papers/2606.{number:05d}" class="line-clamp-3 cursor-pointer">{_TITLE} {number}</a>'
    return (
        f'<article class="relative flex flex-col overflow-hidden rounded-xl border"><div>{badges}</div>\n'
        f'<h3 class="mb-1 text-lg">{link}</h3><ul class="flex">{authors}</ul>\n'
        f'<div><button type="button">{icon}<span>12</span></button>{icon}</div><p>{_ABSTRACT}</p></article>\n'
    )


def _tags(number: int) -> str:
    return f'<div class="a b c"><div id="x"><span class="y"><i class="q">{number}</i></span></div><br></div>\n' * 20


def page(entry: Callable[[int], str], size: int) -> bytes:
    """Return a page of about ``size`` bytes."""
    entries = [entry(number) for number in range(size // len(entry(0)) + 1)]
    head = '<!DOCTYPE html><html><head><title>Papers</title><link rel="canonical" href="https://example.org/papers">'
    return f"{head}</head><body>{''.join(entries)}</body></html>".encode()


def seconds(work: Callable[[], object], rounds: int) -> float:
    """Return the median processor time of some work."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def peak(work: Callable[[], object]) -> float:
    """Return the most memory that Python held during some work, in MiB."""
    tracemalloc.start()
    work()
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / 2**20


def read(dump: Blob) -> int:
    """Return how many blocks a dump has."""
    return sum(1 for document in opened(dump) for _ in document.blocks())


def soup(dump: bytes) -> int:
    """Return how many pieces of text BeautifulSoup finds with its quickest parser, told the encoding."""
    return BeautifulSoup(dump.decode(), "lxml").get_text("\n", strip=True).count("\n") + 1


def html(rounds: int) -> None:
    """Print the figures of HTML."""
    print(f"{'HTML':8} {'MB':>5} {'MB/s':>7} {'blocks':>7} {'MiB':>6}   {'BeautifulSoup':>18} {'MiB':>6} {'ratio':>6}")
    for name, entry in (("text", _text), ("cards", _card), ("tags", _tags)):
        dump = page(entry, 2_000_000)
        blob = blob_of(dump, "a page")
        size, ours, theirs = len(dump) / 1e6, seconds(lambda: read(blob), rounds), seconds(lambda: soup(dump), rounds)  # noqa: B023 - called at once
        print(
            f"{name:8} {size:5.1f} {size / ours:7.1f} {read(blob):7,} {peak(lambda: read(blob)):6.1f}   "  # noqa: B023
            f"{size / theirs:18.1f} {peak(lambda: soup(dump)):6.1f} {theirs / ours:5.1f}x"  # noqa: B023
        )


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rounds", type=int, default=5)
    warnings.simplefilter("ignore")
    html(arguments.parse_args().rounds)


if __name__ == "__main__":
    main()
