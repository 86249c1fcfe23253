"""Keeps the store's recipients in step with the configuration: its topics, and the subscribers that it names."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from digest.lifecycle import SUBSCRIBER, before
from digest.models import Rule, Subscriber
from digest.pipeline.context import Context
from digest.settings import RuleSetting, Settings, SubscriberSetting
from digest.store import people

_BY = "the operator of this digest"


def address_book(settings: Settings) -> people.AddressBook:
    """Return the address book with the site's defaults."""
    return people.AddressBook(settings.site.timezone, settings.editions.max_items)


def synchronise(tx: Connection, context: Context) -> None:
    """Add and update what the configuration names; who is no longer named is removed, who left stays away."""
    book, now = address_book(context.settings), context.now()
    people.ensure_topics(tx, (topic.slug for topic in context.settings.topics))
    known = {people.key_of(found.email): found for found in book.all(tx)}
    for named in context.settings.subscribers:
        _name(tx, named, known.pop(people.key_of(named.email), None), now)
    for found in known.values():
        if found.owner == "config" and found.state in before(SUBSCRIBER, "removed"):
            people.set_state(tx, found.id, "removed", before(SUBSCRIBER, "removed"), now=now)


def _name(tx: Connection, named: SubscriberSetting, found: Subscriber | None, now: str) -> None:
    """Add or update a subscriber that the configuration names; being named confirms an address once."""
    values = _columns(named)
    if found is None:
        people.add(tx, named.email, values | {"state": "active", "added_by": _BY}, now=now)
        return
    people.change(tx, found.id, values | {"email": named.email})
    if found.state in ("pending", "removed"):
        people.set_state(tx, found.id, "active", ("pending", "removed"), now=now)


def _columns(named: SubscriberSetting) -> dict[str, Any]:
    return {
        "name": named.name,
        "mail": named.mail,
        "frequency": named.frequency,
        "weekday": named.weekday,
        "send_at": named.send_at,
        "timezone": named.timezone,
        "max_items": named.max_items,
        "topics": list(named.topics),
        "rules": people.rules_as_json(rules_of(named.rules)),
        "exclude": list(named.exclude),
        "owner": "config",
    }


def rules_of(found: tuple[RuleSetting, ...], topic: str | None = None) -> tuple[Rule, ...]:
    """Return the configuration's rules as records, owned by a topic where one is given."""
    return tuple(Rule(rule.query, rule.name, rule.weight, topic) for rule in found)
