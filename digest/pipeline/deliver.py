"""Delivering: what the ledger says is to be sent → the channel → what became of it, back into the ledger.

Thousands of messages are written in processes of their own; this one has the connections, and alone writes the ledger.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from datetime import date

from sqlalchemy import Connection

from digest import channels
from digest.channels.base import Parcel
from digest.pipeline import crew
from digest.pipeline.collecting import rarely_collecting
from digest.pipeline.context import Context
from digest.pipeline.settling import Delivered, Desk, most_unknowns
from digest.pipeline.writing import Task, written
from digest.render import Renderer
from digest.store import ledger
from digest.store.bulk import parts

__all__ = ["Delivered", "deliver", "waiting"]

BATCH = 32  # messages that are written, and held in memory, at once: some 25 ms of one processor


def deliver(context: Context, renderer: Renderer, upto: date, result: Delivered | None = None) -> Delivered:
    """Attempt what is planned, deferred and due, or unknown, for dates up to ``upto``; count it in ``result``.

    The caller holds the state folder's lock, so whatever is still ``sending`` was left there by a crash. Raises
    ChannelError where the channel refuses to work at all, or any more; nothing is lost then.
    """
    result = result or Delivered()
    with context.store.writing() as tx:
        ledger.recover(tx, now=context.now())
        _take_back(tx, context, upto)
        todo = waiting(tx, context, upto)
    if not todo or context.stop():  # which spares the way to the server
        return result
    with rarely_collecting(), context.progress("Sending", len(todo)) as step:
        desk = Desk(context, step, result)
        channel = channels.make(context.settings, context.state)
        with closing(_parcels(context, renderer, todo, desk)) as parcels:  # whoever writes them ends with the channel
            channel.deliver(parcels, desk.turn, context.stop)
    with context.store.writing() as tx:
        _take_back(tx, context, upto)
    return result


def waiting(tx: Connection, context: Context, upto: date) -> Sequence[int]:
    """Return the ids of what is to be attempted now, of dates up to ``upto``."""
    most = most_unknowns(context.settings.delivery)
    return ledger.waiting(tx, upto, now=context.now(), most_unknowns=most)


def _take_back(tx: Connection, context: Context, on: date) -> None:
    """Withdraw what is planned for people who paused or left, whose papers wait, or who get no mail any more."""
    reply = "the subscriber no longer wants mail"
    ledger.take_back(tx, "withdrawn", None, since=on, now=context.now(), reply=reply)
    ledger.close_unknown(tx, now=context.now(), reply=reply)


def _parcels(context: Context, renderer: Renderer, todo: Sequence[int], desk: Desk) -> Generator[Parcel, None, None]:
    """Yield the messages as the channel asks for them; one that cannot be written is refused, and costs no other."""
    task, batches = Task(context.elsewhere(), renderer), list(parts(todo, BATCH))
    processes = crew.processes_for(len(todo), context.settings.work.processes)
    for batch in crew.shared_out(written, task, batches, processes):
        desk.expect([message.delivery for message in batch])
        for message in batch:
            delivery = message.delivery
            if message.trouble:
                desk.refuse(delivery, message.trouble)
            else:
                yield Parcel(delivery.id, delivery.date, delivery.email, message.sender, message.data)
