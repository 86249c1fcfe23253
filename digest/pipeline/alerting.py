"""One mail to the operator and not a stream: what is new, what still stands, what is over; at most one in six hours.

A mail goes out when there is a trouble that was not told yet, and when the last that was told is mended. Troubles that
come and go in between cause none, but stand in the next; what could not be told because no mail could be sent is told
when one can. Nobody is written to without ``site.operator``.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest import channels
from digest.channels.base import Parcel
from digest.errors import ChannelError, DigestError
from digest.pipeline.context import Context, instant
from digest.pipeline.signing import signs
from digest.pipeline.telling import tell
from digest.pipeline.troubles import GIVEN, Trouble, given, troubles_now
from digest.render.notice import Notice, notice
from digest.settings import split_sender
from digest.store import troubles as trouble_store
from digest.store.troubles import Kept, Mails

PAUSE = timedelta(hours=6)  # between mails
RETRY = timedelta(minutes=30)  # after one that could not be sent


@dataclass(frozen=True, slots=True)
class _Look:
    """What was kept, what is to be kept instead, and whether a mail is worth it."""

    before: Mapping[str, Kept]
    after: tuple[Kept, ...]
    mails: Mails
    worth: bool

    @property
    def unchanged(self) -> bool:
        return not self.worth and tuple(self.before.values()) == self.after


def tell_operator(context: Context, troubles: Iterable[tuple[str, str]] | None = None) -> bool:
    """Write to the operator if there is reason to; return whether a mail went out. Never raises a DigestError.

    ``troubles`` are what the caller alone knows to stand now, such as a job that hangs: (key, text in one line). With
    None the caller knows nothing of such, and those told before stand. Where nothing has changed, it only reads.
    """
    if not context.settings.site.operator:
        return False
    extra = None if troubles is None else given(troubles)
    try:
        with context.store.reading() as tx:
            look = _looked(tx, context, extra)
        return not look.unchanged and _act(context, extra)
    except DigestError as error:
        tell("operator.unreachable", level=logging.WARNING, text=error)
        return False


def _looked(tx: Connection, context: Context, extra: Sequence[Trouble] | None) -> _Look:
    before, mails, now = trouble_store.load(tx), trouble_store.mails(tx), context.clock()
    found = troubles_now(tx, context, before, mails)
    if extra is None:
        known = [own for own in before.values() if own.key.startswith(GIVEN) and not own.mended_at]
        extra = [Trouble(own.key, own.text) for own in known]
    after = reconciled(before, [*found, *extra], instant(now))
    return _Look(before, tuple(after), mails, is_worth(after, mails, now))


def reconciled(kept: Mapping[str, Kept], found: Iterable[Trouble], now: str) -> list[Kept]:
    """Return what is to be kept, oldest first: lasting troubles that are gone are mended, others are forgotten."""
    known = {trouble.key: trouble for trouble in found}
    gone = [
        own if own.mended_at else replace(own, mended_at=now)
        for own in kept.values()
        if own.lasting and own.key not in known
    ]
    here = [
        replace(kept[own.key], text=own.text, mended_at=None)
        if own.key in kept
        else Kept(own.key, own.text, own.lasting, now)
        for own in known.values()
    ]
    return sorted([*gone, *here], key=lambda own: (own.since, own.key))


def is_worth(kept: Sequence[Kept], mails: Mails, now: datetime) -> bool:
    """Tell whether a mail is due: something is new, or was and could not be told, or all that was told is mended."""
    if _rests(mails.told_at, PAUSE, now) or _rests(mails.failed_at, RETRY, now):
        return False
    if any(not own.told_at and not own.mended_at for own in kept):
        return True
    if mails.failed_at and any(not own.told_at for own in kept):
        return True
    return _is_well(kept) and any(own.told_at and own.mended_at for own in kept)


def _is_well(kept: Sequence[Kept]) -> bool:
    return not any(own.lasting and not own.mended_at for own in kept)


def _rests(since: str | None, pause: timedelta, now: datetime) -> bool:
    """Tell whether a pause lasts; bounded below too: a clock that is put back must not make it longer."""
    return since is not None and timedelta() <= now - datetime.fromisoformat(since) < pause


def _act(context: Context, extra: Sequence[Trouble] | None) -> bool:
    """Write down how things are; send the mail if it is due, and write down that it was.

    The attempt is noted first, so that another process that looks meanwhile keeps still, and so does the next one where
    this one dies: better half an hour late than twice.
    """
    with context.store.writing() as tx:
        look = _looked(tx, context, extra)
        trouble_store.save(tx, [own for own in look.after if look.before.get(own.key) != own])
        trouble_store.forget(tx, look.before.keys() - {own.key for own in look.after})
        if look.worth:
            trouble_store.set_mails(tx, replace(look.mails, failed_at=context.now()))
    if not look.worth:
        return False
    _send(context, look.after)
    with context.store.writing() as tx:
        told = [replace(own, told_at=own.told_at or context.now()) for own in look.after if not own.mended_at]
        trouble_store.save(tx, told)
        trouble_store.forget(tx, [own.key for own in look.after if own.mended_at])
        trouble_store.set_mails(tx, Mails(told_at=context.now()))
    tell("operator.told", troubles=len(told))
    return True


def _send(context: Context, kept: Sequence[Kept]) -> None:
    """Send one mail through the site's channel, under a Message-ID of its own; raises DigestError."""
    site, moment = context.settings.site, context.clock()
    address = split_sender(site.sender)[1]
    about = Notice(
        site=site.title,
        sender=site.sender,
        to=site.operator or "",
        message_id=f"<operator.{context.token()}@{address.rpartition('@')[2]}>",
        date=moment,
        new=tuple(own.text for own in kept if not own.told_at and not own.mended_at),
        standing=tuple((own.text, own.since) for own in kept if own.told_at and not own.mended_at and own.lasting),
        over=tuple((own.text, own.since) for own in kept if own.mended_at),
        well=_is_well(kept) and any(own.mended_at for own in kept),
    )
    aside = f"operator/{moment:%Y-%m-%d %H.%M.%S}"
    parcel = Parcel(0, context.today(), about.to, address, signs(context)(notice(about), moment), aside=aside)
    outcome = channels.send_aside(channels.make(context.settings, context.state), parcel)
    if not outcome or outcome.state != "sent":
        reply = outcome.reply if outcome else "not attempted"
        raise ChannelError(f"the mail to the operator was not taken: {reply}", mend="it is tried again")
