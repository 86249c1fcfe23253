"""How things stand: the last runs, the pages, the ledger's sums, what waits, what failed and why, who is suppressed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection

from digest import archive
from digest.pipeline import ingest
from digest.pipeline.context import Context
from digest.pipeline.pages import PageState, SourceState, states
from digest.pipeline.settling import most_unknowns
from digest.rhythm import Standing
from digest.service import subscriptions
from digest.service.deliveries import bounce_as_row
from digest.service.status_text import SETTLED, as_text
from digest.store import bounces as bounce_store
from digest.store import deliveries as delivery_store
from digest.store import dumps as dump_store
from digest.store import ledger, runs
from digest.store import troubles as trouble_store
from digest.store.ledger import Delivery
from digest.text import printable

__all__ = ["Line", "as_text", "of_pages", "rejected", "status"]

_LAST_RUNS = 5
_MOST = 20
_HISTORY = Standing("waiting", None, "has brought no dump but history yet")


def status(context: Context) -> dict[str, Any]:
    """Return the JSON document of ``digest status --json``."""
    with context.store.reading() as tx:
        newest = dump_store.newest_run(tx)
        last_runs = runs.last(tx, _LAST_RUNS)
        page_states, source_states = states(tx, context, context.today())
        pages = _pages(tx, page_states)
        sources = [_source(state) for state in source_states]
        troubles = [asdict(found) for found in trouble_store.load(tx).values() if not found.mended_at]
        sending = _sending(tx, most_unknowns(context.settings.delivery))
        suppressed = [asdict(found) for found in bounce_store.refused(tx, _MOST)]
        bounces = [bounce_as_row(found) for found in bounce_store.last(tx, _MOST)]
    waiting = ingest.inbox(context)
    people = subscriptions.listed(context)
    consents = sorted({subscriber.state for subscriber in people})
    return {
        "newest_run": newest.isoformat() if newest else None,
        "runs": last_runs,
        "pages": pages,
        "sources": sources,
        "inbox": [
            {"name": item.name, "date": until.isoformat()} | ({"fault": item.fault} if item.fault else {})
            for item, until in waiting
        ],
        "rejected": rejected(context),
        "subscribers": {state: sum(found.state == state for found in people) for state in consents},
        "without_mail": sum(not found.mail for found in people if found.state == "active"),
        "deliveries": sending,
        "suppressed": suppressed,
        "bounces": bounces,
        "troubles": [{name: found[name] for name in ("key", "text", "since", "told_at")} for found in troubles],
    }


@dataclass(frozen=True, slots=True)
class Line:
    """How a page or a source does, for everybody: its name, its state, and a sentence that names no inner workings."""

    name: str
    state: str
    told: str


def of_pages(context: Context) -> tuple[date | None, list[Line]]:
    """Return the newest date run, and how each page does, and each source that has no page, for a web page."""
    with context.store.reading() as tx:
        newest = dump_store.newest_run(tx)
        pages, sources = states(tx, context, context.today())
    found = {state.setting.name: state.standing for state in sources} | {s.page: s.standing for s in pages}
    return newest, [Line(name, own.state, own.why) for name, own in sorted(found.items())]


def _pages(tx: Connection, found: Iterable[PageState]) -> list[dict[str, Any]]:
    standings = {state.page: state.standing for state in found}
    return [
        {
            "page": note.page,
            "layout": note.layout,
            "last_dump": note.date.isoformat(),
            "listings": note.listings,
            "stated": note.stated,
            "dumps": dumps,
            **_standing(standings.get(note.page, _HISTORY)),
        }
        for note, dumps in dump_store.all_pages(tx)
    ]


def _source(state: SourceState) -> dict[str, Any]:
    known = state.known
    return {
        "name": state.setting.name,
        "kind": state.setting.kind,
        **_standing(state.standing),
        "checked_at": known and known.checked_at,
        "brought_at": known and known.brought_at,
        "next_at": known and known.next_at,
        "failures": known.failures if known else 0,
        "reason": known.said if known else "",
    }


def _standing(own: Standing) -> dict[str, Any]:
    return {"state": own.state, "since": own.since and own.since.isoformat(), "why": own.told}


def _sending(tx: Connection, most: int | None) -> dict[str, Any]:
    """Return what the ledger says: its sums, what is not settled and until when, and what failed."""
    count, soonest, latest = delivery_store.deferred(tx)
    unknown, undecided = delivery_store.unknown(tx, most)
    return {
        "sums": ledger.sums(tx),
        "unfinished": [_unfinished(on, states) for on, states in delivery_store.unfinished(tx)],
        "deferred": {"count": count, "next": soonest, "last": latest},
        "unknown": {"count": unknown, "undecided": undecided},
        "waiting": [_row(item) for item in ledger.in_states(tx, ("planned", "deferred", "unknown"), _MOST)],
        "failed": [_row(item) for item in ledger.in_states(tx, ("failed", "suppressed"), _MOST)],
    }


def _unfinished(on: date, states: dict[str, int]) -> dict[str, Any]:
    """Return how far a date's deliveries are: it is finished when all that were planned are settled."""
    settled = {state: states.get(state, 0) for state in SETTLED}
    planned = sum(states.values())
    return {"date": on.isoformat(), "planned": planned, **settled, "left": planned - sum(settled.values())}


def _row(delivery: Delivery) -> dict[str, Any]:
    return {
        "email": delivery.email,
        "date": delivery.date.isoformat(),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt": delivery.next_attempt,
        "reply": delivery.reply,
    }


def rejected(context: Context) -> list[dict[str, str]]:
    """Return the dumps that were set aside, with why, by name."""
    suffix = ".reason.txt"
    return [
        {"name": printable(path.name).removesuffix(suffix), "reason": archive.reason_in(path)}
        for path in sorted(context.archive.rejected.glob(f"*{suffix}"))
    ]
