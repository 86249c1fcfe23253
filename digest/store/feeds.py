"""What the feeds hold: the newest papers with when they were first news, and the entries of a topic's editions."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, select

from digest.models import FeedEntry
from digest.store import papers as paper_store
from digest.store.edition_json import matches_from_json
from digest.store.tables import editions, entries, news, recipients


def all_papers(tx: Connection, most: int, since: date, upto: date) -> list[FeedEntry]:
    """Return the papers that made news, newest first: the last ``most``, and all dated after ``since``."""
    first = (
        select(news.c.paper_id, func.min(news.c.number).label("number"), func.min(news.c.date).label("date"))
        .where(news.c.kind.in_(("new", "split")), news.c.date <= upto)
        .group_by(news.c.paper_id)
        .order_by(func.min(news.c.number).desc())
    )
    wanted: list[int] = []
    for row in tx.execute(first.execution_options(yield_per=1000)):
        if len(wanted) >= most and row.date <= since:  # and so is all that is older: news is dated in its order
            break
        wanted.append(row.paper_id)
    papers = paper_store.current(tx, wanted)
    return [FeedEntry(paper, paper.first_listed, paper.changed) for paper in (papers[found] for found in wanted)]


def of_topic(tx: Connection, slug: str, most: int, since: date) -> list[FeedEntry]:
    """Return the papers of a topic's editions with why, newest edition first, each paper once."""
    query = (
        select(entries.c.paper_id, entries.c.matches, editions.c.date)
        .join(editions, editions.c.id == entries.c.edition_id)
        .join(recipients, recipients.c.id == entries.c.recipient_id)
        .where(recipients.c.kind == "topic", recipients.c.key == slug)
        .order_by(editions.c.date.desc(), entries.c.position)
    )
    kept: dict[int, list[object]] = {}
    for row in tx.execute(query):
        if len(kept) >= most and row.date <= since:
            break
        kept.setdefault(row.paper_id, row.matches)
    papers = paper_store.current(tx, kept)
    return [
        FeedEntry(papers[found], papers[found].first_listed, papers[found].changed, matches_from_json(stored))
        for found, stored in kept.items()
    ]
