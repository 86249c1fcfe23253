"""Editions: freezing them with their entries and backlog, and loading them as records."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.models import Edition, Entry, Hit, Match, PageNote, Rule
from digest.store import papers as paper_store
from digest.store.tables import backlog, editions, entries, news, recipients


@dataclass(frozen=True, slots=True)
class Freeze:
    """One recipient's composed edition with what must change with it: backlog and watermark."""

    recipient: int
    edition: Edition
    waiting: tuple[tuple[int, date], ...]  # (paper id, since)
    watermark: int
    frozen: bool  # with entries, or sent though empty


def backlogs(tx: Connection, recipient_ids: Sequence[int]) -> dict[int, dict[int, date]]:
    """Return, per recipient, the papers that wait and since when."""
    found: dict[int, dict[int, date]] = {recipient: {} for recipient in recipient_ids}
    for row in tx.execute(select(backlog).where(backlog.c.recipient_id.in_(recipient_ids))):
        found[row.recipient_id][row.paper_id] = row.since
    return found


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


def freeze(tx: Connection, batch: Sequence[Freeze]) -> list[int]:
    """Write the editions, entries, backlogs and watermarks of a batch; return the editions' ids.

    An empty edition of the same date is replaced; the unique key (recipient, date) guards everything else.
    """
    if not batch:
        return []
    recipient_ids = [item.recipient for item in batch]
    dates = {item.edition.date for item in batch}
    tx.execute(
        delete(editions).where(
            editions.c.recipient_id.in_(recipient_ids), editions.c.date.in_(dates), editions.c.frozen.is_(False)
        )
    )
    rows = [
        {
            "recipient_id": item.recipient,
            "date": item.edition.date,
            "frozen": item.frozen,
            "entries": len(item.edition.entries),
            "head": _head(item.edition),
        }
        for item in batch
    ]
    ids = list(tx.execute(insert(editions).returning(editions.c.id, sort_by_parameter_order=True), rows).scalars())
    _insert_entries(tx, zip(ids, batch, strict=True))
    _replace_backlogs(tx, batch, recipient_ids)
    tx.execute(
        update(recipients).where(recipients.c.id == bindparam("own_id")),
        [
            {
                "own_id": item.recipient,
                "watermark": item.watermark,
                "last_edition": item.edition.date,
                "last_empty": not item.frozen,
            }
            for item in batch
        ],
    )
    return ids


def _insert_entries(tx: Connection, frozen: Iterable[tuple[int, Freeze]]) -> None:
    rows = [
        {
            "edition_id": edition_id,
            "position": position,
            "recipient_id": item.recipient,
            "paper_id": entry.paper.id,
            "revision": entry.paper.revision,
            "older": entry.older,
            "returned": False,
            "matches": [_match_as_json(match) for match in entry.matches],
        }
        for edition_id, item in frozen
        for position, entry in enumerate(item.edition.entries)
    ]
    if rows:
        tx.execute(insert(entries), rows)


def _replace_backlogs(tx: Connection, batch: Sequence[Freeze], recipient_ids: Sequence[int]) -> None:
    tx.execute(delete(backlog).where(backlog.c.recipient_id.in_(recipient_ids)))
    rows = [
        {"recipient_id": item.recipient, "paper_id": paper, "since": since}
        for item in batch
        for paper, since in item.waiting
    ]
    if rows:
        tx.execute(insert(backlog), rows)


def give_back(tx: Connection, edition_id: int, since: date) -> None:
    """Return an edition's entries, older ones excepted, to its recipient's backlog, their days counted afresh."""
    own = (entries.c.edition_id == edition_id) & entries.c.older.is_(False) & entries.c.returned.is_(False)
    rows = [
        {"recipient_id": row.recipient_id, "paper_id": row.paper_id, "since": since}
        for row in tx.execute(select(entries.c.recipient_id, entries.c.paper_id).where(own))
    ]
    if rows:
        statement = upsert(backlog)
        keyed = statement.on_conflict_do_update(
            index_elements=["recipient_id", "paper_id"], set_={"since": statement.excluded.since}
        )
        tx.execute(keyed, rows)
        tx.execute(update(entries).where(own).values(returned=True))


def load(tx: Connection, edition_id: int) -> Edition | None:
    """Return an edition with its papers as it pinned them, or None."""
    return next(iter(load_many(tx, [edition_id])), None)


def load_many(tx: Connection, ids: Sequence[int]) -> list[Edition]:
    """Return the editions with these ids, in the order of the ids."""
    query = (
        select(editions, recipients.c.kind)
        .join(recipients, recipients.c.id == editions.c.recipient_id)
        .where(editions.c.id.in_(ids))
    )
    heads = {row.id: row for row in tx.execute(query)}
    rows = list(tx.execute(select(entries).where(entries.c.edition_id.in_(ids)).order_by(entries.c.position)))
    papers = paper_store.pinned(tx, ((row.paper_id, row.revision) for row in rows))
    held: dict[int, list[Entry]] = {edition_id: [] for edition_id in heads}
    for row in rows:
        paper = papers[row.paper_id, row.revision]
        held[row.edition_id].append(Entry(paper, matches_from_json(row.matches), older=row.older))
    return [_edition(heads[edition_id], held[edition_id]) for edition_id in ids if edition_id in heads]


def count(tx: Connection, recipient_ids: Sequence[int], on: date) -> int:
    """Return how many of the recipients have a frozen edition for a date."""
    held = select(func.count()).where(
        editions.c.recipient_id.in_(recipient_ids), editions.c.date == on, editions.c.frozen.is_(True)
    )
    return int(tx.execute(held).scalar_one())


def topic_editions(tx: Connection, since: date | None = None) -> list[tuple[int, date, str, str, int]]:
    """Return (id, date, slug, title, entries) of the topics' frozen editions, newest first."""
    query = (
        select(editions.c.id, editions.c.date, recipients.c.key, editions.c.head, editions.c.entries)
        .join(recipients, recipients.c.id == editions.c.recipient_id)
        .where(recipients.c.kind == "topic", editions.c.frozen.is_(True))
        .order_by(editions.c.date.desc(), recipients.c.key)
    )
    if since:
        query = query.where(editions.c.date >= since)
    return [(row.id, row.date, row.key, row.head["title"], row.entries) for row in tx.execute(query)]


def _head(edition: Edition) -> dict[str, Any]:
    """Return what an edition says besides its entries, as JSON."""
    return {
        "recipient": edition.recipient,
        "title": edition.title,
        "considered": edition.considered,
        "waiting": [list(pair) for pair in edition.waiting],
        "more": edition.more,
        "expired": edition.expired,
        "since": edition.since and edition.since.isoformat(),
        "rules": [asdict(rule) for rule in edition.rules],
        "exclude": list(edition.exclude),
        "topics": [list(pair) for pair in edition.topics],
        "pages": [asdict(note) | {"date": note.date.isoformat()} for note in edition.pages],
        "joined": edition.joined and edition.joined.isoformat(),
        "added_by": edition.added_by,
    }


def _edition(row: Any, held: Sequence[Entry]) -> Edition:
    head = row.head
    return Edition(
        id=row.id,
        recipient=head["recipient"],
        kind=row.kind,
        title=head["title"],
        date=row.date,
        entries=tuple(held),
        considered=head["considered"],
        waiting=tuple((paper, title) for paper, title in head["waiting"]),
        more=head["more"],
        expired=head["expired"],
        since=_date(head["since"]),
        rules=tuple(Rule(**rule) for rule in head["rules"]),
        exclude=tuple(head["exclude"]),
        topics=tuple((slug, title) for slug, title in head["topics"]),
        pages=tuple(PageNote(**(note | {"date": date.fromisoformat(note["date"])})) for note in head["pages"]),
        joined=_date(head["joined"]),
        added_by=head["added_by"],
    )


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _match_as_json(match: Match) -> list[Any]:
    hits = [[hit.term, hit.field, [list(span) for span in hit.spans], hit.where] for hit in match.hits]
    return [match.rule, match.named, match.people, match.weight, match.topic, hits]


def matches_from_json(stored: Iterable[Any]) -> tuple[Match, ...]:
    """Return an entry's matches from how the store keeps them."""
    return tuple(_match_from_json(match) for match in stored)


def _match_from_json(stored: list[Any]) -> Match:
    rule, named, people, weight, topic, hits = stored
    return Match(
        rule=rule,
        named=named,
        people=people,
        weight=weight,
        topic=topic,
        hits=tuple(Hit(term, where, tuple((s, e) for s, e in spans), name) for term, where, spans, name in hits),
    )
