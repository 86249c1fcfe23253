"""What must hold of the ledger whatever happened, told from the store alone and from what a server took."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

from what_remains import rows

from digest.lifecycle import DELIVERY, PENDING

_SETTLED = ("sent", "failed", "suppressed", "withdrawn")
_LEDGER = """
    SELECT d.id, d.date, d.state, d.message_id, d.unknowns, d.edition_id, s.email, s.state AS subscriber
    FROM deliveries d JOIN subscribers s ON s.recipient_id = d.recipient_id
"""
# Of who gets no mail, an edition has a delivery only where it was planned before.
_PLANNED = """
    SELECT count(*) AS n FROM editions e JOIN subscribers s ON s.recipient_id = e.recipient_id
    WHERE e.frozen AND (s.mail OR EXISTS (SELECT 1 FROM deliveries d WHERE d.edition_id = e.id))
"""


def sums(state: Path) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    return {row["state"]: row["n"] for row in rows(state, "SELECT state, count(*) AS n FROM deliveries GROUP BY state")}


def in_flight(state: Path) -> set[str]:
    """Return the Message-IDs of what is claimed and not settled."""
    return {row["message_id"] for row in rows(state, "SELECT message_id FROM deliveries WHERE state = 'sending'")}


def assert_the_sums_are_exact(state: Path) -> None:
    """Every frozen edition of who gets mail was planned, and every planned delivery is settled."""
    found, (planned,) = sums(state), rows(state, _PLANNED)
    assert not found.keys() & PENDING, found
    assert planned["n"] == sum(found.get(name, 0) for name in _SETTLED), found


def assert_no_change_is_hidden(state: Path) -> None:
    """Each delivery's changes lead from its planning to its state without a gap, each one that the table allows.

    What a crash left is sent again once at most, without the operator's word.
    """
    histories: dict[int, list[tuple[str, str, str]]] = {}
    for row in rows(state, "SELECT delivery_id, at, old, new FROM delivery_changes ORDER BY id"):
        histories.setdefault(row["delivery_id"], []).append((row["at"], row["old"], row["new"]))
    ledger = rows(state, "SELECT id, state FROM deliveries")
    assert histories.keys() == {row["id"] for row in ledger}
    for row in ledger:
        own = histories[row["id"]]
        assert own[0][1:] == ("", "planned"), own
        for (before, _, old), (after, left, new) in pairwise(own):
            assert left == old, own
            assert new in DELIVERY[old], own  # type: ignore[index]
            assert before <= after, own
        assert own[-1][2] == row["state"], own
        assert sum((old, new) == ("unknown", "sending") for _, old, new in own) <= 1, own


def assert_everybody_got_theirs(state: Path, taken: Iterable[tuple[str, str]], flights: Counter[str]) -> dict[str, int]:
    """Hold what the server took against the ledger; ``flights`` counts at how many kills a message was in flight.

    Returns the figures: messages taken, duplicates, messages that were in flight.
    """
    copies = Counter(taken)
    ledger = {(row["email"], row["message_id"]): row for row in rows(state, _LEDGER)}
    assert copies.keys() <= ledger.keys(), "a message that the ledger does not know"
    for key, row in ledger.items():
        if row["state"] == "sent":
            assert copies[key] >= 1, f"{key} is called sent and never arrived"
        if copies[key] and row["state"] != "sent":
            assert row["unknowns"], f"{key} arrived and is called {row['state']}"
        extra = max(0, copies[key] - 1)
        assert extra <= flights[key[1]], f"{key} came {copies[key]} times and was in flight {flights[key[1]]} times"
    taken_back = [row for row in ledger.values() if row["state"] in ("withdrawn", "suppressed") and not row["unknowns"]]
    assert not [row for row in taken_back if copies[row["email"], row["message_id"]]]
    return {
        "taken": copies.total(),
        "duplicates": sum(count - 1 for count in copies.values()),
        "in flight": flights.total(),
    }


def assert_papers_came_back(state: Path) -> int:
    """What was withdrawn or suppressed before anybody tried it waits again, or came with a later edition.

    But for who gets no mail: the private feed has it. Returns how many deliveries that were.
    """
    lost = """
        SELECT d.id FROM deliveries d JOIN entries x ON x.edition_id = d.edition_id
        JOIN subscribers s ON s.recipient_id = d.recipient_id
        WHERE s.mail AND d.state IN ('withdrawn', 'suppressed') AND NOT d.unknowns AND NOT x.older
        AND NOT (x.returned AND (
            EXISTS (SELECT 1 FROM backlog b WHERE b.recipient_id = x.recipient_id AND b.paper_id = x.paper_id)
            OR EXISTS (SELECT 1 FROM entries y WHERE y.recipient_id = x.recipient_id AND y.paper_id = x.paper_id
                       AND y.edition_id > x.edition_id)))
    """
    assert rows(state, lost) == []
    back = "SELECT id FROM deliveries WHERE state IN ('withdrawn', 'suppressed') AND NOT unknowns"
    return len(rows(state, back))
