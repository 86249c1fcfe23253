"""Recipients: the address book, the topics, how far each has come; and keeping it in step with the configuration."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from digest.models import Frequency, RecipientKind, Rule, Subscriber, SubscriberState
from digest.silence import Spell
from digest.store.bulk import parts
from digest.store.tables import recipients, subscribers


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a recipient has come: the last news considered, the last edition's date, and whether that was empty.

    ``spell`` is the dry spell that they are in.
    """

    id: int
    kind: RecipientKind
    key: str
    watermark: int
    last_edition: date | None
    last_empty: bool
    spell: Spell


def _progress(row: Row[Any]) -> Progress:
    spell = Spell(row.dry_since, row.dry_told)
    return Progress(row.id, row.kind, row.key, row.watermark, row.last_edition, row.last_empty, spell)


def _rules(stored: Iterable[dict[str, Any]]) -> tuple[Rule, ...]:
    return tuple(Rule(found["query"], found.get("name"), found.get("weight", 1.0)) for found in stored)


def rules_as_json(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return rules as the store keeps them."""
    return [{"query": rule.query, "name": rule.name, "weight": rule.weight} for rule in rules]


def _subscriber(row: Row[Any], zone: str, max_items: int) -> Subscriber:
    return Subscriber(
        id=row.recipient_id,
        email=row.email,
        name=row.name,
        frequency=row.frequency,
        weekday=row.weekday,
        send_at=row.send_at,
        timezone=row.timezone or zone,
        max_items=row.max_items or max_items,
        topics=tuple(row.topics),
        rules=_rules(row.rules),
        exclude=tuple(row.exclude),
        state=row.state,
        owner=row.owner,
        added_by=row.added_by,
        added_on=date.fromisoformat(row.added_at[:10]),
        last_edition=row.last_edition,
        mail=row.mail,
        feed_turn=row.feed_turn,
    )


@dataclass(frozen=True, slots=True)
class Rhythm:
    """When a subscriber wants editions, and the date of the last one: all that decides whether one is due."""

    timezone: str
    send_at: str
    frequency: Frequency
    weekday: str
    last_edition: date | None


_RHYTHM = (
    subscribers.c.timezone,
    subscribers.c.send_at,
    subscribers.c.frequency,
    subscribers.c.weekday,
    recipients.c.last_edition,
)


def _rhythms(first: Any) -> Select[Any]:
    """Return the query for something, and the rhythm, of each active subscriber."""
    joined = select(first, *_RHYTHM).join(recipients, recipients.c.id == subscribers.c.recipient_id)
    return joined.where(subscribers.c.state == "active")


class AddressBook:
    """The subscribers as a site sees them: its time zone and limit stand in where a subscriber has none."""

    def __init__(self, timezone: str, max_items: int) -> None:
        """Keep the site's defaults (an IANA zone; papers an edition)."""
        self.timezone = timezone
        self.max_items = max_items

    def find(self, tx: Connection, email: str) -> Subscriber | None:
        """Return the subscriber with this address, whatever its case."""
        return next(iter(list(self._select(tx, recipients.c.key == key_of(email)))), None)

    def by_ids(self, tx: Connection, ids: Sequence[int]) -> dict[int, Subscriber]:
        """Return the subscribers with these recipient ids."""
        return {found.id: found for found in self._select(tx, recipients.c.id.in_(ids))}

    def all(self, tx: Connection, state: SubscriberState | None = None) -> list[Subscriber]:
        """Return the subscribers (of one state, or all), in the order they were added."""
        return list(self._select(tx, subscribers.c.state == state if state else None))

    def rhythm_of_each(self, tx: Connection) -> Iterator[tuple[int, Rhythm]]:
        """Yield the recipient ids of the active subscribers with their rhythms, in the order they were added."""
        query = _rhythms(recipients.c.id).order_by(recipients.c.id).execution_options(yield_per=1000)
        for recipient, zone, *rest in tx.execute(query):
            yield recipient, Rhythm(zone or self.timezone, *rest)

    def rhythms(self, tx: Connection) -> dict[Rhythm, int]:
        """Return the rhythms that active subscribers have, and how many have each: few, whatever their number."""
        found: dict[Rhythm, int] = {}
        for count, zone, *rest in tx.execute(_rhythms(func.count()).group_by(*_RHYTHM)):
            own_rhythm = Rhythm(zone or self.timezone, *rest)  # who has the site's zone by name, and by default
            found[own_rhythm] = found.get(own_rhythm, 0) + count
        return found

    def _select(self, tx: Connection, condition: Any) -> Iterator[Subscriber]:
        query = select(subscribers, recipients.c.last_edition).join(
            recipients, recipients.c.id == subscribers.c.recipient_id
        )
        if condition is not None:
            query = query.where(condition)
        rows = tx.execute(query.order_by(recipients.c.id).execution_options(yield_per=1000))
        return (_subscriber(row, self.timezone, self.max_items) for row in rows)


def key_of(email: str) -> str:
    """Return the key under which an address is one subscriber's."""
    return email.casefold()


def progress(tx: Connection, kind: RecipientKind, keys: Iterable[str] | None = None) -> list[Progress]:
    """Return how far recipients of a kind have come (those with the given keys, or all)."""
    query = select(recipients).where(recipients.c.kind == kind).order_by(recipients.c.id)
    if keys is not None:
        query = query.where(recipients.c.key.in_(list(keys)))
    return [_progress(row) for row in tx.execute(query)]


def progress_of(tx: Connection, ids: Sequence[int]) -> list[Progress]:
    """Return how far these recipients have come, by id."""
    return [
        _progress(row)
        for row in tx.execute(select(recipients).where(recipients.c.id.in_(ids)).order_by(recipients.c.id))
    ]


def lowest_watermark(tx: Connection, ids: Sequence[int], most: int) -> int:
    """Return the lowest watermark that any of these recipients has, ``most`` where none has a lower one."""
    found = [most]
    for part in parts(ids):
        query = select(func.min(recipients.c.watermark)).where(recipients.c.id.in_(part))
        found.append(tx.execute(query).scalar_one())
    return min(found)


def ensure_topics(tx: Connection, slugs: Iterable[str]) -> None:
    """Make a recipient of each topic that has none yet."""
    rows = [{"kind": "topic", "key": slug, "watermark": 0, "last_empty": False} for slug in slugs]
    if rows:
        tx.execute(upsert(recipients).on_conflict_do_nothing(), rows)


def add(tx: Connection, email: str, values: dict[str, Any], *, now: str) -> int:
    """Insert a subscriber with the given columns; return the recipient's id."""
    row = {"kind": "subscriber", "key": key_of(email), "watermark": 0, "last_empty": False}
    recipient = int(tx.execute(insert(recipients).values(row).returning(recipients.c.id)).scalar_one())
    tx.execute(
        insert(subscribers).values(
            values | {"recipient_id": recipient, "email": email, "added_at": now, "state_at": now}
        )
    )
    return recipient


def change(tx: Connection, recipient: int, values: dict[str, Any]) -> None:
    """Set columns of a subscriber (not the state: ``set_state`` guards that)."""
    tx.execute(update(subscribers).where(subscribers.c.recipient_id == recipient).values(values))


def with_mail(tx: Connection, ids: Sequence[int]) -> set[int]:
    """Return those of the recipients who are subscribers and get mail."""
    query = select(subscribers.c.recipient_id).where(subscribers.c.recipient_id.in_(ids), subscribers.c.mail.is_(True))
    return set(tx.execute(query).scalars())


def owner_of_feed(tx: Connection, recipient: int, turn: int) -> SubscriberState | None:
    """Return the state of the subscriber whose private feed has this address at present, or None."""
    query = select(subscribers.c.state).where(subscribers.c.recipient_id == recipient, subscribers.c.feed_turn == turn)
    found: SubscriberState | None = tx.execute(query).scalar_one_or_none()
    return found


def turn_feed(tx: Connection, email: str) -> tuple[int, int] | None:
    """Count up the turn of a subscriber's private feed; return (recipient, new turn), or None: no such subscriber."""
    own = select(recipients.c.id).where(recipients.c.kind == "subscriber", recipients.c.key == key_of(email))
    guarded = update(subscribers).where(subscribers.c.recipient_id == own.scalar_subquery())
    turned = guarded.values(feed_turn=subscribers.c.feed_turn + 1)
    found = tx.execute(turned.returning(subscribers.c.recipient_id, subscribers.c.feed_turn)).first()
    return (found.recipient_id, found.feed_turn) if found else None


def set_state(
    tx: Connection, recipient: int, new: SubscriberState, allowed: Sequence[SubscriberState], *, now: str
) -> bool:
    """Change the state from one of the ``allowed`` ones, in one guarded statement; say whether it was.

    Who becomes active begins without failures, and no day before counts towards a dry spell.
    """
    guarded = update(subscribers).where(subscribers.c.recipient_id == recipient, subscribers.c.state.in_(allowed))
    fresh = {"failures": 0} if new == "active" else {}
    changed = tx.execute(guarded.values(state=new, state_at=now, **fresh)).rowcount == 1
    if changed and new == "active":
        tx.execute(update(recipients).where(recipients.c.id == recipient).values(dry_since=None))
    return changed
