"""Composes editions of batches of recipients, as the store will keep them; nothing is written here.

Cost: the index grows with the papers in view; a different rule is evaluated once; a recipient costs an addition for
each match and an explanation for each paper of the edition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sqlalchemy import Connection

from digest import due, editions, silence
from digest.bits import bitmap, union
from digest.models import RHYTHM, Edition, Frequency
from digest.pipeline.collecting import rarely_collecting
from digest.pipeline.compiling import compiled
from digest.pipeline.context import Context
from digest.pipeline.matching import Standing
from digest.pipeline.people import address_book
from digest.pipeline.view import Window, open_view
from digest.pipeline.widening import Silence
from digest.pipeline.wishes import Wish, limits_of, wish_of, wish_of_topic
from digest.store import backlogs, people
from digest.store import editions as edition_store
from digest.store.bulk import parts
from digest.store.editions import Written

_AT_ONCE = 1000  # recipients whose rules are read at once
_WAITING_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Task:
    """What composing needs besides the recipients: the world, the date, and the last news number that counts."""

    context: Context
    on: date
    upto: int


@dataclass(frozen=True, slots=True)
class Start:
    """What a recipient's edition was composed from; where it is no longer so, the edition is void."""

    own: people.Progress
    backlog: str

    @classmethod
    def of(cls, tx: Connection, ids: Sequence[int]) -> list[Start]:
        """Return where these recipients stand, by id."""
        texts = backlogs.texts(tx, ids)
        return [cls(own, texts.get(own.id, "")) for own in people.progress_of(tx, ids)]


@dataclass(frozen=True, slots=True)
class Batch:
    """The editions of those recipients who are due, each with what it was composed from; and what cannot be read."""

    recipients: tuple[int, ...]
    editions: tuple[tuple[Start, Written], ...]
    problems: tuple[str, ...]


def composed(task: Task, batches: Sequence[Sequence[int]]) -> Iterator[Batch]:
    """Compose for batches of recipients (ids), who share one look at the papers."""
    with rarely_collecting():
        composer = Composer(task, [recipient for batch in batches for recipient in batch])
        for batch in batches:
            yield composer.batch(batch)


def rules_of(context: Context, ids: Sequence[int]) -> Iterator[str]:
    """Yield all that these recipients ask of papers: rules and exclusions."""
    with context.store.reading() as tx:
        for part in parts(ids, _AT_ONCE):
            for wish in _wishes(tx, context, part).values():
                yield from wish.queries


def _wishes(tx: Connection, context: Context, ids: Sequence[int]) -> dict[int, Wish]:
    settings = context.settings
    topics = {topic.slug: topic for topic in settings.topics}
    asked = set(ids)
    known = [own for own in people.progress(tx, "topic", topics) if own.id in asked]
    found = {own.id: wish_of_topic(topics[own.key]) for own in known}
    found |= {own.id: wish_of(own, settings) for own in address_book(settings).by_ids(tx, ids).values()}
    return found


class Composer:
    """One look at the papers that some recipients may get on a date; the recipients come in batches."""

    def __init__(self, task: Task, recipients: Sequence[int]) -> None:
        """Compile the recipients' rules and match the papers in view."""
        self._context, self._on = task.context, task.on
        program = compiled(self._context, rules_of(self._context, recipients))
        with self._context.store.reading() as tx:
            self._view = open_view(tx, self._context, task.on, task.upto, recipients, program)
        self._pins = [(paper.id, paper.revision) for paper in self._view.matcher.papers]
        self._windows: dict[tuple[int, Frequency], Window] = {}
        self._silence = Silence(self._context, task.on, task.upto)

    def batch(self, recipients: Sequence[int]) -> Batch:
        """Compose for those of these recipients who are due, as the store has them now."""
        with self._context.store.reading() as tx:
            wishes = _wishes(tx, self._context, recipients)
            starts = Start.of(tx, list(wishes))
            due_now = [start for start in starts if self._is_due(start.own, wishes[start.own.id])]
            ids = [start.own.id for start in due_now]
            had, newcomers = edition_store.had(tx, ids, self._view.floor), edition_store.newcomers(tx, ids)
        made = [
            (start, self._written(start, wishes[own], had[own], new=own in newcomers))
            for own, start in zip(ids, due_now, strict=True)
        ]
        problems = (line for start in starts for line in self._problems(start.own, wishes[start.own.id]))
        return Batch(tuple(recipients), tuple(made), tuple(problems))

    def _problems(self, own: people.Progress, wish: Wish) -> Iterator[str]:
        """Yield a line for each rule that cannot be read, whether or not an edition is due."""
        matcher = self._view.matcher
        for text in matcher.unreadable(wish.sets):
            yield f"{own.key}: {text!r}: {matcher.problems[text]}"

    def _is_due(self, own: people.Progress, wish: Wish) -> bool:
        """Say whether an edition is to be composed (decisions 3 and 4); one that is there and not empty is not."""
        on = self._on
        if own.last_edition is not None and (own.last_edition > on or (own.last_edition == on and not own.last_empty)):
            return False
        return own.last_edition == on or due.due_on(wish.frequency, wish.weekday, own.last_edition, on)

    def _window(self, watermark: int, frequency: Frequency) -> Window:
        key = watermark, frequency
        if key not in self._windows:
            days = editions.lookback(frequency, self._context.settings.editions.lookback_days)
            self._windows[key] = self._view.window(watermark, self._on - timedelta(days=days))
        return self._windows[key]

    def _written(self, start: Start, wish: Wish, had: set[int], *, new: bool) -> Written:
        own, view, matcher = start.own, self._view, self._view.matcher
        waits = dict(backlogs.each(backlogs.from_text(start.backlog)))
        window, held = self._window(own.watermark, wish.frequency), matcher.bitmap(had)
        considered = (window.fresh & ~held) | matcher.bitmap(waits)
        standing = matcher.standing(wish.sets, considered, window.replaced & held)
        classes = standing.classes()
        matched = union(classes.values())
        places = {matcher.places[paper]: since for paper, since in waits.items() if paper in matcher.places}
        composition = view.pool.compose(classes, places, limits_of(wish), view.on)
        # Papers that came back replaced were read too; what has expired is not new.
        read = (considered | matched) & ~bitmap(composition.expired, len(matcher.papers))
        edition = self._edition(own, wish, window, composition, standing, read.bit_count())
        readable = not matcher.unreadable(wish.sets)
        if own.kind == "subscriber" and edition.entries and new:
            edition = replace(edition, first=True)
        elif wish.mail and not edition.entries and readable:
            edition = self._still_here(own, wish, edition)
        empty_is_sent = wish.mail and self._context.settings.editions.send_empty
        frozen = bool(edition.entries) or edition.still_here is not None or empty_is_sent
        return Written.of(
            own.id,
            edition,
            frozen=frozen,
            # What a rule would have found is found when the rule is mended: nothing is passed over, nothing dropped.
            watermark=max(own.watermark, view.upto) if readable else own.watermark,
            spell=self._spell(own, wish, edition),
            backlog=self._waiting(composition, matched, waits, readable=readable, frozen=frozen),
            waiting=[self._pins[place] for place in composition.waiting[:_WAITING_SHOWN]],
        )

    def _waiting(
        self,
        composition: editions.Composition,
        matched: int,
        waits: Mapping[int, date],
        *,
        readable: bool,
        frozen: bool,
    ) -> backlogs.Backlog:
        """Return the papers that wait from now on, by the date since when."""
        places, pins = self._view.matcher.places, self._pins
        left: dict[date, list[int]] = defaultdict(list)
        left[self._on] = [pins[place][0] for place in composition.waiting if pins[place][0] not in waits]
        expired = {pins[place][0] for place in composition.expired}
        waiting = {pins[place][0] for place in composition.waiting} if waits else set()
        for paper, since in waits.items():
            place = places.get(paper)
            # What came back since the view was opened waits on, and with a rule that cannot be read all that nothing
            # matched; and what has expired, until an edition tells of it.
            unseen = place is None or not (readable or matched >> place & 1)
            if paper in waiting or unseen or (paper in expired and not frozen):
                left[since].append(paper)
        return left

    def _edition(
        self,
        own: people.Progress,
        wish: Wish,
        window: Window,
        composition: editions.Composition,
        standing: Standing,
        read: int,
    ) -> Edition:
        view = self._view
        return Edition(
            recipient=own.key,
            kind=own.kind,
            title=wish.title,
            date=view.on,
            entries=standing.entries(composition),
            considered=read,
            more=len(composition.waiting),
            expired=len(composition.expired),
            since=self._since(own, wish, window),
            rules=wish.rules,
            exclude=wish.exclude,
            topics=wish.topics,
            pages=view.pages,
            joined=wish.joined,
            added_by=wish.added_by,
        )

    def _still_here(self, own: people.Progress, wish: Wish, empty: Edition) -> Edition:
        """Return an empty edition as a still-here message where one is due and something was read, else as it is."""
        asked = self._context.settings.editions
        days = 0 if asked.send_empty else asked.still_here_days
        if not silence.is_due(own.spell, wish.frequency, days, self._on):
            return empty
        said = self._silence.message(wish.sets, silence.told_days(own.spell, wish.frequency, days, self._on))
        return replace(empty, still_here=said[0], considered=said[1], since=None) if said else empty

    def _spell(self, own: people.Progress, wish: Wish, edition: Edition) -> silence.Spell:
        """Return the dry spell after an edition; to whom nothing is sent nobody owes a word, so no such day counts."""
        told = edition.still_here is not None
        spell = silence.after(own.spell, self._on, matched=bool(edition.entries), told=told)
        return spell if wish.mail or edition.entries else replace(spell, since=None)

    def _since(self, own: people.Progress, wish: Wish, window: Window) -> date | None:
        """Return the first date that the edition covers, where that is more than its rhythm.

        It follows the last edition, whenever the news was found; unless older news is passed over, after a pause, say.
        """
        since = own.last_edition + timedelta(days=1) if own.last_edition and window.whole else window.since
        return since if (self._on - since).days >= RHYTHM[wish.frequency] else None
