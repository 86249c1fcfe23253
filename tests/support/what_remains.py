"""What a state folder holds in the end, less what differs between any two runs: instants, tokens, row numbers."""

from __future__ import annotations

import email
import email.policy
import json
import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

_TABLES = ("papers", "revisions", "pages", "dumps", "sightings", "news", "recipients", "subscribers", "backlog")
_INSTANTS = {"taken_at", "added_at", "state_at"}
_OWNER = "JOIN recipients r ON r.id = x.recipient_id"
# An empty edition may be composed again within its date, so its number and what its head counts say nothing.
_QUERIES = {
    "editions": f"SELECT r.kind, r.key, x.date, x.entries, iif(x.frozen, x.head, 'empty') FROM editions x {_OWNER}",
    "entries": "SELECT r.kind, r.key, e.date, x.position, x.paper_id, x.revision, x.older, x.returned, x.matches "
    f"FROM entries x {_OWNER} JOIN editions e ON e.id = x.edition_id",
    "deliveries": f"SELECT r.key, x.date, x.state FROM deliveries x {_OWNER}",
    "counters": "SELECT name, value FROM meta WHERE name NOT IN ('secret', 'authority')",
}
_TOKEN = re.compile(r"(/unsubscribe/|/editions/)[A-Za-z0-9_-]+(?![/A-Za-z0-9_-])")
_AUTHORITY = re.compile(rb"tag:[^:\s]+,\d{4}-\d\d-\d\d:[0-9a-f]{8}:")
Rows = list[dict[str, Any]]


def rows(state: Path, query: str) -> Rows:
    """Return what a query finds in the store."""
    with closing(sqlite3.connect(state / "digest.db")) as store:
        store.row_factory = sqlite3.Row
        return [dict(row) for row in store.execute(query)]


def of_store(state: Path) -> dict[str, Rows]:
    """Return the store's rows by table, in a fixed order."""
    found = {name: rows(state, f"SELECT * FROM {name}") for name in _TABLES}
    found |= {name: rows(state, query) for name, query in _QUERIES.items()}
    for table in found.values():
        for row in table:
            for name in _INSTANTS & row.keys():
                del row[name]
        table.sort(key=lambda row: [(value is None, value) for value in row.values()])
    return found


def of_files(state: Path) -> dict[str, Any]:
    """Return what is in each file of the state folder but the store's own; drafts of files are files as well.

    What is kept of feeds may be lost, and is not compared.
    """
    found: dict[str, Any] = {}
    for path in sorted(path for path in state.rglob("*") if path.is_file()):
        name = path.relative_to(state).as_posix()
        if name.startswith("digest.db") or name in (".lock", "feeds.cache"):
            continue
        if path.suffix == ".eml":
            found[name] = _message(path)
        elif name == "dumps.jsonl":
            found[name] = journal(path)
        else:
            found[name] = _AUTHORITY.sub(b"tag:minted:", path.read_bytes())
    return found


def journal(path: Path) -> Rows:
    """Return what the journal says, less the instants."""
    told = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [{name: value for name, value in line.items() if name not in _INSTANTS} for line in told]


def _message(path: Path) -> list[Any]:
    """Return a message as its reader sees it."""
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    told = [(name, _TOKEN.sub(r"\1", value)) for name, value in message.items() if name not in ("Message-ID", "Date")]
    told = [(name, value) for name, value in told if name != "Content-Type"]  # its boundary is made from the id
    bodies = [part for part in message.walk() if not part.is_multipart()]
    return [told, [_TOKEN.sub(r"\1", part.get_content()) for part in bodies]]


def of(state: Path) -> dict[str, Any]:
    """Return all that must be the same after any two ways to the same end: tables and files by name."""
    return of_store(state) | of_files(state)


def assert_same(found: dict[str, Any], wanted: dict[str, Any], when: str) -> None:
    """Hold two ends against each other, name by name."""
    assert found.keys() == wanted.keys(), when
    for name, what in wanted.items():
        assert found[name] == what, f"{when}: {name}"


def assert_the_ledger_tells_the_truth(state: Path) -> None:
    """Hold every frozen edition of a subscriber who gets mail to its delivery, and each sent one to its one file."""
    query = """
        SELECT r.key, e.date, d.state, d.message_id FROM editions e
        JOIN recipients r ON r.id = e.recipient_id JOIN subscribers s ON s.recipient_id = r.id
        LEFT JOIN deliveries d ON d.edition_id = e.id WHERE e.frozen AND (s.mail OR d.id IS NOT NULL)
    """
    ledger = rows(state, query)
    assert {row["state"] for row in ledger} == {"sent"}
    files = {path.relative_to(state / "outbox").as_posix(): path for path in state.glob("outbox/*/*")}
    assert files.keys() == {f"{row['date']}/{row['key']}.eml" for row in ledger}
    for row in ledger:
        message = email.message_from_bytes(files[f"{row['date']}/{row['key']}.eml"].read_bytes())
        assert message["Message-ID"] == row["message_id"]
