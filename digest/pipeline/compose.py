"""Composing: news above each watermark and the backlog → frozen editions and planned deliveries.

Cost: the index grows with the papers in view; a different rule is evaluated once; a recipient costs an addition for
each match and an explanation for each paper of the edition.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from sqlalchemy import Connection

from digest import due, editions
from digest.bits import bitmap, union
from digest.models import Edition, Frequency, Subscriber
from digest.pipeline import returning
from digest.pipeline.compiling import compiled
from digest.pipeline.context import Context
from digest.pipeline.matching import Matcher, Standing
from digest.pipeline.people import address_book
from digest.pipeline.view import View, Window, open_view
from digest.pipeline.wishes import Wish, limits_of, wish_of, wish_of_topic
from digest.settings import split_sender
from digest.store import editions as edition_store
from digest.store import ledger, people

BATCH = 500  # recipients frozen in one transaction
_WAITING_SHOWN = 200
_RHYTHM: dict[Frequency, int] = {"daily": 1, "weekly": 7}  # days that an edition covers anyway


@dataclass(frozen=True, slots=True)
class Composed:
    """How many editions were composed, were empty, or were there already; and the rules that could not be read."""

    composed: int = 0
    empty: int = 0
    existing: int = 0
    problems: tuple[str, ...] = ()


Wanted = Callable[[people.Progress, Subscriber | None], bool]


def everyone(_progress: people.Progress, _subscriber: Subscriber | None) -> bool:
    """Want an edition for every recipient."""
    return True


def compose(context: Context, on: date, wanted: Wanted = everyone) -> Composed:
    """Compose and freeze the editions for a date of every recipient that is due, and plan their deliveries.

    ``wanted`` narrows the recipients down. News must have been dated before (see ``dumps.date_news``).
    """
    with context.store.reading() as tx:
        recipients = _recipients(tx, context, wanted)
        program = compiled(context, (query for _, wish in recipients for query in wish.queries))
        view = open_view(tx, context.settings.editions, on, [own.watermark for own, _ in recipients], program)
    total = Composed()
    with context.progress("Composing editions", len(recipients)) as step:
        todo = iter(recipients)
        while batch := list(islice(todo, BATCH)):
            with context.store.writing() as tx:
                total = _added(total, _freeze(tx, context, view, batch))
            for _ in batch:
                step()
    return Composed(total.composed, total.empty, total.existing, tuple(_problems(recipients, view.matcher)))


def _added(one: Composed, other: Composed) -> Composed:
    return Composed(one.composed + other.composed, one.empty + other.empty, one.existing + other.existing)


_Recipient = tuple[people.Progress, Wish]


def _problems(recipients: Iterable[_Recipient], matcher: Matcher) -> Iterator[str]:
    """Yield a line for each recipient's rule that cannot be read, whether or not an edition was due."""
    for own, wish in recipients:
        for text in matcher.unreadable(wish.sets):
            yield f"{own.key}: {text!r}: {matcher.problems[text]}"


def _recipients(tx: Connection, context: Context, wanted: Wanted) -> list[_Recipient]:
    """Return topics and active subscribers with what they want, in a fixed order."""
    topics = {topic.slug: topic for topic in context.settings.topics}
    found = [(own, wish_of_topic(topics[own.key])) for own in people.progress(tx, "topic", topics) if wanted(own, None)]
    active = {subscriber.id: subscriber for subscriber in address_book(context.settings).all(tx, "active")}
    for own in people.progress(tx, "subscriber"):
        subscriber = active.get(own.id)
        if subscriber and wanted(own, subscriber):
            found.append((own, wish_of(subscriber, context.settings)))
    return found


def _is_due(own: people.Progress, wish: Wish, on: date) -> bool:
    """Say whether an edition is to be composed (decisions 3 and 4); one that is there and not empty is not."""
    if own.last_edition is not None and (own.last_edition > on or (own.last_edition == on and not own.last_empty)):
        return False
    return own.last_edition == on or due.due_on(wish.frequency, wish.weekday, own.last_edition, on)


def _freeze(tx: Connection, context: Context, view: View, batch: Sequence[_Recipient]) -> Composed:
    """Compose and freeze a batch of recipients, as the store has them now."""
    wishes = {own.id: wish for own, wish in batch}
    # Read again: another process may have composed for them since the view was opened.
    now = people.progress_of(tx, list(wishes))
    ready = [own for own in now if _is_due(own, wishes[own.id], view.on)]
    held = edition_store.had(tx, [own.id for own in ready], view.floor)
    backlogs = edition_store.backlogs(tx, [own.id for own in ready])
    windows: dict[tuple[int, Frequency], Window] = {}
    existing = edition_store.count(tx, list(wishes), view.on)
    frozen = []
    for own in ready:
        wish = wishes[own.id]
        key = own.watermark, wish.frequency
        if key not in windows:
            days = editions.lookback(wish.frequency, context.settings.editions.lookback_days)
            windows[key] = view.window(own.watermark, view.on - timedelta(days=days))
        frozen.append(_compose_one(context, view, own, wish, windows[key], held[own.id], backlogs[own.id]))
    ids = edition_store.freeze(tx, frozen)
    _plan(tx, context, [(own, item, made) for own, item, made in zip(ready, frozen, ids, strict=True)])
    composed = sum(bool(item.edition.entries) for item in frozen)
    return Composed(composed, len(frozen) - composed, existing)


def _compose_one(
    context: Context,
    view: View,
    own: people.Progress,
    wish: Wish,
    window: Window,
    held: set[int],
    backlog: dict[int, date],
) -> edition_store.Freeze:
    matcher = view.matcher
    had = matcher.bitmap(held)
    considered = (window.fresh & ~had) | matcher.bitmap(backlog)
    standing = matcher.standing(wish.sets, considered, window.replaced & had)
    classes = standing.classes()
    matched = union(classes.values())
    waits = {matcher.places[paper]: since for paper, since in backlog.items() if paper in matcher.places}
    composition = view.pool.compose(classes, waits, limits_of(wish), view.on)
    # Papers that came back replaced were read too; what has expired is not new.
    read = (considered | matched) & ~bitmap(composition.expired, len(matcher.papers))
    edition = _edition(view, own, wish, window, composition, standing, read.bit_count())
    empty_is_sent = own.kind == "subscriber" and context.settings.editions.send_empty
    frozen = bool(edition.entries) or empty_is_sent
    readable = not matcher.unreadable(wish.sets)
    return edition_store.Freeze(
        recipient=own.id,
        edition=edition,
        waiting=tuple(_waiting(view, composition, matched, backlog, readable=readable, frozen=frozen)),
        # What a rule would have found is found when the rule is mended: nothing is passed over, nothing dropped.
        watermark=max(own.watermark, view.upto) if readable else own.watermark,
        frozen=frozen,
    )


def _waiting(
    view: View,
    composition: editions.Composition,
    matched: int,
    backlog: Mapping[int, date],
    *,
    readable: bool,
    frozen: bool,
) -> Iterator[tuple[int, date]]:
    """Yield the ids of the papers that wait from now on, with since when."""
    papers, places = view.matcher.papers, view.matcher.places
    waiting = (papers[place].id for place in composition.waiting)
    yield from ((paper, backlog.get(paper, view.on)) for paper in waiting)
    # What came back since the view was opened waits on, and with a rule that cannot be read all that nothing matched.
    for paper, since in backlog.items():
        place = places.get(paper)
        if place is None or not (readable or matched >> place & 1):
            yield paper, since
    if not frozen:  # what has expired waits until an edition tells of it
        yield from ((papers[place].id, backlog[papers[place].id]) for place in composition.expired)


def _edition(
    view: View,
    own: people.Progress,
    wish: Wish,
    window: Window,
    composition: editions.Composition,
    standing: Standing,
    read: int,
) -> Edition:
    papers = view.matcher.papers
    return Edition(
        recipient=own.key,
        kind=own.kind,
        title=wish.title,
        date=view.on,
        entries=standing.entries(composition),
        considered=read,
        waiting=tuple((papers[place].id, papers[place].title) for place in composition.waiting[:_WAITING_SHOWN]),
        more=len(composition.waiting),
        expired=len(composition.expired),
        since=window.since if (view.on - window.since).days >= _RHYTHM[wish.frequency] else None,
        rules=wish.rules,
        exclude=wish.exclude,
        topics=wish.topics,
        pages=view.pages,
        joined=wish.joined,
        added_by=wish.added_by,
    )


def _plan(
    tx: Connection, context: Context, frozen: Iterable[tuple[people.Progress, edition_store.Freeze, int]]
) -> None:
    """Plan a delivery of each subscriber's frozen edition, with the Message-ID that it keeps."""
    domain = split_sender(context.settings.site.sender)[1].rpartition("@")[2]
    secret = context.store.secret()
    planned = (
        (own.id, item.edition.date, made, returning.message_id(secret, own.id, item.edition.date, domain))
        for own, item, made in frozen
        if own.kind == "subscriber" and item.frozen
    )
    ledger.plan(tx, planned, now=context.now())
