"""How fast each layout reads, beside the least that any reader must do; and how often glued titles are parted right.

``python bench/bench_layouts.py [listings]`` prints one line per layout and form. The peer of the text layouts is
``str.splitlines``, of JSON Lines ``json.loads`` per line, of feeds feedparser, of BibTeX and RIS their parsers alone,
on the same text. With DIGEST_TESTDATA set, the titles and authors of its papers are glued and parted again.
"""

from __future__ import annotations

import json
import os
import random
import sys
import textwrap
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import feedparser
import rispy
from bibtexparser.splitter import Splitter

from digest.archive import blob_of
from digest.containers import opened
from digest.layouts import read
from digest.layouts.glue import learn_ahead, part
from digest.layouts.seen import Seen

ON = date(2026, 6, 15)
WORDS = [
    "carry",
    "loom",
    "tide",
    "wheel",
    "cipher",
    "engine",
    "card",
    "letter",
    "key",
    "harbour",
    "wind",
    "lever",
    "pattern",
    "weave",
    "count",
    "turn",
    "length",
    "proof",
]
GIVEN = ["Ada", "Alan", "Grace", "Wei", "Émile", "Man-Kit", "Joost", "Min-Jun", "Sofia", "Rahul"]
FAMILY = ["Lovelace", "Turing", "Hopper", "Zhang", "Dupont", "Sit", "Lee", "Rossi", "Sharma", "Jansen"]


def sentence(pick: random.Random, words: int) -> str:
    return " ".join(pick.choices(WORDS, k=words)).capitalize()


def papers(count: int) -> list[tuple[str, list[str], str]]:
    """Return invented papers: title, authors, an abstract of about 1,300 characters."""
    pick = random.Random(5)
    return [
        (
            sentence(pick, 9).title(),
            [f"{pick.choice(GIVEN)} {pick.choice(FAMILY)}" for _ in range(pick.randint(1, 6))],
            " ".join(sentence(pick, 20) + "." for _ in range(11)) + " Code: https://github.com/example/loom.",
        )
        for _ in range(count)
    ]


def mailing(made: list[tuple[str, list[str], str]]) -> str:
    """Return the papers as arXiv mails them."""
    rule = "-" * 78 + "\n"
    items = (
        f"\\\\\narXiv:2606.{number:05}\nDate: Thu, 11 Jun 2026 18:21:23 GMT   (27kb)\n\n"
        + "\n".join(textwrap.wrap(f"Title: {title}", 79, subsequent_indent="  "))
        + f"\nAuthors: {', '.join(names)}\nCategories: cs.LG cs.RO\n\\\\\n"
        + "\n".join(textwrap.wrap(abstract, 79, initial_indent="  "))
        + f"\n\\\\ ( https://arxiv.org/abs/2606.{number:05} ,  27kb)\n"
        for number, (title, names, abstract) in enumerate(made)
    )
    return "Send any comments regarding submissions directly to submitter.\n" + rule + rule.join(items)


def listing_page(made: list[tuple[str, list[str], str]]) -> str:
    """Return the papers as arXiv's page of the day lists them."""
    items = (
        f"[{number}] arXiv:2606.{number:05} [pdf, html, other]\nTitle: {title}\n{', '.join(names)}\n"
        f"Subjects: Machine Learning (cs.LG); Robotics (cs.RO)\n\n{abstract}\n"
        for number, (title, names, abstract) in enumerate(made, 1)
    )
    return f"New submissions (showing {len(made)} of {len(made)} entries)\n\n" + "\n".join(items)


def atom(made: list[tuple[str, list[str], str]]) -> str:
    """Return the papers as arXiv's interface answers with them."""
    entries = (
        f"<entry><id>http://arxiv.org/abs/2606.{number:05}v1</id><title>{title}</title><summary>{abstract}</summary>\n"
        "<published>2026-06-12T17:59:59Z</published><updated>2026-06-12T17:59:59Z</updated>"
        f'<link href="http://arxiv.org/abs/2606.{number:05}v1" rel="alternate" type="text/html"/>\n'
        + "".join(f"<author><name>{name}</name></author>" for name in names)
        + '<category term="cs.LG"/></entry>\n'
        for number, (title, names, abstract) in enumerate(made)
    )
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Looms</title>\n{"".join(entries)}</feed>\n'


def rss(made: list[tuple[str, list[str], str]]) -> str:
    """Return the papers as arXiv's feeds of the day have them."""
    items = (
        f"<item><title>{title}</title><link>https://arxiv.org/abs/2606.{number:05}</link>\n"
        f"<description>arXiv:2606.{number:05}v1 Announce Type: new \nAbstract: {abstract}</description>\n"
        f'<guid isPermaLink="false">oai:arXiv.org:2606.{number:05}v1</guid><category>cs.LG</category>\n'
        "<pubDate>Mon, 15 Jun 2026 00:00:00 -0400</pubDate><arxiv:announce_type>new</arxiv:announce_type>"
        f"<dc:creator>{', '.join(names)}</dc:creator></item>\n"
        for number, (title, names, abstract) in enumerate(made)
    )
    spaces = 'xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    return f'<rss version="2.0" {spaces}><channel><title>Looms</title>\n{"".join(items)}</channel></rss>\n'


def bibtex(made: list[tuple[str, list[str], str]]) -> str:
    """Return the papers as BibTeX."""
    return "\n".join(
        f"@article{{key{number},\n  title = {{{title}}},\n  author = {{{' and '.join(names)}}},\n"
        f"  abstract = {{{abstract}}},\n  journal = {{Looms}},\n  date = {{2026-06-12}}\n}}\n"
        for number, (title, names, abstract) in enumerate(made)
    )


def ris(made: list[tuple[str, list[str], str]]) -> str:
    """Return the papers as RIS."""
    return "".join(
        f"TY  - JOUR\nTI  - {title}\n"
        + "".join(f"AU  - {name}\n" for name in names)
        + f"AB  - {abstract}\nDA  - 2026/06/12/\nJF  - Looms\nER  - \n\n"
        for title, names, abstract in made
    )


def dumps(count: int) -> dict[str, str]:
    """Return the same papers in every layout and form."""
    made = papers(count)
    topics = [(title, "arXiv.org Oceans", abstract) for title, _, abstract in made]
    pairs = [(title, abstract) for title, _, abstract in made]
    credit = [", ".join(names[:3]) + (" et al. · cmu" if len(names) > 3 else "") for _, names, _ in made]
    feed = list(zip(made, credit, strict=True))
    return {
        "arxiv-mailing daily": mailing(made),
        "arxiv-list new": listing_page(made),
        "aitopics spaced": "Goto\n\nCollaborating Authors\n\nLovelace, Ada\n\n\n"
        + "\n\n\n".join(map("\n\n".join, topics)),
        "aitopics compact": "Goto\nCollaborating Authors\nLovelace, Ada\n" + "\n".join(map("\n".join, topics)),
        "huggingface spaced": "byAK and the research community\n\nMar 14\n\n" + "\n\n".join(map("\n\n".join, pairs)),
        "huggingface compact": "Get trending papers in your email inbox!\nSubscribe" + "\n".join(map("\n".join, pairs)),
        "scholarfeed spaced": "\n\n".join(f"36.1ROJun 17, 2022Code\n{p[0]}\n\n{names}\n\n{p[2]}" for p, names in feed),
        "scholarfeed compact": "\n".join(f"36.1ROJun 17, 2022Code\n{p[0]}{names}\n{p[2]}" for p, names in feed),
        "feed atom": atom(made),
        "feed rss": rss(made),
        "bibtex": bibtex(made),
        "ris": ris(made),
        "jsonl lines": "\n".join(
            json.dumps({"title": t, "authors": a, "abstract": s, "id": "2501.01234"}) for t, a, s in made
        ),
        "jsonl array": json.dumps([{"title": t, "authors": a, "abstract": s} for t, a, s in made], indent=1),
    }


PEERS: dict[str, tuple[str, Callable[[str], object]]] = {
    "feed": ("feedparser", feedparser.parse),
    "bibtex": ("bibtexparser", lambda text: Splitter(text).split()),
    "ris": ("rispy", rispy.loads),
}


def seconds(work: Callable[[], object]) -> float:
    """Return the least processor time of five runs."""
    times = []
    for _ in range(5):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return min(times)


def speed(count: int) -> None:
    for name, text in dumps(count).items():
        layout = name.split()[0]
        took = seconds(
            lambda text=text, layout=layout: sum(1 for _ in read(opened(blob_of(text.encode(), "")), ON, layout).events)
        )
        peer, work = "str.splitlines", text.splitlines
        if name == "jsonl lines":
            peer, work = "json.loads", lambda text=text: [json.loads(line) for line in text.split("\n")]
        elif name == "jsonl array":
            peer, work = "json.loads", lambda text=text: json.loads(text)
        elif layout in PEERS:
            peer, work = PEERS[layout][0], lambda text=text, layout=layout: PEERS[layout][1](text)
        beside = seconds(work)
        megabytes = len(text.encode()) / 1e6
        print(
            f"{name:20} {megabytes / took:7.1f} MB/s {count / took:9,.0f} listings/s {took / count * 1e6:6.1f} µs each"
            f"   ({peer}: {beside / count * 1e6:.1f} µs)"
        )


def accuracy(folder: Path) -> None:
    """Print how many of the papers' titles come back exactly from the line that they are glued into."""
    rows = {row["id"]: row for path in sorted(folder.glob("*.jsonl")) for row in map(json.loads, path.open())}
    made = [
        (" ".join(row["title"].split()), [" ".join(name.split()) for name in row["authors"]], row["summary"])
        for row in rows.values()
    ]
    printed: dict[str, Callable[[list[str]], tuple[list[str], bool]]] = {
        "three authors": lambda names: (names[:3], len(names) > 3),
        "all authors": lambda names: (names, False),
        "one author": lambda names: (names[:1], False),
    }
    for form, credit in printed.items():
        for abstracts in (True, False):
            right = told = needless = 0
            for page in (made[start : start + 60] for start in range(0, len(made), 60)):
                lines = [title + ", ".join(credit(names)[0]) + " et al." * credit(names)[1] for title, names, _ in page]
                seen = Seen()
                learn_ahead(seen, lines)
                for line, (title, names, abstract) in zip(lines, page, strict=True):
                    parted = part(line, abstract if abstracts else "", seen)
                    exact = (parted.title, list(parted.credits.names)) == (title, credit(names)[0])
                    right += exact
                    told += not exact and not parted.sure
                    needless += exact and not parted.sure
                    seen.learn(parted.credits.names[1:])
            wrong = len(made) - right
            print(
                f"parting, {form}, {'with' if abstracts else 'without'} abstracts: {right / len(made):.2%} exact"
                f" of {len(made)}; {wrong} wrong, {told} of them told uncertain, and {needless} right ones"
            )


if __name__ == "__main__":
    speed(int(sys.argv[1]) if sys.argv[1:] else 5_000)
    data = Path(os.environ.get("DIGEST_TESTDATA", "")) / "data" / "daily-arxiv"
    if data.is_dir():
        accuracy(data)
