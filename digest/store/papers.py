"""Papers: rows to records and back, the candidates of a batch of listings, and writing a plan of changes."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, false, func, insert, or_, select, tuple_, update

from digest.identity import Keys, Plan
from digest.models import Identifiers, Paper
from digest.store.bulk import MOST_PARAMETERS, insert_many, parts
from digest.store.tables import news, papers, revisions, sightings

_TUPLES = ("authors", "page_authors", "affiliations", "categories", "links", "layouts", "pages", "sources", "announced")


def _facts(paper: Paper) -> dict[str, Any]:
    """Return what is kept as JSON; empty facts are left out."""
    facts: dict[str, Any] = {name: list(found) for name in _TUPLES if (found := getattr(paper, name))}
    if paper.authors_complete:
        facts["authors_complete"] = True
    if paper.has_code is not None:
        facts["has_code"] = paper.has_code
    if paper.venue:
        facts["venue"] = paper.venue
    if paper.scores:
        facts["scores"] = [list(pair) for pair in paper.scores]
    if paper.edits:
        facts["edits"] = paper.edits
    return facts


def _row(paper: Paper) -> dict[str, Any]:
    own = paper.identifiers
    return {
        "id": paper.id,
        "revision": paper.revision,
        "title": paper.title,
        "abstract": paper.abstract,
        "arxiv": own.arxiv,
        "doi": own.doi,
        "url": own.url,
        "published": paper.published,
        "first_listed": paper.first_listed,
        "changed": paper.changed,
        "baseline": paper.baseline,
        "facts": _facts(paper),
    }


def _values(paper: Paper, title_key: str) -> tuple[Any, ...]:
    """Return a row's values in the order of the table's columns."""
    own = paper.identifiers
    return (
        paper.id,
        paper.revision,
        paper.title,
        title_key,
        paper.abstract,
        own.arxiv,
        own.doi,
        own.url,
        paper.published,
        paper.first_listed,
        paper.changed,
        paper.baseline,
        _facts(paper),
    )


def _paper(row: Row[Any]) -> Paper:
    facts = row.facts
    return Paper(
        id=row.id,
        revision=row.revision,
        title=row.title,
        first_listed=row.first_listed,
        changed=row.changed,
        abstract=row.abstract,
        authors_complete=facts.get("authors_complete", False),
        published=row.published,
        has_code=facts.get("has_code"),
        venue=facts.get("venue"),
        identifiers=Identifiers(row.arxiv, row.doi, row.url),
        scores=tuple((layout, score) for layout, score in facts.get("scores", ())),
        baseline=row.baseline,
        edits=facts.get("edits", 0),
        **{name: tuple(facts.get(name, ())) for name in _TUPLES},
    )


def next_id(tx: Connection) -> int:
    """Return the id that the next new paper gets; ids are never used twice, since papers are never deleted."""
    return int(tx.execute(select(func.coalesce(func.max(papers.c.id), 0))).scalar_one()) + 1


def candidates(tx: Connection, listed: Sequence[Keys]) -> list[tuple[str, Paper]]:
    """Return every stored paper that shares a key with one of the listings, with its title key."""
    found: dict[int, tuple[str, Paper]] = {}
    for column, wanted in (
        (papers.c.title_key, {own.title for own in listed}),
        (papers.c.arxiv, {own.arxiv for own in listed if own.arxiv}),
        (papers.c.doi, {own.doi for own in listed if own.doi}),
    ):
        if wanted:
            # The rows that an earlier column brought are not fetched again.
            for row in tx.execute(select(papers).where(column.in_(sorted(wanted)))):
                if row.id not in found:
                    found[row.id] = (row.title_key, _paper(row))
    return list(found.values())


def apply(tx: Connection, plan: Plan, dump_id: int) -> None:
    """Write a plan: added and changed papers, what was superseded, and the sightings of the dump."""
    insert_many(tx, papers, (_values(paper, plan.title_keys[paper.id]) for paper in plan.added))
    if plan.changed:
        tx.execute(insert(revisions), [_revision(paper) for paper in plan.superseded])
        columns: dict[str, Any] = {name: bindparam(name) for name in papers.c.keys() if name not in ("id", "title_key")}  # noqa: SIM118 (not a dict)
        statement = update(papers).where(papers.c.id == bindparam("own_id")).values(columns)
        tx.execute(statement, [_row(paper) | {"own_id": paper.id} for paper in plan.changed])
    insert_many(tx, sightings, ((dump_id, s.position, s.paper_id, s.score, s.announced) for s in plan.sightings))


def _revision(paper: Paper) -> dict[str, Any]:
    row = _row(paper)
    for name in ("published", "first_listed", "changed"):
        row[name] = row[name].isoformat() if row[name] else None
    return {"paper_id": paper.id, "revision": paper.revision, "paper": row}


class _Frozen:
    """A superseded revision's JSON, with a row's attributes."""

    def __init__(self, row: dict[str, Any]) -> None:
        dates = {name: row[name] and date.fromisoformat(row[name]) for name in ("published", "first_listed", "changed")}
        self.__dict__.update(row | dates)


def in_view(tx: Connection, above: int, ids: Iterable[int]) -> list[Paper]:
    """Return the papers that have news above a number, and those with these ids, by id."""
    fresh = tx.execute(select(news.c.paper_id).where(news.c.number > above)).scalars()
    found = current(tx, {*fresh, *ids})
    return [found[paper] for paper in sorted(found)]


def in_news(tx: Connection, since: date, upto: int) -> list[Paper]:
    """Return the papers with news dated ``since`` or later and numbered up to ``upto``, by id."""
    told = select(news.c.paper_id).where(news.c.date >= since, news.c.number <= upto)
    found = current(tx, tx.execute(told).scalars())
    return [found[paper] for paper in sorted(found)]


def _listed(since: date | None, until: date | None, *columns: Any) -> Select[Any]:
    """Return the query for papers first listed from ``since`` to ``until`` (both included; None: no bound)."""
    query = select(*columns or (papers,))
    if since:
        query = query.where(papers.c.first_listed >= since)
    if until:
        query = query.where(papers.c.first_listed <= until)
    return query


_NEWEST_FIRST = (papers.c.first_listed.desc(), papers.c.id.desc())


def listed(tx: Connection, since: date | None, until: date | None) -> list[Paper]:
    """Return the papers first listed from ``since`` to ``until`` (both included; None: no bound), newest first."""
    return [_paper(row) for row in tx.execute(_listed(since, until).order_by(*_NEWEST_FIRST))]


def streamed(tx: Connection, since: date | None, until: date | None, size: int) -> Generator[list[Paper]]:
    """Yield what ``listed`` returns, by at most ``size`` papers, of which no others are held."""
    query = _listed(since, until).order_by(*_NEWEST_FIRST).execution_options(yield_per=size)
    with tx.execute(query) as result:
        for rows in result.partitions():
            yield [_paper(row) for row in rows]


def count_listed(tx: Connection, since: date | None, until: date | None) -> int:
    """Return how many papers ``listed`` would return."""
    return int(tx.execute(_listed(since, until, func.count(papers.c.id))).scalar_one())


def span(tx: Connection) -> tuple[date, date] | None:
    """Return the first and the last date that a paper was first listed on, None in a store without papers."""
    first, last = tx.execute(
        _listed(None, None, func.min(papers.c.first_listed), func.max(papers.c.first_listed))
    ).one()
    return (first, last) if first else None


def named(tx: Connection, own: Identifiers) -> list[Paper]:
    """Return the papers with one of these identifiers, by id."""
    pairs = ((papers.c.arxiv, own.arxiv), (papers.c.doi, own.doi), (papers.c.url, own.url))
    wanted = [column == value for column, value in pairs if value]
    return [_paper(row) for row in tx.execute(select(papers).where(or_(false(), *wanted)).order_by(papers.c.id))]


def newest(tx: Connection, most: int) -> list[Paper]:
    """Return the last papers that were added, newest first."""
    return [_paper(row) for row in tx.execute(select(papers).order_by(papers.c.id.desc()).limit(most))]


def current(tx: Connection, ids: Iterable[int]) -> dict[int, Paper]:
    """Return the papers with these ids at their current revision."""
    found: dict[int, Paper] = {}
    for part in parts(sorted(set(ids))):
        found.update((row.id, _paper(row)) for row in tx.execute(select(papers).where(papers.c.id.in_(part))))
    return found


def pinned(tx: Connection, pins: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Paper]:
    """Return the papers at the given (id, revision)."""
    wanted = set(pins)
    found = {(p.id, p.revision): p for p in current(tx, (paper_id for paper_id, _ in wanted)).values()}
    missing = sorted(wanted - found.keys())
    for part in parts(missing, MOST_PARAMETERS // 2):
        query = select(revisions).where(tuple_(revisions.c.paper_id, revisions.c.revision).in_(part))
        for row in tx.execute(query):
            found[row.paper_id, row.revision] = _paper(_Frozen(row.paper))  # type: ignore[arg-type]
    return {pin: found[pin] for pin in wanted}
