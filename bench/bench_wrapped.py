"""How often listings come back as they were from text that something wrapped, and how fast.

``DIGEST_TESTDATA=DIR python bench/bench_wrapped.py`` makes pages of 60 of that folder's papers in every layout, spaced
and compact, wraps them at several columns, and prints the share of listings that read as from the page as it was.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from forms import markdown, wrapped

from digest.archive import blob_of
from digest.containers import opened
from digest.layouts import read
from digest.models import Listing

ON = date(2026, 6, 15)
PAGE = 60
Paper = tuple[str, list[str], str]

FORMS: dict[str, Callable[[str], str]] = {
    "wrapped at 80": wrapped,
    "wrapped at 72, hyphens whole": lambda text: wrapped(text, 72, hyphens=False),
    "wrapped at 100": lambda text: wrapped(text, 100),
    "html2text": markdown,
}


def papers(folder: Path) -> list[Paper]:
    rows = {row["id"]: row for path in sorted(folder.glob("*.jsonl")) for row in map(json.loads, path.open())}
    return [
        (
            " ".join(row["title"].split()),
            [" ".join(a.split()) for a in row["authors"]],
            " ".join(row["summary"].split()),
        )
        for row in rows.values()
    ]


def aitopics(page: Sequence[Paper]) -> str:
    head = "Goto\n\nCollaborating Authors\n\n Lovelace, Ada\n\n\n"
    return head + "\n\n\n".join(f"{title}\n\narXiv.org Robotics\n\n{abstract}" for title, _, abstract in page)


def huggingface(page: Sequence[Paper]) -> str:
    head = "Get trending papers in your email inbox!\n\nSubscribe\n\nbyAK and the research community\n\nMar 14\n\n"
    return head + "\n\n".join(f"{title}\n\n{abstract}" for title, _, abstract in page)


def scholarfeed(page: Sequence[Paper], between: str = "\n\n") -> str:
    pick = random.Random(7)
    made = []
    for title, names, abstract in page:
        opening = (
            pick.choice(["", "36.1", "7.2"])
            + pick.choice(["LG", "RO", "AI"])
            + f"Jun {pick.randint(1, 28)}"
            + pick.choice(["", ", 2022"])
            + pick.choice(["", "Code"])
        )
        credit = ", ".join(names[:3]) + " et al." * (len(names) > 3) + pick.choice(["", " · cmu, mit", " · pku"])
        made.append(f"{opening}\n{title}{between}{credit}\n\n{abstract}")
    return "\n\n".join(made)


def without_blank_lines(text: str) -> str:
    return "\n".join(line for line in text.splitlines() if line.strip())


PAGES: dict[str, Callable[[Sequence[Paper]], str]] = {
    "aitopics spaced": aitopics,
    "aitopics compact": lambda page: without_blank_lines(aitopics(page)),
    "huggingface spaced": huggingface,
    "huggingface compact": lambda page: without_blank_lines(huggingface(page)),
    "scholarfeed spaced": scholarfeed,
    "scholarfeed compact": lambda page: without_blank_lines(scholarfeed(page, "")),
}


def listings(text: str, layout: str) -> Iterator[str]:
    """Yield what is compared of each listing."""
    for event in read(opened(blob_of(text.encode(), "")), ON, layout).events:
        if isinstance(event, Listing):
            yield json.dumps(event.as_row())


def main(folder: Path) -> None:
    made = papers(folder)
    for name, build in PAGES.items():
        pages = [build(made[start : start + PAGE]) for start in range(0, len(made), PAGE)]
        wanted = [Counter(listings(page, name.split()[0])) for page in pages]
        for form, change in FORMS.items():
            changed = [change(page) for page in pages]
            start = time.process_time()
            found = [Counter(listings(page, name.split()[0])) for page in changed]
            took = time.process_time() - start
            right = sum((want & got).total() for want, got in zip(wanted, found, strict=True))
            more = sum((got - want).total() for want, got in zip(wanted, found, strict=True))
            total = sum(want.total() for want in wanted)
            size = sum(len(page.encode()) for page in changed) / 1e6
            print(
                f"{name:20} {form:29} {right / total:8.3%} of {total} listings as they were"
                f" ({more} others)   {size / took:5.1f} MB/s"
            )


if __name__ == "__main__":
    data = Path(os.environ.get("DIGEST_TESTDATA", "")) / "data" / "daily-arxiv"
    if data.is_dir():
        main(data)
    else:
        print("DIGEST_TESTDATA names no folder with papers to wrap")
