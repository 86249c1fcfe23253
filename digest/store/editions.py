"""Editions: freezing them with their entries and backlog, and loading them as records."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Integer, Text, bindparam, delete, exists, func, select, type_coerce, update

from digest.models import Edition, Entry, Paper
from digest.silence import Spell
from digest.store import backlogs
from digest.store import papers as paper_store
from digest.store.backlogs import Backlog
from digest.store.bulk import insert_many
from digest.store.edition_json import (
    Pin,
    head_as_text,
    head_from_json,
    matches_as_text,
    matches_from_text,
    pins_of,
    still_here_from_json,
    wider_pins_of,
)
from digest.store.tables import editions, entries, news, recipients

_WRITTEN = frozenset(("head", "older", "returned", "matches"))  # JSON, and flags, which SQLite keeps as they are


@dataclass(frozen=True, slots=True)
class Written:
    """One recipient's composed edition as the store keeps it, with what must change with it: backlog, watermark, spell.

    ``says`` tells that it is not empty: it has entries, or is a still-here message.
    """

    recipient: int
    date: date
    says: bool
    frozen: bool  # it says something, or is sent though empty
    head: str
    entries: tuple[tuple[int, int, bool, str], ...]  # paper, revision, older, matches
    backlog: str
    watermark: int
    spell: Spell

    @classmethod
    def of(
        cls,
        recipient: int,
        edition: Edition,
        *,
        frozen: bool,
        watermark: int,
        spell: Spell = Spell(),  # noqa: B008 - frozen
        backlog: Backlog | None = None,
        waiting: Sequence[Pin] = (),
    ) -> Written:
        """Write an edition down; ``waiting`` pins the papers of the backlog that it names, at their revisions."""
        return cls(
            recipient,
            edition.date,
            bool(edition.entries) or edition.still_here is not None,
            frozen,
            head_as_text(edition, waiting),
            tuple(
                [
                    (entry.paper.id, entry.paper.revision, entry.older, matches_as_text(entry.matches))
                    for entry in edition.entries
                ]
            ),
            backlogs.as_text(backlog or {}),
            watermark,
            spell,
        )


def newcomers(tx: Connection, recipient_ids: Sequence[int]) -> set[int]:
    """Return those of the recipients who have no paper of an edition yet, but of one that was taken back."""
    held = exists().where(entries.c.recipient_id == recipients.c.id, entries.c.returned.is_(False))
    return set(tx.execute(select(recipients.c.id).where(recipients.c.id.in_(recipient_ids), ~held)).scalars())


def had(tx: Connection, recipient_ids: Sequence[int], above: int) -> dict[int, set[int]]:
    """Return, per recipient, those papers with news above a number that an edition of theirs held already."""
    found: dict[int, set[int]] = {recipient: set() for recipient in recipient_ids}
    fresh = select(news.c.paper_id).where(news.c.number > above)
    query = select(entries.c.recipient_id, entries.c.paper_id).where(
        entries.c.recipient_id.in_(recipient_ids), entries.c.returned.is_(False), entries.c.paper_id.in_(fresh)
    )
    for recipient, paper in tx.execute(query):
        found[recipient].add(paper)
    return found


def freeze(tx: Connection, batch: Sequence[Written]) -> list[int]:
    """Keep the editions, entries, backlogs and watermarks of a batch; return the editions' ids.

    An empty edition of the same date is replaced; the unique key (recipient, date) guards everything else.
    """
    if not batch:
        return []
    _forget_empty(tx, batch)
    first = (tx.execute(select(func.max(editions.c.id))).scalar_one() or 0) + 1
    numbered = list(enumerate(batch, first))
    insert_many(
        tx,
        editions,
        ((made, item.recipient, item.date, item.frozen, len(item.entries), item.head) for made, item in numbered),
        _WRITTEN,
    )
    _insert_entries(tx, numbered)
    backlogs.replace(tx, ((item.recipient, item.backlog) for item in batch))
    _move_on(tx, batch)
    return [made for made, _ in numbered]


def _forget_empty(tx: Connection, batch: Sequence[Written]) -> None:
    own = editions.c.recipient_id.in_([item.recipient for item in batch])
    dates = {item.date for item in batch}
    tx.execute(delete(editions).where(own, editions.c.date.in_(dates), editions.c.frozen.is_(False)))


def _insert_entries(tx: Connection, numbered: Iterable[tuple[int, Written]]) -> None:
    rows = (
        (made, position, item.recipient, paper, revision, older, False, matches)
        for made, item in numbered
        for position, (paper, revision, older, matches) in enumerate(item.entries)
    )
    insert_many(tx, entries, rows, _WRITTEN)


def _move_on(tx: Connection, batch: Sequence[Written]) -> None:
    own = recipients.c
    values: dict[Any, Any] = {
        own.watermark: bindparam("upto"),
        own.last_edition: bindparam("on"),
        own.last_empty: bindparam("none"),
        own.dry_since: bindparam("dry"),
        own.dry_told: bindparam("told"),
    }
    tx.execute(
        update(recipients).where(own.id == bindparam("own_id")).values(values),
        [
            {
                "own_id": item.recipient,
                "upto": item.watermark,
                "on": item.date,
                "none": not item.frozen,
                "dry": item.spell.since,
                "told": item.spell.told,
            }
            for item in batch
        ],
    )


class Shared:
    """What editions that are loaded one after another share: one record for each paper at each revision.

    Holds the last ``most`` papers, about 4 kB each, besides those of the editions that are being loaded.
    """

    def __init__(self, most: int = 10_000) -> None:
        """Begin with no papers."""
        self._most = most
        self._papers: dict[Pin, Paper] = {}

    def __len__(self) -> int:
        """Count the papers that are held."""
        return len(self._papers)

    def papers(self, tx: Connection, pins: Iterable[Pin]) -> dict[Pin, Paper]:
        """Return the papers at the given (id, revision); those that are held are not read again."""
        wanted = dict.fromkeys(pins)
        held = self._papers
        new = paper_store.pinned(tx, [pin for pin in wanted if pin not in held])
        found = {pin: new[pin] if pin in new else held[pin] for pin in wanted}
        held.update(new)
        while len(held) > self._most:
            del held[next(iter(held))]  # the first that came: papers of past days
        return found


def load(tx: Connection, edition_id: int) -> Edition | None:
    """Return an edition with its papers as it pinned them, or None."""
    return next(iter(load_many(tx, [edition_id])), None)


def load_many(
    tx: Connection, ids: Sequence[int], shared: Shared | None = None, *, waiting: bool = True
) -> list[Edition]:
    """Return the editions with these ids, in the order of the ids.

    ``shared`` holds papers between calls. Without ``waiting``, titles of the backlog are not read, only their number:
    messages show no more.
    """
    shared = Shared() if shared is None else shared
    columns = (editions.c.id, editions.c.date, editions.c.head, recipients.c.kind)
    query = select(*columns).join(recipients, recipients.c.id == editions.c.recipient_id).where(editions.c.id.in_(ids))
    heads = {row.id: row for row in tx.execute(query)}
    held = _entries(tx, heads, shared)
    waits = shared.papers(tx, pins_of(row.head for row in heads.values())) if waiting else None
    wider = list(wider_pins_of(row.head for row in heads.values()))
    offered = shared.papers(tx, wider) if wider else {}
    return [_edition(heads[found], held[found], waits, offered) for found in ids if found in heads]


def _entries(tx: Connection, ids: Collection[int], shared: Shared) -> dict[int, list[Entry]]:
    own = entries.c
    # As text, which is read once where many say the same, and without a date, a flag or a list made of each column.
    columns = (
        own.edition_id,
        own.paper_id,
        own.revision,
        type_coerce(own.older, Integer),
        type_coerce(own.matches, Text),
    )
    query = select(*columns).where(own.edition_id.in_(ids)).order_by(own.edition_id, own.position)
    rows = tx.execute(query).all()
    papers = shared.papers(tx, [(paper, revision) for _, paper, revision, _, _ in rows])
    held: dict[int, list[Entry]] = {edition_id: [] for edition_id in ids}
    for edition_id, paper, revision, is_older, text in rows:
        held[edition_id].append(Entry(papers[paper, revision], matches_from_text(text), bool(is_older)))
    return held


def count(tx: Connection, recipient_ids: Sequence[int], on: date) -> int:
    """Return how many of the recipients have a frozen edition for a date."""
    held = select(func.count()).where(
        editions.c.recipient_id.in_(recipient_ids), editions.c.date == on, editions.c.frozen.is_(True)
    )
    return int(tx.execute(held).scalar_one())


def topic_editions(tx: Connection, since: date | None = None) -> list[tuple[int, date, str, str, int]]:
    """Return (id, date, slug, title, entries) of the topics' frozen editions, newest first."""
    title = editions.c.head["title"].as_string().label("title")  # taken out by the store: heads are long
    query = (
        select(editions.c.id, editions.c.date, recipients.c.key, title, editions.c.entries)
        .join(recipients, recipients.c.id == editions.c.recipient_id)
        .where(recipients.c.kind == "topic", editions.c.frozen.is_(True))
        .order_by(editions.c.date.desc(), recipients.c.key)
    )
    if since:
        query = query.where(editions.c.date >= since)
    return [(row.id, row.date, row.key, row.title, row.entries) for row in tx.execute(query)]


def _edition(
    row: Any, held: Sequence[Entry], waits: Mapping[Pin, Paper] | None, offered: Mapping[Pin, Paper]
) -> Edition:
    return Edition(
        id=row.id,
        kind=row.kind,
        date=row.date,
        entries=tuple(held),
        waiting=tuple((pin[0], waits[pin].title) for pin in pins_of([row.head])) if waits is not None else (),
        still_here=still_here_from_json(row.head, offered),
        **head_from_json(row.head),
    )
