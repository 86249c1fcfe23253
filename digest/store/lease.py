"""The lease on acting for a store: who holds it, renewed by beats; each change is one guarded statement."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.store.engine import value
from digest.store.tables import meta

_NAME = "lease"


def held(tx: Connection) -> str:
    """Return the lease as it stands, ``""`` where nobody holds it. What it says is its holder's affair."""
    return value(tx, _NAME) or ""


def move(tx: Connection, old: str, new: str) -> bool:
    """Put a new lease in the place of the old one (``""``: none); return whether the old one still stood."""
    if old:
        own = meta.c.name == _NAME
        return tx.execute(update(meta).where(own, meta.c.value == old).values(value=new)).rowcount == 1
    return tx.execute(upsert(meta).values(name=_NAME, value=new).on_conflict_do_nothing()).rowcount == 1


def release(tx: Connection, own: str) -> None:
    """Give up a lease that stands."""
    tx.execute(delete(meta).where(meta.c.name == _NAME, meta.c.value == own))
