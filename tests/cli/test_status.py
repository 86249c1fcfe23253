"""What ``digest status`` says of sending: how far each date is, what waits, who failed, who is suppressed and why."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from command_line import Site, paper

DAY = "2026-06-15"
READER, FOLLOWER = "reader@example.org", "follower@example.org"


@pytest.fixture
def ran(site: Site) -> Site:
    """A site after a day on which both subscribers got an edition."""
    site.drop(f"{DAY} page.jsonl", paper(1))
    assert site("run", "--date", DAY, "--force").status == 0
    return site


def write(site: Site, *statements: str) -> None:
    with closing(sqlite3.connect(site.state / "digest.db")) as store, store:
        for statement in statements:
            store.execute(statement)


def of(email: str) -> str:
    return f"recipient_id = (SELECT recipient_id FROM subscribers WHERE email = '{email}')"


def test_a_date_is_finished_when_all_that_was_planned_is_settled(ran: Site) -> None:
    assert ran("status", "--json").json["deliveries"]["unfinished"] == []
    write(ran, f"UPDATE deliveries SET state = 'failed' WHERE {of(FOLLOWER)}")
    assert ran("status", "--json").json["deliveries"]["unfinished"] == []
    assert " left" not in ran("status").out


@pytest.mark.parametrize("state", ["planned", "sending", "deferred", "unknown"])
def test_a_date_with_a_delivery_that_is_not_settled_is_unfinished(ran: Site, state: str) -> None:
    write(ran, f"UPDATE deliveries SET state = '{state}' WHERE {of(READER)}")
    (found,) = ran("status", "--json").json["deliveries"]["unfinished"]
    assert found == {"date": DAY, "planned": 2, "sent": 1, "failed": 0, "suppressed": 0, "withdrawn": 0, "left": 1}
    assert f"  {DAY}: 1 of 2 left; 1 sent\n" in ran("status").out


def test_what_is_deferred_says_from_when_and_until_when(ran: Site) -> None:
    write(
        ran,
        f"UPDATE deliveries SET state = 'deferred', next_attempt = '2026-06-15T08:00:00Z' WHERE {of(READER)}",
        f"UPDATE deliveries SET state = 'deferred', next_attempt = '2026-06-15T09:00:00Z' WHERE {of(FOLLOWER)}",
    )
    assert ran("status", "--json").json["deliveries"]["deferred"] == {
        "count": 2,
        "next": "2026-06-15T08:00:00Z",
        "last": "2026-06-15T09:00:00Z",
    }
    told = "  deferred: 2, tried again from 2026-06-15T08:00:00Z, the last at 2026-06-15T09:00:00Z\n"
    assert told in ran("status").out


def test_nothing_deferred_says_nothing(ran: Site) -> None:
    assert ran("status", "--json").json["deliveries"]["deferred"] == {"count": 0, "next": None, "last": None}
    assert "deferred" not in ran("status").out


def test_who_failed_is_named_with_the_reason(ran: Site) -> None:
    write(ran, f"UPDATE deliveries SET state = 'failed', reply = '550 no such user' WHERE {of(READER)}")
    (found,) = ran("status", "--json").json["deliveries"]["failed"]
    assert (found["email"], found["state"], found["reply"]) == (READER, "failed", "550 no such user")
    assert f"  {READER}, {DAY}: failed: 550 no such user\n" in ran("status").out


def test_suppressed_addresses_are_named_with_the_reason_and_the_way_back(ran: Site) -> None:
    write(
        ran,
        f"UPDATE deliveries SET state = 'failed', reply = '550 no such user' WHERE {of(READER)}",
        f"UPDATE subscribers SET state = 'suppressed', failures = 3 WHERE {of(READER)}",
        f"UPDATE subscribers SET state_at = '2026-06-16T07:00:00Z' WHERE {of(READER)}",
    )
    assert ran("status", "--json").json["suppressed"] == [
        {"email": READER, "since": "2026-06-16T07:00:00Z", "failures": 3, "reason": "550 no such user"}
    ]
    told = ran("status").out
    assert f"  {READER}, since 2026-06-16T07:00:00Z, 3 failures: 550 no such user\n" in told
    assert "the way back: digest subscribers resume EMAIL" in told


def test_a_bounce_is_told_and_is_the_reason_of_a_suppression(ran: Site) -> None:
    write(
        ran,
        f"UPDATE subscribers SET state = 'suppressed' WHERE {of(READER)}",
        "INSERT INTO bounces (sha256, taken_at, kind, delivery_id, recipient_id, status, note) "
        "SELECT 'x', '2026-06-16T08:00:00Z', 'complaint', id, recipient_id, '', 'abuse' "
        f"FROM deliveries WHERE {of(READER)}",
        "INSERT INTO bounces (sha256, taken_at, kind, status, note) "
        "VALUES ('y', '2026-06-16T09:00:00Z', 'bounce', '5.1.1', 'no such user')",
    )
    document = ran("status", "--json").json
    assert [bounce["email"] for bounce in document["bounces"]] == [None, READER]
    assert document["suppressed"][0]["reason"] == "complaint abuse"
    told = ran("status").out
    assert "(with --confirmed for who complained, and has asked to come back)" in told
    assert "  2026-06-16T09:00:00Z: of nobody known: bounce 5.1.1 no such user\n" in told
    assert f"  2026-06-16T08:00:00Z: {READER}, {DAY}: complaint abuse\n" in told


SMTP = '[delivery]\nchannel = "smtp"\n'
AGAIN = "  unknown: 1, which may have arrived; the next run tries them once more\n"
LEFT = """  unknown: 1, which may have arrived, and wait for you: see the mail server's log
    to send them again: digest deliveries retry --in unknown
    to leave it at that: digest deliveries settle --all --as sent
"""


@pytest.mark.parametrize(
    ("more", "unknowns", "undecided", "told"),
    [
        pytest.param(
            SMTP, 1, 0, "  unknown: 1, which may have arrived; the next run tries them once more\n", id="once"
        ),
        pytest.param(SMTP, 2, 1, LEFT, id="twice"),
        pytest.param(f'{SMTP}resend_unknown = "never"\n', 1, 1, LEFT, id="never again"),
        pytest.param(
            "", 9, 0, "  unknown: 1, which may have arrived; the next run tries them once more\n", id="a file"
        ),
    ],
)
def test_what_is_unknown_says_what_becomes_of_it_and_what_can_be_done(
    ran: Site, more: str, unknowns: int, undecided: int, told: str
) -> None:
    write(ran, f"UPDATE deliveries SET state = 'unknown', unknowns = {unknowns} WHERE {of(READER)}")
    ran.configure(ran.config.read_text() + more)
    assert ran("status", "--json").json["deliveries"]["unknown"] == {"count": 1, "undecided": undecided}
    assert told in ran("status").out


def test_nothing_unknown_says_nothing(ran: Site) -> None:
    assert "unknown" not in ran("status").out
