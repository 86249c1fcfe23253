"""What feeds hold: the papers by the date of their first news, and the entries of a recipient's editions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Select, Text, and_, exists, func, not_, or_, select, text, type_coerce

from digest.feeds import carried
from digest.models import FeedEntry
from digest.store import papers as paper_store
from digest.store.bulk import parts
from digest.store.edition_json import Pin, matches_from_text
from digest.store.tables import editions, entries, news, papers, recipients

_FIRST = ("new", "split")  # the news that a paper makes when it comes
# How an entry's matches say that a rule asked for what was replaced (a hit in ``edition_json``); no text of a rule can
# look like it, since its quotes would stand behind a backslash.
_REPLACED = ',"type",[],"replaced"]'


class Line(NamedTuple):
    """An entry of a feed before it is read: which paper, and the revision at which it is shown.

    ``edition`` and ``position`` name what it is an entry of (0: of no edition); ``again`` is as in FeedEntry.
    """

    paper: int
    revision: int
    edition: int = 0
    position: int = 0
    again: int = 0


def state(tx: Connection) -> str:
    """Return a text that is another one once anything has changed that feeds show: news, papers, editions."""
    told = (
        select(func.max(news.c.number)),
        select(func.max(news.c.date)),
        select(text("max(rowid) FROM entries")),  # of editions: an empty one may be composed anew under its number
        select(text("max(rowid) FROM revisions")),  # each change of a paper keeps what it was
    )
    return " ".join(str(tx.execute(query).scalar_one()) for query in told)


def days_of_papers(tx: Connection, upto: date) -> Iterator[tuple[date, int]]:
    """Yield the dates on which papers were first news, newest first, each with how many; ``upto`` is the last one."""
    query = (
        select(news.c.date, func.count())
        .where(news.c.kind.in_(_FIRST), news.c.date <= upto)
        .group_by(news.c.date)
        .order_by(news.c.date.desc())
    )
    yield from _streamed(tx, query)


def revisions_of_days(tx: Connection, since: date, until: date) -> list[tuple[date, int, int]]:
    """Return the dates on which papers were first news, newest first: how many, and the sum of their revisions."""
    query = (
        select(news.c.date, func.count(), func.sum(papers.c.revision))
        .join(papers, papers.c.id == news.c.paper_id)
        .where(news.c.kind.in_(_FIRST), news.c.date >= since, news.c.date <= until)
        .group_by(news.c.date)
        .order_by(news.c.date.desc())
    )
    return [(on, count, total) for on, count, total in tx.execute(query)]


def lines_of_papers(tx: Connection, since: date, until: date) -> list[Line]:
    """Return the papers that were first news from ``since`` to ``until``, the latest first, as they are now."""
    query = (
        select(news.c.paper_id, papers.c.revision)
        .join(papers, papers.c.id == news.c.paper_id)
        .where(news.c.kind.in_(_FIRST), news.c.date >= since, news.c.date <= until)
        .order_by(news.c.number.desc())
    )
    return [Line(paper, revision) for paper, revision in tx.execute(query)]


def topic(tx: Connection, slug: str) -> int | None:
    """Return the recipient that a topic is, None where it has no edition yet."""
    found = select(recipients.c.id).where(recipients.c.kind == "topic", recipients.c.key == slug)
    return tx.execute(found).scalar_one_or_none()


def _came_before(*conditions: Callable[[Any], ColumnElement[bool]]) -> ColumnElement[bool]:
    """Say that the paper of an entry stood in an earlier edition of its recipient, of which the conditions hold."""
    earlier = entries.alias()
    equal = [earlier.c[name] == entries.c[name] for name in ("recipient_id", "paper_id")]
    held = [condition(earlier) for condition in conditions]
    return exists().where(earlier.c.edition_id < entries.c.edition_id, *equal, *held)


def _asked(entry: Any) -> ColumnElement[bool]:
    """Say that a rule asked for an entry because its paper was replaced."""
    return func.instr(type_coerce(entry.c.matches, Text), _REPLACED) > 0


def _same_or_taken_back(earlier: Any) -> ColumnElement[bool]:
    """Say that an earlier entry was of the same revision, or that it was taken back and comes again."""
    return or_(earlier.c.revision == entries.c.revision, and_(earlier.c.returned.is_(True), _asked(earlier)))


# A paper stands in a recipient's feed at its first edition, also where that was taken back and it came in another one;
# and once more for a rule that asks for what was replaced, each time once.
_SHOWN = or_(not_(_came_before()), and_(_asked(entries), not_(_came_before(_same_or_taken_back))))


def days_of_recipient(tx: Connection, recipient: int, until: date) -> Iterator[tuple[date, int]]:
    """Yield the dates of a recipient's editions, newest first, each with how many entries their feed shows of it."""
    shown = select(func.count()).where(entries.c.edition_id == editions.c.id, _SHOWN).scalar_subquery()
    query = (
        select(editions.c.date, shown)
        .where(editions.c.recipient_id == recipient, editions.c.entries > 0, editions.c.date <= until)
        .order_by(editions.c.date.desc())
    )
    return ((on, count) for on, count in _streamed(tx, query) if count)


def lines_of_recipient(tx: Connection, recipient: int, since: date, until: date, *, pinned: bool) -> list[Line]:
    """Return the entries of a recipient's feed in editions from ``since`` to ``until``: newest edition first.

    They are shown as they are now, or with ``pinned`` as the editions pinned them.
    """
    query = (
        select(
            entries.c.paper_id,
            entries.c.revision if pinned else papers.c.revision,
            entries.c.edition_id,
            entries.c.position,
            entries.c.revision,
            _came_before(),
        )
        .join(editions, editions.c.id == entries.c.edition_id)
        .join(papers, papers.c.id == entries.c.paper_id)
        # By edition: by recipient, all that they ever had would be looked at.
        .where(editions.c.recipient_id == recipient, editions.c.date >= since, editions.c.date <= until, _SHOWN)
        .order_by(editions.c.date.desc(), entries.c.position)
    )
    return [
        Line(paper, shown, edition, position, revision if came else 0)
        for paper, shown, edition, position, revision, came in tx.execute(query)
    ]


def editions_of(tx: Connection, recipient: int, since: date, until: date) -> list[tuple[int, date]]:
    """Return (id, date) of a recipient's editions with entries, newest first."""
    query = (
        select(editions.c.id, editions.c.date)
        .where(editions.c.recipient_id == recipient, editions.c.entries > 0)
        .where(editions.c.date >= since, editions.c.date <= until)
        .order_by(editions.c.date.desc())
    )
    return [(found, on) for found, on in tx.execute(query)]


def read(tx: Connection, lines: Sequence[Line]) -> list[FeedEntry]:
    """Return the entries that lines stand for; marks are those of the edition, where they still fit the text."""
    kept = _kept(tx, {line.edition for line in lines if line.edition})
    pins = [(line.paper, line.revision) for line in lines]
    pins += [(line.paper, kept[line.edition, line.position][0]) for line in lines if line.edition]
    found = paper_store.pinned(tx, pins)
    return [_entry(line, kept, found) for line in lines]


def _entry(line: Line, kept: dict[tuple[int, int], tuple[int, str]], found: dict[Pin, Any]) -> FeedEntry:
    paper = found[line.paper, line.revision]
    if not line.edition:
        return FeedEntry(paper)
    revision, text_of_matches = kept[line.edition, line.position]
    matches = matches_from_text(text_of_matches)
    if revision != line.revision:
        matches = carried(matches, found[line.paper, revision], paper)
    return FeedEntry(paper, matches, line.again)


def _kept(tx: Connection, wanted: set[int]) -> dict[tuple[int, int], tuple[int, str]]:
    """Return by edition and position what an entry pinned, and its matches as text."""
    found: dict[tuple[int, int], tuple[int, str]] = {}
    own = entries.c
    for part in parts(sorted(wanted)):
        query = select(own.edition_id, own.position, own.revision, type_coerce(own.matches, Text))
        for edition, position, revision, matches in tx.execute(query.where(own.edition_id.in_(part))):
            found[edition, position] = revision, matches
    return found


def _streamed(tx: Connection, query: Select[Any]) -> Iterator[tuple[date, int]]:
    """Yield the rows as the store finds them: of many dates, few are needed."""
    with tx.execute(query.execution_options(yield_per=50)) as rows:
        yield from ((on, count) for on, count in rows)
