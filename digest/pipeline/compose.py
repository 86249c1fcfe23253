"""Composing: news above each watermark and the backlog → frozen editions and planned deliveries.

Thousands of recipients are shared out among processes; this one alone writes, a batch in a transaction.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from digest.pipeline import crew, returning
from digest.pipeline.compiling import compiled
from digest.pipeline.composing import Batch, Start, Task, composed, rules_of
from digest.pipeline.context import Context
from digest.pipeline.people import address_book
from digest.settings import split_sender
from digest.store import dumps as dump_store
from digest.store import editions as edition_store
from digest.store import ledger, people
from digest.store.bulk import parts
from digest.store.editions import Written
from digest.store.people import Rhythm

BATCH = 200  # recipients frozen in one transaction


@dataclass(frozen=True, slots=True)
class Composed:
    """How many editions were composed, were empty, or were there already; and the rules that could not be read.

    A still-here message is an edition that was composed.
    """

    composed: int = 0
    empty: int = 0
    existing: int = 0
    problems: tuple[str, ...] = ()


Wanted = Callable[[Rhythm | str], bool]  # whether a subscriber with a rhythm, or a topic by its slug, is wanted


def everyone(_recipient: Rhythm | str) -> bool:
    """Want an edition for every recipient."""
    return True


def compose(context: Context, on: date, wanted: Wanted = everyone) -> Composed:
    """Compose and freeze the editions for a date of every recipient that is due, and plan their deliveries.

    ``wanted`` narrows the recipients down. News must have been dated before (see ``dumps.date_news``). Where the
    process is to end, those who are not reached yet are left, and due still.
    """
    with context.store.reading() as tx:
        todo = _recipients(tx, context, wanted)
        upto = dump_store.last_news(tx)
    total = Composed()
    with context.progress("Composing editions", len(todo)) as step:
        while todo and not context.stop():
            made, todo = _round(context, Task(context.elsewhere(), on, upto), todo, step)
            total = _added(total, made)
    return total


def _round(context: Context, task: Task, todo: Sequence[int], step: Callable[..., None]) -> tuple[Composed, list[int]]:
    """Compose for these recipients; return what came of it, and those who were changed by somebody else meanwhile."""
    processes = crew.processes_for(len(todo), context.settings.work.processes)
    if processes > 1:
        compiled(context, rules_of(context, todo))  # once, and kept where the others find it
    total, again = Composed(), []
    with closing(crew.shared_out(composed, task, list(parts(todo, BATCH)), processes)) as batches:
        for batch in batches:
            with context.store.writing() as tx:
                made, void = _freeze(tx, context, task.on, batch)
            total = _added(total, made)
            again += void
            step(len(batch.recipients) - len(void))
            if context.stop():
                break
    return total, again


def _added(one: Composed, other: Composed) -> Composed:
    problems = dict.fromkeys((*one.problems, *other.problems))
    return Composed(
        one.composed + other.composed, one.empty + other.empty, one.existing + other.existing, tuple(problems)
    )


def _recipients(tx: Connection, context: Context, wanted: Wanted) -> list[int]:
    """Return the ids of topics and active subscribers, in a fixed order."""
    topics = people.progress(tx, "topic", [topic.slug for topic in context.settings.topics])
    active = address_book(context.settings).rhythm_of_each(tx)
    return [*(own.id for own in topics if wanted(own.key)), *(own for own, rhythm in active if wanted(rhythm))]


def _freeze(tx: Connection, context: Context, on: date, batch: Batch) -> tuple[Composed, list[int]]:
    """Freeze a batch, but for those whose start is no longer so; return what came of it, and them."""
    now = {start.own.id: start for start in Start.of(tx, batch.recipients)}
    void = [start.own.id for start, _ in batch.editions if now[start.own.id] != start]
    existing = edition_store.count(tx, [own for own in batch.recipients if own not in void], on)
    good = [(start, made) for start, made in batch.editions if now[start.own.id] == start]
    ids = edition_store.freeze(tx, [made for _, made in good])
    _plan(tx, context, [(start.own, made, number) for (start, made), number in zip(good, ids, strict=True)])
    composed = sum(made.says for _, made in good)
    return Composed(composed, len(good) - composed, existing, batch.problems), void


def _plan(tx: Connection, context: Context, frozen: Iterable[tuple[people.Progress, Written, int]]) -> None:
    """Plan a delivery of each frozen edition whose subscriber gets mail, with the Message-ID that it keeps."""
    frozen = [(own, made, number) for own, made, number in frozen if made.frozen]
    mailed = people.with_mail(tx, [own.id for own, _, _ in frozen])
    domain = split_sender(context.settings.site.sender)[1].rpartition("@")[2]
    secret = context.store.secret()
    planned = (
        (own.id, made.date, number, returning.message_id(secret, own.id, made.date, domain))
        for own, made, number in frozen
        if own.id in mailed
    )
    ledger.plan(tx, planned, now=context.now())
