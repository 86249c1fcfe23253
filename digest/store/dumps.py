"""Dumps, their pages, and the news that they make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, exists, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.identity import Keys
from digest.models import Dump, DumpReport, News, NewsKind, PageNote
from digest.store.bulk import insert_many
from digest.store.engine import put, take_numbers, value
from digest.store.tables import dumps, news, pages, papers, sightings

MOST_REMARKS = 1000  # kept with a dump; the count is always kept


class Begun(NamedTuple):
    """The row of a dump that is being taken in, ``position`` listings of it so far."""

    id: int
    page: str
    baseline: bool  # it is the first dump of its page
    position: int


class Unfinished(NamedTuple):
    """A dump that a killed run left in the middle, ``position`` listings of it in."""

    id: int
    dump: Dump
    layout: str
    history: bool
    taken_at: str
    position: int


def is_known(tx: Connection, sha256: str) -> bool:
    """Say whether a dump with these bytes was taken in whole before (one look-up)."""
    return (
        tx.execute(select(dumps.c.id).where(dumps.c.sha256 == sha256, dumps.c.position.is_(None))).first() is not None
    )


def begun(tx: Connection, sha256: str) -> Begun | None:
    """Return how far a dump with these bytes is taken in, None where nothing of it is."""
    query = select(dumps.c.id, pages.c.id.label("page_id"), pages.c.name, dumps.c.position)
    row = tx.execute(query.join(pages, pages.c.id == dumps.c.page_id).where(dumps.c.sha256 == sha256)).first()
    if row is None:
        return None
    return Begun(row.id, row.name, _is_baseline(tx, row.page_id, row.id), row.position or 0)


def unfinished(tx: Connection, sha256: str | None = None) -> list[Unfinished]:
    """Return the dumps that were not taken in to their end, oldest first; of these bytes, if ``sha256`` is given."""
    query = select(dumps).where(dumps.c.position.is_not(None)).order_by(dumps.c.id)
    if sha256 is not None:
        query = query.where(dumps.c.sha256 == sha256)
    return [
        Unfinished(
            r.id,
            Dump(r.sha256, r.name, r.folder, r.source, r.date, r.encoding),
            r.layout,
            r.history,
            r.taken_at,
            r.position,
        )
        for r in tx.execute(query)
    ]


def sighted(tx: Connection, dump_id: int) -> Iterator[Keys]:
    """Yield the keys of the papers that a dump's listings were, in its order."""
    query = select(papers.c.title_key, papers.c.arxiv, papers.c.doi).join(
        sightings, sightings.c.paper_id == papers.c.id
    )
    query = query.where(sightings.c.dump_id == dump_id).order_by(sightings.c.position)
    for row in tx.execution_options(yield_per=1000).execute(query):
        yield Keys(*row)


def begin_again(tx: Connection, dump_id: int, layout: str) -> None:
    """Write that nothing of a dump is in, which is read as ``layout``; its papers stay, and are known from now on."""
    tx.execute(delete(sightings).where(sightings.c.dump_id == dump_id))
    tx.execute(update(dumps).where(dumps.c.id == dump_id).values(position=0, layout=layout))


def _is_baseline(tx: Connection, page_id: int, dump_id: int) -> bool:
    earlier = select(dumps.c.id).where(dumps.c.page_id == page_id, dumps.c.id < dump_id)
    return tx.execute(earlier.limit(1)).first() is None


def add(tx: Connection, dump: Dump, page: str, layout: str, *, history: bool, now: str) -> Begun:
    """Insert a dump that is begun to be taken in, and its page where that is new."""
    tx.execute(upsert(pages).values(name=page, layout=layout).on_conflict_do_nothing())
    page_id = tx.execute(select(pages.c.id).where(pages.c.name == page)).scalar_one()
    row = {
        "sha256": dump.sha256,
        "name": dump.name,
        "folder": dump.folder,
        "source": dump.source,
        "page_id": page_id,
        "layout": layout,
        "date": dump.date,
        "encoding": dump.encoding,
        "history": history,
        "taken_at": now,
        "listings": 0,
        "new": 0,
        "known": 0,
        "remarks": [],
        "position": 0,
    }
    dump_id = int(tx.execute(insert(dumps).values(row).returning(dumps.c.id)).scalar_one())
    return Begun(dump_id, page, _is_baseline(tx, page_id, dump_id), 0)


def advance(tx: Connection, dump_id: int, position: int) -> None:
    """Write how many listings of a dump are taken in so far."""
    tx.execute(update(dumps).where(dumps.c.id == dump_id).values(position=position))


def papers_of(tx: Connection, dump_id: int) -> tuple[int, int]:
    """Return how many papers a dump was the first to list, and how many it listed that were known."""
    listed = select(sightings.c.paper_id).where(sightings.c.dump_id == dump_id).distinct().subquery()
    before = exists().where(sightings.c.paper_id == listed.c.paper_id, sightings.c.dump_id < dump_id)
    known = tx.execute(select(func.count()).select_from(listed).where(before)).scalar_one()
    return tx.execute(select(func.count()).select_from(listed)).scalar_one() - known, known


def conclude(tx: Connection, dump_id: int, report: DumpReport) -> None:
    """Write what taking in the dump came to, and that it is finished."""
    remarks = [[remark.kind, remark.line, remark.text] for remark in report.remarks[:MOST_REMARKS]]
    done = {"listings": report.listings, "stated": report.stated, "new": report.new, "known": report.known}
    tx.execute(update(dumps).where(dumps.c.id == dump_id).values(done | {"remarks": remarks, "position": None}))


def make_news(tx: Connection, made: Sequence[tuple[int, NewsKind]]) -> None:
    """Number the events and write them; no run has found them yet."""
    if made:
        numbered = enumerate(made, take_numbers(tx, "news", len(made)))
        insert_many(tx, news, ((number, paper_id, kind, None) for number, (paper_id, kind) in numbered))


def newest_run(tx: Connection) -> date | None:
    """Return the newest date that was run so far."""
    found = value(tx, "newest")
    return date.fromisoformat(found) if found else None


def date_news(tx: Connection, on: date) -> date:
    """Move the newest run to ``on`` unless it is later already, date the news found now by it, and return it."""
    newest = max(on, newest_run(tx) or on)
    put(tx, "newest", newest.isoformat())
    tx.execute(update(news).where(news.c.date.is_(None)).values(date=newest))
    return newest


def last_news(tx: Connection) -> int:
    """Return the number of the last news (0: none yet)."""
    return int(tx.execute(select(func.coalesce(func.max(news.c.number), 0))).scalar_one())


def news_between(tx: Connection, above: int, upto: int, since: date) -> list[News]:
    """Return the news numbered above ``above`` up to ``upto`` and dated ``since`` or later, in order."""
    query = (
        select(news).where(news.c.number > above, news.c.number <= upto, news.c.date >= since).order_by(news.c.number)
    )
    return [News(row.number, row.paper_id, row.kind, row.date) for row in tx.execute(query)]


def page_notes(tx: Connection, since: date, until: date) -> tuple[PageNote, ...]:
    """Return how each page did that had a dump dated from ``since`` to ``until``, by its last such dump."""
    last = (
        select(func.max(dumps.c.id).label("id"))
        .where(dumps.c.date >= since, dumps.c.date <= until)
        .group_by(dumps.c.page_id)
        .subquery()
    )
    query = (
        select(pages.c.name, dumps.c.layout, dumps.c.date, dumps.c.listings, dumps.c.stated)
        .join(pages, pages.c.id == dumps.c.page_id)
        .where(dumps.c.id.in_(select(last.c.id)))
        .order_by(pages.c.name)
    )
    return tuple(PageNote(*row) for row in tx.execute(query))


def all_pages(tx: Connection) -> Iterable[tuple[PageNote, int]]:
    """Yield how each page did last, and how many dumps it brought."""
    counted = tx.execute(
        select(pages.c.name, func.count()).join(dumps, dumps.c.page_id == pages.c.id).group_by(pages.c.name)
    )
    counts: dict[str, int] = {name: count for name, count in counted}  # noqa: C416 (see ledger.sums)
    for note in page_notes(tx, date.min, date.max - timedelta(days=1)):
        yield note, counts[note.page]
