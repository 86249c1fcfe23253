"""How things stand: the last runs, the pages, the ledger's sums, what waits, what failed and why, who is suppressed."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection

from digest import archive
from digest.pipeline import ingest
from digest.pipeline.context import Context
from digest.pipeline.settling import most_unknowns
from digest.service import subscriptions
from digest.service.deliveries import bounce_as_row
from digest.store import bounces as bounce_store
from digest.store import deliveries as delivery_store
from digest.store import dumps as dump_store
from digest.store import ledger, runs
from digest.store.ledger import Delivery
from digest.text import counted, printable

_LAST_RUNS = 5
_MOST = 20
_SETTLED = ("sent", "failed", "suppressed", "withdrawn")


def status(context: Context) -> dict[str, Any]:
    """Return the JSON document of ``digest status --json``."""
    with context.store.reading() as tx:
        newest = dump_store.newest_run(tx)
        last_runs = runs.last(tx, _LAST_RUNS)
        pages = [
            {
                "page": note.page,
                "layout": note.layout,
                "last_dump": note.date.isoformat(),
                "listings": note.listings,
                "stated": note.stated,
                "dumps": dumps,
            }
            for note, dumps in dump_store.all_pages(tx)
        ]
        sending = _sending(tx, most_unknowns(context.settings.delivery))
        suppressed = [asdict(found) for found in bounce_store.refused(tx, _MOST)]
        bounces = [bounce_as_row(found) for found in bounce_store.last(tx, _MOST)]
    waiting = ingest.inbox(context)
    people = subscriptions.listed(context)
    states = sorted({subscriber.state for subscriber in people})
    return {
        "newest_run": newest.isoformat() if newest else None,
        "runs": last_runs,
        "pages": pages,
        "inbox": [
            {"name": item.name, "date": until.isoformat()} | ({"fault": item.fault} if item.fault else {})
            for item, until in waiting
        ],
        "rejected": rejected(context),
        "subscribers": {state: sum(found.state == state for found in people) for state in states},
        "deliveries": sending,
        "suppressed": suppressed,
        "bounces": bounces,
    }


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
    settled = {state: states.get(state, 0) for state in _SETTLED}
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


def as_text(document: dict[str, Any]) -> list[str]:
    """Return the status as lines for people."""
    lines = [f"newest run: {document['newest_run'] or 'none yet'}"]
    lines += [f"  {_run_line(run)}" for run in document["runs"]]
    lines.append(f"pages: {len(document['pages'])}")
    for page in document["pages"]:
        stated = f" of {page['stated']} stated" if page["stated"] is not None else ""
        dumps, listings = counted(page["dumps"], "dump"), counted(page["listings"], "listing")
        lines.append(f"  {page['page']}: {dumps}, the last for {page['last_dump']}, {listings}{stated}")
    lines.append(f"waiting in the inbox: {len(document['inbox'])}")
    for item in document["inbox"][:_MOST]:
        lines.append(
            f"  {item['name']}: {item['fault']}" if "fault" in item else f"  {item['name']}, for {item['date']}"
        )
    lines.append(f"rejected dumps: {len(document['rejected'])}")
    lines += [f"  {item['name']}: {item['reason']}" for item in document["rejected"][:_MOST]]
    lines.append(f"subscribers: {_counts(document['subscribers'])}")
    lines += _told(document["deliveries"])
    lines += _told_of_addresses(document)
    return lines


def _told(sending: dict[str, Any]) -> list[str]:
    lines = [f"deliveries: {_counts(sending['sums'])}"]
    for found in sending["unfinished"]:
        settled = ", ".join(f"{found[state]} {state}" for state in _SETTLED if found[state])
        lines.append(
            f"  {found['date']}: {found['left']} of {found['planned']} left{f'; {settled}' if settled else ''}"
        )
    deferred = sending["deferred"]
    if deferred["count"]:
        until = f", the last at {deferred['last']}" if deferred["last"] != deferred["next"] else ""
        lines.append(f"  deferred: {deferred['count']}, tried again from {deferred['next']}{until}")
    lines += _told_of_unknown(**sending["unknown"])
    for item in (*sending["waiting"], *sending["failed"]):
        again = f", again at {item['next_attempt']}" if item["next_attempt"] else ""
        lines.append(
            f"  {item['email']}, {item['date']}: {item['state']}{again}{': ' if item['reply'] else ''}{item['reply']}"
        )
    return lines


def _told_of_unknown(count: int, undecided: int) -> list[str]:
    """Say what becomes of messages that may or may not have arrived, and what the operator can do about them."""
    lines = []
    if count > undecided:
        lines.append(f"  unknown: {count - undecided}, which may have arrived; the next run tries them once more")
    if undecided:
        lines.append(f"  unknown: {undecided}, which may have arrived, and wait for you: see the mail server's log")
        lines.append("    to send them again: digest deliveries retry --in unknown")
        lines.append("    to leave it at that: digest deliveries settle --all --as sent")
    return lines


def _told_of_addresses(document: dict[str, Any]) -> list[str]:
    lines = []
    if document["suppressed"]:
        lines.append("suppressed addresses, written to no more; the way back: digest subscribers resume EMAIL")
        if any(item["reason"].startswith("complaint") for item in document["suppressed"]):
            lines.append("  (with --confirmed for who complained, and has asked to come back)")
        for item in document["suppressed"]:
            times = f", {counted(item['failures'], 'failure')}" if item["failures"] else ""
            lines.append(
                f"  {item['email']}, since {item['since']}{times}{': ' if item['reason'] else ''}{item['reason']}"
            )
    if document["bounces"]:
        lines.append("bounces read last:")
        for item in document["bounces"]:
            about = f"{item['email']}, {item['date'] or 'of no known date'}" if item["email"] else "of nobody known"
            lines.append(f"  {item['taken_at']}: {about}: {_words(item['kind'], item['status'], item['note'])}")
    return lines


def _words(*parts: str) -> str:
    return " ".join(filter(None, parts))


def _run_line(run: dict[str, Any]) -> str:
    if not run["summary"]:
        return f"{run['date']}: began {run['started_at']}, did not end"
    summary = run["summary"]
    return (
        f"{run['date']}: {_counts(summary['dumps'])} dumps; {_counts(summary['papers'])} papers; "
        f"deliveries {_counts(summary['deliveries'])}"
    )


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"
