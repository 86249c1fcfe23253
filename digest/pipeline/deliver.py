"""Delivering: what the ledger says is to be sent → the channel → what became of it, back into the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import partial

from sqlalchemy import Connection

from digest import channels, tokens
from digest.channels.base import Parcel
from digest.errors import DigestError, TemplateError
from digest.models import DeliveryState, Envelope, Outcome
from digest.pipeline import returning
from digest.pipeline.context import Context, instant
from digest.pipeline.signing import signs
from digest.render import Renderer
from digest.settings import Settings, split_sender
from digest.store import editions as edition_store
from digest.store import ledger
from digest.store.ledger import Delivery

BATCH = 100  # editions held in memory at once
# RFC 5321, section 4.5.4.1: retry after at least 30 minutes, give up after 4 to 5 days; an early first retry is usual.
_FIRST_PAUSE, _PAUSE, _GIVE_UP = timedelta(minutes=5), timedelta(minutes=30), timedelta(days=5)


@dataclass(slots=True)
class Delivered:
    """What became of the attempts of one run, and the first reasons of those that failed (address: reply)."""

    sent: int = 0
    failed: int = 0
    deferred: int = 0
    unknown: int = 0
    reasons: list[str] = field(default_factory=list)


def deliver(context: Context, renderer: Renderer, upto: date) -> Delivered:
    """Attempt what is planned, deferred and due, or unknown, for dates up to ``upto``.

    The caller holds the state folder's lock, so whatever is still ``sending`` was left there by a crash. Raises
    ChannelError where the channel refuses to work at all; nothing is lost then.
    """
    with context.store.writing() as tx:
        ledger.recover(tx, now=context.now())
        _take_back(tx, context, upto)
        todo = waiting(tx, context, upto)
    if not todo:
        return Delivered()
    result = Delivered()
    by_id = {delivery.id: delivery for delivery in todo}
    with context.progress("Sending", len(todo)) as step:

        def claim(parcel: Parcel) -> bool:
            with context.store.writing() as tx:
                claimed = ledger.claim(tx, parcel.delivery_id, now=context.now())
            if not claimed:
                step()
            return claimed

        def report(parcel: Parcel, outcome: Outcome) -> None:
            _settle(context, by_id[parcel.delivery_id], outcome, result)
            step()

        def refuse(delivery: Delivery, error: DigestError) -> None:
            with context.store.writing() as tx:
                claimed = ledger.claim(tx, delivery.id, now=context.now())
            if claimed:
                _settle(context, delivery, Outcome("failed", str(error)), result)
            step()

        channel = channels.make(context.settings, context.state)
        channel.deliver(_parcels(context, renderer, todo, refuse), claim, report)
    with context.store.writing() as tx:
        _take_back(tx, context, upto)
    return result


def waiting(tx: Connection, context: Context, upto: date) -> list[Delivery]:
    """Return what is to be attempted now, of dates up to ``upto``."""
    # Writing a file twice does no harm; a message may be sent again once.
    most = None if context.settings.delivery.channel == "outbox" else 1
    return ledger.waiting(tx, upto, now=context.now(), most_unknowns=most)


def _take_back(tx: Connection, context: Context, on: date) -> None:
    """Withdraw what is planned for people who paused or left; their papers wait for their return."""
    reply = "the subscriber no longer wants it"
    ledger.take_back(tx, "withdrawn", None, since=on, now=context.now(), reply=reply)
    ledger.close_unknown(tx, now=context.now(), reply=reply)


def _settle(context: Context, delivery: Delivery, outcome: Outcome, result: Delivered) -> None:
    new: DeliveryState = outcome.state
    reply, following = outcome.reply, None
    if new == "deferred":
        moment = context.clock()
        if moment - datetime.fromisoformat(delivery.message_date) > _GIVE_UP:
            new, reply = "failed", f"given up after {_GIVE_UP.days} days: {reply}"
        else:
            following = instant(moment + (_PAUSE if delivery.attempts else _FIRST_PAUSE))
    with context.store.writing() as tx:
        ledger.settle(tx, delivery.id, new, reply=reply, now=context.now(), next_attempt=following)
    setattr(result, new, getattr(result, new) + 1)
    if new == "failed":
        result.reasons.append(f"{delivery.email}: {reply}")


Refuse = Callable[[Delivery, DigestError], None]


def _parcels(context: Context, renderer: Renderer, todo: Sequence[Delivery], refuse: Refuse) -> Iterator[Parcel]:
    """Yield the messages as the channel asks for them; one that cannot be written is refused, and costs no other."""
    secret = context.store.secret()
    signed = signs(context)
    for start in range(0, len(todo), BATCH):
        part = todo[start : start + BATCH]
        with context.store.reading() as tx:
            loaded = {found.id: found for found in edition_store.load_many(tx, [item.edition for item in part])}
        for delivery in part:
            edition = loaded[delivery.edition]
            try:
                envelope = envelope_of(context.settings, secret, delivery, edition.title)
                message = signed(renderer.message(edition, envelope), envelope.date)
            except TemplateError:
                raise
            except DigestError as error:
                refuse(delivery, error)
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
