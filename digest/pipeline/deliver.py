"""Delivering: what the ledger says is to be sent → the channel → what became of it, back into the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from functools import partial

from sqlalchemy import Connection

from digest import channels, tokens
from digest.channels.base import Parcel
from digest.errors import DigestError, TemplateError
from digest.models import Envelope
from digest.pipeline import returning
from digest.pipeline.collecting import rarely_collecting
from digest.pipeline.context import Context
from digest.pipeline.settling import Delivered, Desk
from digest.pipeline.signing import signs
from digest.render import Renderer
from digest.settings import Settings, split_sender
from digest.store import editions as edition_store
from digest.store import ledger
from digest.store.ledger import Delivery

__all__ = ["Delivered", "deliver", "edition_token", "envelope_of", "id_of", "unsubscribe_token", "waiting"]

BATCH = 100  # editions held in memory at once


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
    if not todo:
        return result
    with rarely_collecting(), context.progress("Sending", len(todo)) as step:
        desk = Desk(context, step, result)
        channel = channels.make(context.settings, context.state)
        channel.deliver(_parcels(context, renderer, todo, desk), desk.turn)
    with context.store.writing() as tx:
        _take_back(tx, context, upto)
    return result


def waiting(tx: Connection, context: Context, upto: date) -> Sequence[int]:
    """Return the ids of what is to be attempted now, of dates up to ``upto``."""
    own = context.settings.delivery
    # A message may be sent again once, where the operator allows that; writing a file twice does no harm.
    most = None if own.channel == "outbox" else 1 if own.resend_unknown == "once" else 0
    return ledger.waiting(tx, upto, now=context.now(), most_unknowns=most)


def _take_back(tx: Connection, context: Context, on: date) -> None:
    """Withdraw what is planned for people who paused or left; their papers wait for their return."""
    reply = "the subscriber no longer wants it"
    ledger.take_back(tx, "withdrawn", None, since=on, now=context.now(), reply=reply)
    ledger.close_unknown(tx, now=context.now(), reply=reply)


def _parcels(context: Context, renderer: Renderer, todo: Sequence[int], desk: Desk) -> Iterator[Parcel]:
    """Yield the messages as the channel asks for them; one that cannot be written is refused, and costs no other."""
    secret = context.store.secret()
    signed, shared = signs(context), edition_store.Shared()
    for start in range(0, len(todo), BATCH):
        with context.store.reading() as tx:
            part = ledger.load(tx, todo[start : start + BATCH])
            editions = edition_store.load_many(tx, [item.edition for item in part], shared, waiting=False)
        loaded = {found.id: found for found in editions}
        desk.expect(part)
        for delivery in part:
            edition = loaded[delivery.edition]
            try:
                envelope = envelope_of(context.settings, secret, delivery, edition.title)
                message = signed(renderer.message(edition, envelope), envelope.date)
            except TemplateError:
                raise
            except DigestError as error:
                desk.refuse(delivery, str(error))
            else:
                sender = returning.envelope_sender(context.settings, secret, delivery.id)
                yield Parcel(delivery.id, delivery.date, delivery.email, sender, partial(bytes, message))


def envelope_of(settings: Settings, secret: bytes, delivery: Delivery, title: str) -> Envelope:
    """Return the envelope of a delivery: who, when, and the links that only its reader has."""
    site = settings.site
    address = split_sender(site.sender)[1]
    base = site.base_url
    list_host = address.rpartition("@")[2]
    return Envelope(
        sender=site.sender,
        to=delivery.email,
        to_name="" if title == delivery.email else title,
        message_id=delivery.message_id,
        date=datetime.fromisoformat(delivery.message_date).astimezone(UTC),
        list_id=f"{site.title} <digest.{list_host}>",
        unsubscribe_url=f"{base}/unsubscribe/{unsubscribe_token(secret, delivery.recipient)}" if base else "",
        unsubscribe_mailto=f"mailto:{address}?subject=unsubscribe",
        browser_url=f"{base}/editions/{edition_token(secret, delivery.edition)}" if base else "",
    )


def unsubscribe_token(secret: bytes, recipient: int) -> str:
    """Return the token that lets a subscriber, and nobody else, leave."""
    return tokens.sign(secret, "unsubscribe", str(recipient))


def edition_token(secret: bytes, edition: int) -> str:
    """Return the token that shows one edition."""
    return tokens.sign(secret, "edition", str(edition))


def id_of(secret: bytes, purpose: str, token: str) -> int | None:
    """Return the id that a token of this purpose carries, or None for anything else."""
    subject = tokens.read(secret, purpose, token)
    return int(subject) if subject is not None else None
