"""The address book's changes: adding, changing the state of, importing and exporting subscribers."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection

from digest import rules
from digest.config.checks import of_validation
from digest.errors import DigestError, RuleError, UsageError
from digest.lifecycle import SUBSCRIBER, before
from digest.models import Subscriber, SubscriberState
from digest.pipeline.context import Context
from digest.pipeline.envelopes import id_of
from digest.pipeline.people import address_book, rules_of
from digest.settings import SubscriberSetting
from digest.store import bounces, ledger, people
from digest.store import dumps as dump_store

_COLUMNS = (
    "email",
    "name",
    "state",
    "mail",
    "frequency",
    "weekday",
    "send_at",
    "timezone",
    "max_items",
    "topics",
    "rules",
    "exclude",
)
_LISTS = ("topics", "rules", "exclude")
_TRUTHS = {"yes": True, "true": True, "no": False, "false": False}
_OPERATOR = "the operator of this digest"


def listed(context: Context) -> list[Subscriber]:
    """Return all subscribers, in the order they were added."""
    with context.store.reading() as tx:
        return address_book(context.settings).all(tx)


def show(context: Context, email: str) -> Subscriber:
    """Return one subscriber; raises UsageError where there is none."""
    with context.store.reading() as tx:
        return _found(tx, context, email)


def _found(tx: Connection, context: Context, email: str) -> Subscriber:
    found = address_book(context.settings).find(tx, email)
    if found is None:
        raise UsageError("no such subscriber", where=email, mend="see: digest subscribers list")
    return found


def read_wish(context: Context, values: dict[str, Any]) -> SubscriberSetting:
    """Return what somebody wants, checked like the configuration; raises UsageError or RuleError."""
    try:
        wish = SubscriberSetting.model_validate(values)
    except ValidationError as error:
        first = of_validation(error, values, ("subscribers", 0))[0]
        key = ".".join(str(part + 1 if isinstance(part, int) else part) for part in first.path[2:])
        email = values.get("email", "")
        where = email if email and key == "email" else ", ".join(filter(None, (email, key)))
        raise UsageError(first.what, where=where, mend=first.mend) from error
    for query in (*(rule.query for rule in wish.rules), *wish.exclude):
        rules.parse(query)
    known = {topic.slug for topic in context.settings.topics}
    if unknown := [slug for slug in wish.topics if slug not in known]:
        raise UsageError(f"no topic {unknown[0]!r}", mend=f"topics are: {', '.join(sorted(known)) or 'none'}")
    if not (wish.rules or wish.topics):
        raise UsageError("neither a rule nor a topic", where=wish.email, mend="add --rule RULE or --topic SLUG")
    return wish


def add(context: Context, wish: SubscriberSetting, *, confirmed: bool = False, added_by: str = _OPERATOR) -> None:
    """Add a subscriber whom the operator vouches for.

    Who left comes back only when ``confirmed`` says that they asked to. Raises UsageError for an address that is there.
    """
    values = _values(wish)
    with context.store.writing() as tx:
        found = address_book(context.settings).find(tx, wish.email)
        if found is None:
            people.add(
                tx, wish.email, values | {"state": "active", "owner": "store", "added_by": added_by}, now=context.now()
            )
            return
        _bring_back(tx, context, found, confirmed)
        people.change(tx, found.id, values | {"owner": "store"})


def _values(wish: SubscriberSetting) -> dict[str, Any]:
    return {
        "name": wish.name,
        "mail": wish.mail,
        "frequency": wish.frequency,
        "weekday": wish.weekday,
        "send_at": wish.send_at,
        "timezone": wish.timezone,
        "max_items": wish.max_items,
        "topics": list(wish.topics),
        "rules": people.rules_as_json(rules_of(wish.rules)),
        "exclude": list(wish.exclude),
    }


def _bring_back(tx: Connection, context: Context, found: Subscriber, confirmed: bool) -> None:
    if found.state in ("active", "paused"):
        raise UsageError(
            f"is a subscriber already ({found.state})", where=found.email, mend="see: digest subscribers show"
        )
    if found.state in ("left", "suppressed"):
        if not confirmed:
            mend = "if they asked to come back, say so with --confirmed"
            raise UsageError(
                f"has {found.state}" if found.state == "left" else "is suppressed", where=found.email, mend=mend
            )
        people.set_state(tx, found.id, "pending", before(SUBSCRIBER, "pending"), now=context.now())
    people.set_state(tx, found.id, "active", before(SUBSCRIBER, "active"), now=context.now())


def set_state(context: Context, email: str, new: SubscriberState, *, confirmed: bool = False) -> Subscriber:
    """Pause, resume or remove a subscriber; what was planned for them and not sent is withdrawn.

    Who was suppressed may be resumed; whoever had complained, only when ``confirmed`` says that they asked to. Raises
    UsageError where the state does not allow it, or the configuration owns the subscriber (for removing).
    """
    with context.store.writing() as tx:
        found = _found(tx, context, email)
        if new == "active" and found.state == "suppressed":
            _lift(tx, context, found, confirmed)
        if new == "removed" and found.owner == "config":
            raise UsageError("is named in the configuration", where=email, mend="take the address out there")
        if not _change(tx, context, found.id, new):
            why = f"is {new} already" if found.state == new else f"is {found.state}, so cannot become {new}"
            raise UsageError(why, where=email)
        return _found(tx, context, email)


def _lift(tx: Connection, context: Context, found: Subscriber, confirmed: bool) -> None:
    if not confirmed and bounces.has_complained(tx, found.id):
        mend = "if they asked to come back, say so with --confirmed"
        raise UsageError("complained of what they got", where=found.email, mend=mend)
    people.set_state(tx, found.id, "pending", before(SUBSCRIBER, "pending"), now=context.now())


def _change(tx: Connection, context: Context, recipient: int, new: SubscriberState) -> bool:
    changed = people.set_state(tx, recipient, new, before(SUBSCRIBER, new), now=context.now())
    if changed and new != "active":
        reply = f"the subscriber is {new}"
        since = dump_store.newest_run(tx) or context.today()
        ledger.take_back(tx, "withdrawn", recipient, since=since, now=context.now(), reply=reply)
    return changed


def by_unsubscribe_token(context: Context, token: str) -> Subscriber | None:
    """Return whose unsubscribe link this is, or None."""
    recipient = id_of(context.store.secret(), "unsubscribe", token)
    if recipient is None:
        return None
    with context.store.reading() as tx:
        return address_book(context.settings).by_ids(tx, [recipient]).get(recipient)


def leave(context: Context, subscriber: Subscriber) -> None:
    """Unsubscribe somebody at their own word; twice is once."""
    with context.store.writing() as tx:
        _change(tx, context, subscriber.id, "left")


def as_row(subscriber: Subscriber) -> dict[str, Any]:
    """Return a subscriber as JSON."""
    row: dict[str, Any] = {name: getattr(subscriber, name) for name in _COLUMNS}
    row["topics"], row["exclude"] = list(subscriber.topics), list(subscriber.exclude)
    row["rules"] = [
        rule.query
        if rule.name is None and rule.weight == 1
        else {"name": rule.name, "query": rule.query, "weight": rule.weight}
        for rule in subscriber.rules
    ]
    row["owner"], row["added_by"] = subscriber.owner, subscriber.added_by
    row["added_on"] = subscriber.added_on.isoformat() if subscriber.added_on else None
    row["last_edition"] = subscriber.last_edition.isoformat() if subscriber.last_edition else None
    return row


def export(subscribers: Iterable[Subscriber]) -> str:
    """Return the address book as CSV (RFC 4180); lists are JSON in their cells, and ``import_`` reads it back.

    The secret addresses of private feeds are not in it.
    """
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, _COLUMNS, extrasaction="ignore", lineterminator="\r\n")
    writer.writeheader()
    for subscriber in subscribers:
        row = as_row(subscriber)
        cells = {name: json.dumps(row[name], ensure_ascii=False) for name in _LISTS}
        writer.writerow(row | cells | {"mail": "yes" if subscriber.mail else "no"})
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Imported:
    """How many were added, how many were there already, and what was refused, a line each."""

    added: int
    known: int
    refused: tuple[str, ...]


def import_(context: Context, text: str) -> Imported:
    """Add the subscribers of a CSV with at least the columns ``email`` and ``rules`` or ``topics``.

    A cell of a list is JSON, or one rule or slug a line. A bad row is refused by its number and costs no other row;
    rows whose ``state`` is not active (or empty) are left out, since consent cannot be imported back.
    Raises UsageError where there is no such table.
    """
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        rows = [(reader.line_num, row) for row in reader]  # read to its end before anybody is added
    except csv.Error as error:
        raise UsageError(f"not a table: {error}", where=f"import, line {reader.line_num}") from error
    if "email" not in (reader.fieldnames or ()):
        raise UsageError("no column `email`", where="import", mend="the first line names the columns")
    added = known = 0
    refused = []
    for line, row in rows:
        try:
            state = row.get("state") or "active"
            if state != "active":
                raise UsageError(f"is {state}", where=row["email"] or "")
            wish = read_wish(context, _cells(row))
            with context.store.reading() as tx:
                if address_book(context.settings).find(tx, wish.email):
                    known += 1
                    continue
            add(context, wish, added_by=f"{_OPERATOR} (import)")
            added += 1
        except (DigestError, RuleError) as error:
            refused.append(f"line {line}: {error}")
    return Imported(added, known, tuple(refused))


def _cells(row: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: row[name].strip() for name in _COLUMNS if name != "state" and (row.get(name) or "").strip()
    }
    for name in _LISTS:
        if name in values:
            values[name] = _list_cell(values[name])
    if "max_items" in values:
        values["max_items"] = int(values["max_items"]) if str(values["max_items"]).isdecimal() else values["max_items"]
    if "mail" in values:  # what is no truth is left for the check to refuse
        values["mail"] = _TRUTHS.get(str(values["mail"]).lower(), values["mail"])
    return values


def _list_cell(cell: str) -> Sequence[Any]:
    if cell.startswith("["):
        try:
            found = json.loads(cell)
        except (ValueError, RecursionError) as error:
            raise UsageError(f"not a JSON list: {cell[:40]}", mend="or write one a line") from error
        return found if isinstance(found, list) else [found]
    return [line.strip() for line in cell.splitlines() if line.strip()]
