"""How things stand, as lines for people: the document of ``status.py`` in words."""

from __future__ import annotations

from typing import Any

from digest.text import counted

SETTLED = ("sent", "failed", "suppressed", "withdrawn")
_MOST = 20


def as_text(document: dict[str, Any]) -> list[str]:
    """Return the document of ``status`` as lines for people."""
    lines = [f"newest run: {document['newest_run'] or 'none yet'}"]
    lines += [f"  {_run_line(run)}" for run in document["runs"]]
    lines.append(f"pages: {len(document['pages'])}")
    for page in document["pages"]:
        stated = f" of {page['stated']} stated" if page["stated"] is not None else ""
        dumps, listings = counted(page["dumps"], "dump"), counted(page["listings"], "listing")
        lines.append(f"  {page['page']}: {dumps}, the last for {page['last_dump']}, {listings}{stated}")
        lines.append(f"    {page['state']}: {page['why']}")
    lines += _told_of_sources(document["sources"])
    lines.append(f"waiting in the inbox: {len(document['inbox'])}")
    for item in document["inbox"][:_MOST]:
        lines.append(
            f"  {item['name']}: {item['fault']}" if "fault" in item else f"  {item['name']}, for {item['date']}"
        )
    lines.append(f"rejected dumps: {len(document['rejected'])}")
    lines += [f"  {item['name']}: {item['reason']}" for item in document["rejected"][:_MOST]]
    feed_only = f"; {document['without_mail']} of the active without mail" if document["without_mail"] else ""
    lines.append(f"subscribers: {_counts(document['subscribers'])}{feed_only}")
    lines += _told(document["deliveries"])
    lines += _told_of_addresses(document)
    if document["troubles"]:
        lines.append("troubles, of which the operator gets one mail:")
        for trouble in document["troubles"]:
            told = f"told at {trouble['told_at']}" if trouble["told_at"] else "not told yet"
            lines.append(f"  since {trouble['since']}, {told}: {trouble['text']}")
    return lines


def _told_of_sources(sources: list[dict[str, Any]]) -> list[str]:
    lines = [f"sources: {len(sources)}"] if sources else []
    for source in sources:
        times = [f"asked last at {source['checked_at']}" if source["checked_at"] else "not asked yet"]
        times += [f"next at {source['next_at']}"] if source["next_at"] else []
        lines.append(f"  {source['name']}, a {source['kind']}: {source['state']}: {source['why']}")
        lines.append(f"    {', '.join(times)}")
        if source["failures"] and source["state"] != "broken":  # which says so itself
            lines.append(f"    {counted(source['failures'], 'try', 'tries')} failed: {source['reason']}")
    return lines


def _told(sending: dict[str, Any]) -> list[str]:
    lines = [f"deliveries: {_counts(sending['sums'])}"]
    for found in sending["unfinished"]:
        settled = ", ".join(f"{found[state]} {state}" for state in SETTLED if found[state])
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
