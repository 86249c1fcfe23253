"""The troubles that the operator was told of, or is to be, and when the last mails about them went out."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.store.engine import put, value
from digest.store.tables import deliveries, meta, subscribers
from digest.store.watch_tables import troubles

_MAILS = "operator_mails"
_REFUSAL = "sending_refused"


@dataclass(frozen=True, slots=True)
class Kept:
    """A trouble as it is kept; instants are ISO 8601 in UTC.

    ``lasting`` ones stand until they are mended (``mended_at``), the others happened and are told once. ``told_at`` is
    when the operator was told of it, None: not yet.
    """

    key: str
    text: str
    lasting: bool
    since: str
    told_at: str | None = None
    mended_at: str | None = None


@dataclass(frozen=True, slots=True)
class Mails:
    """When a mail was sent to the operator last, and when one was last tried in vain since then."""

    told_at: str | None = None
    failed_at: str | None = None


def load(tx: Connection) -> dict[str, Kept]:
    """Return what is kept, by key, the oldest first."""
    query = select(troubles).order_by(troubles.c.since, troubles.c.key)
    return {row.key: Kept(**row._mapping) for row in tx.execute(query)}


def save(tx: Connection, kept: Iterable[Kept]) -> None:
    """Write troubles, each whole."""
    for trouble in kept:
        row = asdict(trouble)
        tx.execute(upsert(troubles).values(row).on_conflict_do_update(index_elements=["key"], set_=row))


def forget(tx: Connection, keys: Iterable[str]) -> None:
    """Forget troubles that are over and need no word any more."""
    for key in keys:
        tx.execute(delete(troubles).where(troubles.c.key == key))


def mails(tx: Connection) -> Mails:
    """Return when the operator was written to last."""
    return Mails(**json.loads(value(tx, _MAILS) or "{}"))


def set_mails(tx: Connection, mails: Mails) -> None:
    """Remember when the operator was written to last."""
    put(tx, _MAILS, json.dumps(asdict(mails)))


def refusal(tx: Connection) -> str:
    """Return why nothing can be sent since the last attempt ("": something could)."""
    return value(tx, _REFUSAL) or ""


def set_refusal(tx: Connection, text: str) -> None:
    """Remember why nothing can be sent ("": something can)."""
    if text:
        put(tx, _REFUSAL, text)
    else:
        tx.execute(delete(meta).where(meta.c.name == _REFUSAL))


def failed_after(tx: Connection, instant: str) -> dict[date, list[tuple[str, str]]]:
    """Return the deliveries that have failed after an instant and not been mended: (address, reply), by date."""
    own = deliveries.c
    query = (
        select(own.date, subscribers.c.email, own.reply)
        .join(subscribers, subscribers.c.recipient_id == own.recipient_id)
        .where(own.state == "failed", own.changed_at > instant)
        .order_by(own.date, own.id)
    )
    found: dict[date, list[tuple[str, str]]] = {}
    for on, email, reply in tx.execute(query):
        found.setdefault(on, []).append((email, reply))
    return found


def suppressed_after(tx: Connection, instant: str) -> list[str]:
    """Return the addresses that have been suppressed after an instant."""
    own = subscribers.c
    query = select(own.email).where(own.state == "suppressed", own.state_at > instant).order_by(own.recipient_id)
    return list(tx.execute(query).scalars())
