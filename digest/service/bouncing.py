"""Taking in what came back: each message once, and what it says of a delivery into the ledger."""

from __future__ import annotations

import contextlib
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, get_args

from sqlalchemy import Connection

from digest import bounces
from digest.bounces import Kind, Meaning, Recipient, Report
from digest.errors import DigestError
from digest.pipeline.context import Context
from digest.pipeline.returning import delivery_of
from digest.pipeline.suppressing import note_failure, suppress
from digest.service.mails import Mail
from digest.store import bounces as bounce_store
from digest.store import ledger
from digest.store.ledger import Delivery

_REPORTING: frozenset[Kind] = frozenset({"failed", "delayed", "delivered", "complaint"})
_NOTHING_TOLD = Recipient("", "", "failed", "", "soft", "")  # of a delivery, by a report on several that disagree


@dataclass(frozen=True, slots=True)
class Told:
    """What one message said of a delivery, and what it changed."""

    delivery: Delivery
    kind: Kind
    meaning: Meaning
    status: str
    text: str
    failed: bool = False
    suppressed: bool = False


@dataclass(slots=True)
class Ingested:
    """What taking messages in came to; each is counted once, under its kind, as ``known`` or as ``foreign``."""

    messages: int = 0
    kinds: Counter[Kind] = field(default_factory=Counter)
    meanings: Counter[Meaning] = field(default_factory=Counter)
    known: int = 0
    foreign: int = 0
    told: list[Told] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON, with every kind and class there is."""
        return {
            "messages": self.messages,
            "kinds": {kind: self.kinds[kind] for kind in get_args(Kind)},
            "failures": {meaning: self.meanings[meaning] for meaning in get_args(Meaning) if meaning != "none"},
            "known": self.known,
            "foreign": self.foreign,
            "reports": [_as_row(told) for told in self.told],
            "unread": self.unread,
        }


def _as_row(told: Told) -> dict[str, Any]:
    return {
        "email": told.delivery.email,
        "date": told.delivery.date.isoformat(),
        "delivery": told.delivery.id,
        "kind": told.kind,
        "class": told.meaning if told.kind == "failed" else None,
        "status": told.status or None,
        "text": told.text,
        "failed": told.failed,
        "suppressed": told.suppressed,
    }


@dataclass(frozen=True, slots=True)
class _Reported:
    """A message that is about a delivery of ours."""

    sha256: str
    report: Report
    delivery: Delivery


def ingest(context: Context, found: Iterable[Mail], *, dry_run: bool = False) -> Ingested:
    """Take in messages, with a transaction for each that is about a delivery of ours; ``dry_run`` undoes it all."""
    total = Ingested()
    reported = _reported(context, found, total)
    if dry_run:
        _try(context, list(reported), total)  # all are read before the store is locked
        return total
    for one in reported:
        # Through to the disk: who piped a message to us keeps no copy.
        with context.store.writing(durable=True) as tx:
            told = _note(tx, context, one)
        _count(total, told)
    return total


class _UndoneError(Exception):
    """Ends the transaction of a dry run."""


def _try(context: Context, reported: Iterable[_Reported], total: Ingested) -> None:
    """Do what messages say in one transaction, and undo it."""
    with contextlib.suppress(_UndoneError), context.store.writing() as tx:
        for one in reported:
            _count(total, _note(tx, context, one))
        raise _UndoneError


def _reported(context: Context, found: Iterable[Mail], total: Ingested) -> Iterator[_Reported]:
    """Yield the messages that are about deliveries of ours, and count the others."""
    for mail in found:
        if mail.fault:
            total.unread.append(f"{mail.name}: {mail.fault}")
            continue
        total.messages += 1
        if one := _read(context, mail, total):
            yield one


def _read(context: Context, mail: Mail, total: Ingested) -> _Reported | None:
    sha256 = hashlib.sha256(mail.data).hexdigest()
    with context.store.reading() as tx:
        if bounce_store.is_known(tx, sha256):
            total.known += 1
            return None
    try:
        report = bounces.read(mail.data)
    except DigestError as error:
        total.unread.append(f"{mail.name}: {error}")
        return None
    if report.kind not in _REPORTING:
        total.kinds[report.kind] += 1
        return None
    with context.store.reading() as tx:
        delivery = delivery_of(tx, context.settings, context.store.secret(), report)
    if delivery is None:
        total.foreign += 1
        return None
    return _Reported(sha256, report, delivery)


def _count(total: Ingested, told: Told | None) -> None:
    if told is None:
        total.known += 1
        return
    total.kinds[told.kind] += 1
    total.meanings[told.meaning] += told.kind == "failed"
    total.told.append(told)


def _note(tx: Connection, context: Context, reported: _Reported) -> Told | None:
    """Do what a message says and remember it; None where it is known by now."""
    report, delivery = reported.report, reported.delivery
    if bounce_store.is_known(tx, reported.sha256):
        return None
    one = report.about(delivery.email) or _NOTHING_TOLD
    kind: Kind = "complaint" if report.kind == "complaint" else one.action
    told = _acted(tx, context, Told(delivery, kind, one.meaning, one.status, one.diagnostic or report.note))
    noted = bounce_store.Noted(context.now(), kind, delivery.id, delivery.recipient, one.status, told.text)
    bounce_store.remember(tx, reported.sha256, noted)
    return told


def _acted(tx: Connection, context: Context, told: Told) -> Told:
    own, failed, suppressed = told.delivery, False, False
    if told.kind == "complaint":
        suppressed = suppress(tx, context, own.recipient, "the reader complained")
    elif told.kind == "failed" and told.meaning != "soft":
        reply = " ".join(filter(None, ("bounced:", told.status, told.text)))
        failed = ledger.settle(tx, own.id, "failed", reply=reply, now=context.now())
        suppressed = failed and note_failure(tx, context, own.id, own.recipient, reply)
    return replace(told, failed=failed, suppressed=suppressed)
