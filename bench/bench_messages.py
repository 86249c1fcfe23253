"""What a message costs to make: processor time and memory for 20,000 readers, beside Python's ``email``.

    python bench/bench_messages.py [--readers 20000] [--papers 1000]

Papers, rules and readers are invented: each reader has five rules of their own and seven entries, a message has about
25 kB. Editions are frozen in a store first, and then made into messages as a run does it: loaded a few at a time,
with envelopes, down to the octets. Beside it stands an ``EmailMessage`` for each of 500 readers, made of the same two
bodies, which are handed to it ready rendered, and the same with its bodies rendered for each reader. Counts are of
parts rendered and transfer-encoded, and what they should be; memory is the process's peak so far.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import insert

from digest.identity import Plan
from digest.models import Edition, Entry, Hit, Identifiers, Match, PageNote, Paper, Rule
from digest.pipeline.collecting import rarely_collecting
from digest.pipeline.deliver import BATCH
from digest.pipeline.envelopes import envelope_of
from digest.render import Renderer
from digest.render.excerpt import Piece, excerpt_of, sentences
from digest.render.fragments import Part
from digest.render.why import abstract_spans
from digest.settings import Settings
from digest.store import Store, open_store
from digest.store import editions as edition_store
from digest.store import papers as paper_store
from digest.store.editions import Written
from digest.store.ledger import Delivery
from digest.store.tables import recipients

_ON = date(2026, 6, 16)
_ENTRIES = 7
_FORMS = ("html", "txt")
_HEADS, _TAILS = ("loom", "weav", "card", "punch", "brass", "wheel", "tide", "lamp"), ("s", "ing", "er", "like", "wise")
_WORDS = [head + tail for head in _HEADS for tail in _TAILS]
_TEXT = "of the a we and in for is with that are by on as from an at which this to".split()
_SETTINGS = Settings.model_validate(
    {"site": {"sender": "Paper digest <digest@example.org>", "base_url": "https://digest.example.org"}}
)


def _papers(count: int) -> list[Paper]:
    chance = random.Random(1)
    made = []
    for number in range(1, count + 1):
        words = [chance.choice(_WORDS if n % 9 == 0 else _TEXT) for n in range(180)]
        sentences = [" ".join(words[n : n + 20]).capitalize() + "." for n in range(0, 180, 20)]
        made.append(
            Paper(
                number,
                1,
                " ".join(chance.choices(_WORDS, k=9)).title(),
                _ON,
                _ON,
                abstract=" ".join(sentences),
                authors=tuple(f"{chance.choice(_HEADS).title()} {chance.choice(_WORDS).title()}" for _ in range(4)),
                categories=("cs.LG", "cs.AI"),
                published=_ON,
                identifiers=Identifiers(arxiv=f"2606.{number:05d}"),
                layouts=("jsonl",),
            )
        )
    return made


def _places(word: str, text: str) -> tuple[tuple[int, int], ...]:
    lower, found, start = text.lower(), [], 0
    while (start := lower.find(word, start)) >= 0:
        found.append((start, start + len(word)))
        start += len(word)
    return tuple(found)


def _edition(number: int, papers: list[Paper]) -> Edition:
    """Return a reader's edition; a rule asks for two words, one of which many others ask for, too."""
    chance = random.Random(number)
    terms = [(chance.choice(_WORDS[:10]), chance.choice(_WORDS)) for _ in range(5)]
    entries = []
    for paper in chance.sample(papers, _ENTRIES):
        matches = []
        for place in chance.sample(range(5), 2):
            found = [(word, _places(word, paper.abstract or "")) for word in terms[place]]
            hits = tuple(Hit(word, "abstract", spans) for word, spans in found if spans)
            matches.append(Match(" OR ".join(terms[place]), False, False, 2.0, hits))
        entries.append(Entry(paper, tuple(matches)))
    return Edition(
        recipient=f"reader{number}@example.org",
        kind="subscriber",
        title=f"Reader {number}",
        date=_ON,
        entries=tuple(entries),
        considered=len(papers),
        rules=tuple(Rule(" OR ".join(both)) for both in terms),
        pages=(PageNote("jsonl", "jsonl", _ON, len(papers)),),
        joined=date(2026, 5, 2),
        added_by="ops@example.org",
    )


def _fill(store: Store, readers: int, papers: list[Paper]) -> list[int]:
    ids: list[int] = []
    with store.writing() as tx:
        paper_store.apply(tx, Plan(added=papers, title_keys={paper.id: paper.title for paper in papers}), dump_id=1)
        for first in range(1, readers + 1, 500):
            part = range(first, min(first + 500, readers + 1))
            tx.execute(insert(recipients), [{"id": n, "kind": "subscriber", "key": f"reader{n}"} for n in part])
            ids += edition_store.freeze(
                tx, [Written.of(n, _edition(n, papers), frozen=True, watermark=1) for n in part]
            )
    return ids


def _delivery(number: int, edition: int) -> Delivery:
    own = f"<{number:032x}@digest.example.org>"
    when = f"2026-06-16T07:{number // 60 % 60:02d}:{number % 60:02d}Z"
    return Delivery(
        id=number,
        recipient=number,
        email=f"reader{number}@example.org",
        subscriber="active",
        date=_ON,
        edition=edition,
        state="planned",
        attempts=0,
        unknowns=0,
        next_attempt=None,
        changed_at=when,
        message_id=own,
        message_date=when,
        reply="",
    )


@dataclass
class Spent:
    """Seconds of the processor on each step, octets made, and peaks of memory (MiB) by messages made."""

    loading: float = 0.0
    making: float = 0.0
    parts: float = 0.0
    octets: int = 0
    peaks: dict[int, float] = field(default_factory=dict)


def _make(store: Store, ids: list[int], renderer: Renderer, spent: Spent) -> Iterator[bytes]:
    """Yield the messages as a run makes them."""
    spent.peaks[0] = _peak()
    shared, secret = edition_store.Shared(), b"s" * 32
    for start in range(0, len(ids), BATCH):
        begin = time.process_time()
        with store.reading() as tx:
            loaded = edition_store.load_many(tx, ids[start : start + BATCH], shared, waiting=False)
        spent.loading += time.process_time() - begin
        for number, edition in enumerate(loaded, start + 1):
            begin = time.process_time()
            envelope = envelope_of(_SETTINGS, secret, _delivery(number, edition.id or 0), edition.title)
            message = renderer.message(edition, envelope)
            spent.making += time.process_time() - begin
            spent.octets += len(message)
            yield message
        if any(start < some <= start + BATCH for some in (1000, 5000, len(ids))):
            spent.peaks[start + len(loaded)] = _peak()


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _watch(renderer: Renderer, spent: Spent) -> None:
    """Take the time in which parts are made that were not known, apart from that of the message they are first for."""
    fragments = renderer._mails._fragments
    both = fragments._both

    def timed(template: str, **context: object) -> Part:
        begin = time.process_time()
        made = both(template, **context)
        spent.parts += time.process_time() - begin
        return made

    fragments._both = timed  # type: ignore[method-assign]


def _bodies(raw: bytes) -> tuple[EmailMessage, str, str]:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    text, html = (part.get_content() for part in message.iter_parts())
    return message, text, html


def _by_email(given: tuple[EmailMessage, str, str]) -> bytes:
    """Return the message as a straightforward program builds it, its bodies ready."""
    ours, text, html = given
    made = EmailMessage(policy=email.policy.SMTP.clone(max_line_length=998))
    for name in ("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"):
        made[name] = str(ours[name])
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(html, subtype="html", cte="quoted-printable")
    return made.as_bytes()


def _pieces(entry: Entry) -> tuple[Piece, ...]:
    """Return what an entry shows of its abstract."""
    return excerpt_of(*sentences(entry.paper.abstract), abstract_spans(entry.matches))


def _timed(act: Callable[[], object]) -> float:
    begin = time.process_time()
    act()
    return time.process_time() - begin


def _peers(samples: list[bytes], editions: list[Edition]) -> tuple[float, float]:
    """Return seconds for each message by ``email``: with bodies ready, and with bodies rendered for each reader."""
    parsed = [_bodies(raw) for raw in samples]
    ready = _timed(lambda: [_by_email(each) for each in parsed]) / len(parsed)
    envelope = envelope_of(_SETTINGS, b"s" * 32, _delivery(1, 1), "Reader 1")
    alone = [Renderer(_SETTINGS) for _ in editions]  # that shares nothing; its templates are compiled once
    rendered = _timed(lambda: [own.message(each, envelope) for own, each in zip(alone, editions, strict=True)])
    return ready, ready + rendered / len(editions)


def _report(spent: Spent, made: int, renderer: Renderer, wanted: dict[str, int]) -> None:
    print(f"{made:,} messages of {spent.octets / made / 1000:.1f} kB on average")
    print(f"loading an edition      {spent.loading / made * 1e3:8.3f} ms of processor time")
    print(f"making a message        {spent.making / made * 1e3:8.3f} ms")
    print(f"- of it, parts not known{spent.parts / made * 1e3:8.3f} ms")
    rendered, encoded = renderer.counts, renderer.encodings
    for name, right in wanted.items():
        counts = [f"{counts[f'email/{name}.{form}']:,}" for form in _FORMS for counts in (rendered, encoded)]
        print(f"{name + ' parts':24}{right:8,} different; rendered, encoded (HTML), rendered, encoded (text): {counts}")
    for messages, peak in spent.peaks.items():
        print(f"peak of memory          {peak:8.1f} MiB after {messages:,} messages")


def main() -> None:
    """Freeze, make, compare, print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--readers", type=int, default=20_000)
    parser.add_argument("--papers", type=int, default=1_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        _run(Path(folder), given.readers, _papers(given.papers))


def _run(folder: Path, readers: int, papers: list[Paper]) -> None:
    store = open_store(folder, "sqlite:///digest.db")
    ids = _fill(store, readers, papers)
    renderer, spent, samples = Renderer(_SETTINGS), Spent(), []
    _watch(renderer, spent)
    with rarely_collecting():
        for number, message in enumerate(_make(store, ids, renderer, spent)):
            if number % max(1, readers // 500) == 0:
                samples.append(message)
    entries = [entry for n in range(1, readers + 1) for entry in _edition(n, papers).entries]
    wanted = {
        "paper": len({entry.paper.id for entry in entries}),
        "excerpt": len({(entry.paper.id, _pieces(entry)) for entry in entries}),
    }
    spans = len({(entry.paper.id, abstract_spans(entry.matches)) for entry in entries})
    print(f"{len(entries):,} entries of {len(papers):,} papers, matched in {spans:,} different ways")
    _report(spent, len(ids), renderer, wanted)
    ready, alone = _peers(samples, [_edition(n, papers) for n in range(1, len(samples) + 1)])
    print(f"EmailMessage, bodies ready     {ready * 1e3:8.3f} ms a message")
    print(f"EmailMessage, bodies rendered  {alone * 1e3:8.3f} ms a message")
    store.close()


if __name__ == "__main__":
    main()
