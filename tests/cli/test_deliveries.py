"""What operators see of deliveries, and what they may do to them: list, show, retry, withdraw, settle."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

import pytest
import what_remains
from command_line import Site, paper

DAY, NEXT = "2026-06-15", "2026-06-16"
READER, FOLLOWER = "reader@example.org", "follower@example.org"
NO = "550 5.1.1 no such user"


@pytest.fixture
def ran(site: Site) -> Site:
    """A site after a day on which both subscribers got an edition."""
    site.drop(f"{DAY} page.jsonl", paper(1), paper(2))
    assert site("run", "--date", DAY, "--force").status == 0
    return site


def be(site: Site, email: str, *states: str, reply: str = "", **columns: Any) -> None:
    """Lead the delivery of an address through states, as a channel and crashes would."""
    with closing(sqlite3.connect(site.state / "digest.db")) as store, store:
        own = "recipient_id = (SELECT recipient_id FROM subscribers WHERE email = ?)"
        for state in states:
            store.execute(f"UPDATE deliveries SET state = ?, reply = ? WHERE {own}", (state, reply, email))
        for name, value in columns.items():
            store.execute(f"UPDATE deliveries SET {name} = ? WHERE {own}", (value, email))


def states(site: Site) -> dict[str, str]:
    found = what_remains.rows(
        site.state, "SELECT email, d.state FROM deliveries d JOIN subscribers USING (recipient_id)"
    )
    return {row["email"]: row["state"] for row in found}


def backlog(site: Site) -> int:
    return len(what_remains.rows(site.state, "SELECT * FROM backlog"))


# ---- list and show


def test_deliveries_are_listed_newest_first(ran: Site) -> None:
    ran.drop(f"{NEXT} page.jsonl", paper(3))
    ran("run", "--date", NEXT, "--force")
    said = ran("deliveries", "list")
    assert said.out.splitlines() == [
        f"{day}  {email}  sent, 1 attempt: {ran.state}/outbox/{day}/{email}.eml"
        for day in (NEXT, DAY)
        for email in (FOLLOWER, READER)
    ]
    assert said.err == "4 deliveries\n"


@pytest.mark.parametrize(
    ("options", "found"),
    [
        pytest.param(["--in", "failed"], [READER], id="of one state"),
        pytest.param(["--subscriber", "Follower@example.org"], [FOLLOWER], id="of one subscriber, in any case"),
        pytest.param(["--date", DAY], [FOLLOWER, READER], id="of one date"),
        pytest.param(["--date", NEXT], [], id="of a date without any"),
        pytest.param(["--limit", "1"], [FOLLOWER], id="the newest alone"),
        pytest.param(["--subscriber", READER, "--in", "sent"], [], id="of one subscriber in another state"),
    ],
)
def test_a_list_of_deliveries_holds_what_was_asked_for(ran: Site, options: list[str], found: list[str]) -> None:
    be(ran, READER, "failed", reply=NO)
    assert [row["email"] for row in ran("deliveries", "list", "--json", *options).json] == found


def test_a_list_that_is_cut_says_so(ran: Site) -> None:
    assert ran("deliveries", "list", "--limit", "1").err == "the newest 1; see more with --limit\n"
    assert ran("deliveries", "list", "--limit", "2").err == "2 deliveries\n"


def test_a_deferred_delivery_says_when_it_is_tried_again(ran: Site) -> None:
    be(ran, READER, "deferred", reply="450 later", next_attempt="2026-06-15T08:00:00Z")
    (line,) = ran("deliveries", "list", "--subscriber", READER).out.splitlines()
    assert line == f"{DAY}  {READER}  deferred, 1 attempt, again at 2026-06-15T08:00:00Z: 450 later"


@pytest.mark.parametrize("named", [[READER], [READER, "--date", DAY], ["{id}"]], ids=["address", "date", "number"])
def test_a_delivery_is_shown_with_every_change_of_its_state(ran: Site, named: list[str]) -> None:
    be(ran, READER, "planned", "sending", "failed", reply=NO)
    (row,) = ran("deliveries", "list", "--subscriber", READER, "--json").json
    own = ran("deliveries", "show", *(word.replace("{id}", str(row["id"])) for word in named), "--json").json
    assert {name: own[name] for name in row} == row
    assert [(change["old"], change["new"]) for change in own["changes"]] == [
        ("", "planned"),
        ("planned", "sending"),
        ("sending", "sent"),
        ("sent", "planned"),
        ("planned", "sending"),
        ("sending", "failed"),
    ]
    assert own["changes"][-1]["reply"] == NO
    assert all(change["at"].endswith("Z") for change in own["changes"])
    told = ran("deliveries", "show", READER).out
    assert f"reply: {NO}\n" in told
    assert f"  sending → failed: {NO}\n" in told


def test_a_delivery_is_shown_with_its_bounces(ran: Site) -> None:
    (row,) = ran("deliveries", "list", "--subscriber", READER, "--json").json
    with closing(sqlite3.connect(ran.state / "digest.db")) as store, store:
        columns = "(sha256, taken_at, kind, delivery_id, recipient_id, status, note)"
        values = ("0", "2026-06-15T09:00:00Z", "bounce", row["id"], 1, "5.1.1", "no such user")
        store.execute(f"INSERT INTO bounces {columns} VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    assert "bounces:\n  2026-06-15T09:00:00Z  bounce 5.1.1 no such user\n" in ran("deliveries", "show", READER).out
    (bounce,) = ran("deliveries", "show", READER, "--json").json["bounces"]
    assert (bounce["kind"], bounce["status"], bounce["delivery"], bounce["date"]) == ("bounce", "5.1.1", row["id"], DAY)


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "stranger@example.org"],
        ["show", "99"],
        ["show", "9" * 40],
        ["show", READER, "--date", NEXT],
        ["list", "--subscriber", "stranger@example.org"],
        ["list", "--in", "lost"],
        ["retry"],
        ["retry", "stranger@example.org"],
        ["retry", "--in", "sent"],
        ["withdraw"],
        ["withdraw", READER, "--all"],
        ["settle", READER],
        ["settle", "--as", "sent"],
        ["settle", READER, "--all", "--as", "sent"],
        ["settle", "--all", "--as", "planned"],
    ],
    ids=" ".join,
)
def test_deliveries_that_are_not_there_or_not_meant_are_wrong_use(ran: Site, arguments: list[str]) -> None:
    before = what_remains.of_store(ran.state)
    said = ran("deliveries", *arguments)
    assert (said.status, said.out) == (2, "")
    assert "Traceback" not in said.err
    assert what_remains.of_store(ran.state) == before


# ---- retry


@pytest.mark.parametrize("state", ["failed", "deferred", "unknown"])
@pytest.mark.parametrize("how", [[READER], ["--in", "{}"], ["--date", DAY]], ids=["address", "state", "date"])
def test_what_is_retried_is_sent_by_the_next_run_under_the_same_message_id(
    ran: Site, state: str, how: list[str]
) -> None:
    be(ran, READER, "sending", state, reply="no", next_attempt="2999-01-01T00:00:00Z", unknowns=2)
    (before,) = ran("deliveries", "list", "--subscriber", READER, "--json").json
    said = ran("deliveries", "retry", *(word.format(state) for word in how))
    assert (said.status, said.err) == (0, "1 delivery to be tried by the next run\n")
    ran("run", "--date", DAY, "--force")
    (after,) = ran("deliveries", "list", "--subscriber", READER, "--json").json
    assert (after["state"], after["attempts"]) == ("sent", 2)
    assert after["message_id"] == before["message_id"]


def test_a_retry_names_what_it_leaves_as_it_is(ran: Site) -> None:
    be(ran, READER, "failed", reply=NO)
    ran("subscribers", "pause", READER)
    said = ran("deliveries", "retry", "--in", "failed")
    assert said.status == 1
    assert said.err.splitlines() == [
        f"digest: {READER}, {DAY}: the subscriber is paused, so nothing is sent",
        "0 deliveries to be tried by the next run",
    ]
    assert states(ran)[READER] == "failed"


def test_a_retry_of_what_was_sent_points_to_the_resend(ran: Site) -> None:
    said = ran("deliveries", "retry", READER, "--date", DAY, "--json")
    assert (said.status, said.json["changed"]) == (1, 0)
    assert said.json["left"] == [f"{READER}, {DAY}: is sent; see digest run --resend"]
    assert states(ran)[READER] == "sent"


def test_a_retry_of_one_subscriber_leaves_the_others(ran: Site) -> None:
    be(ran, READER, "failed")
    be(ran, FOLLOWER, "failed")
    ran("deliveries", "retry", READER)
    assert states(ran) == {READER: "planned", FOLLOWER: "failed"}


# ---- withdraw


@pytest.mark.parametrize("state", ["planned", "deferred"])
def test_what_is_withdrawn_gives_its_papers_back_and_is_not_sent(ran: Site, state: str) -> None:
    be(ran, READER, state)
    (ran.state / "outbox" / DAY / f"{READER}.eml").unlink()
    said = ran("deliveries", "withdraw", READER)
    assert (said.status, said.err) == (0, "1 delivery withdrawn; the papers wait for the next edition\n")
    assert (states(ran)[READER], backlog(ran)) == ("withdrawn", 2)
    ran("run", "--date", DAY, "--force")
    assert not ran.mailed(DAY, READER)
    ran("run", "--date", NEXT, "--force")
    assert ran.mailed(NEXT, READER)


def test_of_a_message_that_may_have_arrived_the_papers_do_not_come_back(ran: Site) -> None:
    be(ran, READER, "planned", unknowns=1)
    assert ran("deliveries", "withdraw", READER).status == 0
    assert (states(ran)[READER], backlog(ran)) == ("withdrawn", 0)


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("sending", "is sending; the message may have arrived"),
        ("unknown", "is unknown; the message may have arrived"),
        ("sent", "is sent"),
        ("failed", "is failed"),
        ("withdrawn", "is withdrawn"),
    ],
)
def test_what_may_not_be_withdrawn_is_named(ran: Site, state: str, why: str) -> None:
    be(ran, READER, state)
    said = ran("deliveries", "withdraw", READER, "--date", DAY)
    assert said.status == 1
    assert said.err.splitlines()[0] == f"digest: {READER}, {DAY}: {why}"
    assert (states(ran)[READER], backlog(ran)) == (state, 0)


def test_all_that_is_not_sent_is_withdrawn_at_once(ran: Site) -> None:
    be(ran, READER, "planned")
    be(ran, FOLLOWER, "deferred")
    said = ran("deliveries", "withdraw", "--all", "--json")
    assert said.json == {"changed": 2, "left": []}
    assert states(ran) == {READER: "withdrawn", FOLLOWER: "withdrawn"}


def test_a_withdrawal_for_another_date_changes_nothing(ran: Site) -> None:
    be(ran, READER, "planned")
    assert ran("deliveries", "withdraw", "--all", "--date", NEXT, "--json").json == {"changed": 0, "left": []}
    assert states(ran)[READER] == "planned"


# ---- settle


@pytest.mark.parametrize("new", ["sent", "failed"])
def test_what_is_unknown_is_settled_by_the_operators_word_and_the_date_is_finished(ran: Site, new: str) -> None:
    be(ran, READER, "sending", "unknown", unknowns=2)
    said = ran("deliveries", "settle", "--all", "--as", new)
    assert (said.status, said.err) == (0, f"1 delivery called {new}\n")
    assert (states(ran), backlog(ran)) == ({READER: new, FOLLOWER: "sent"}, 0)
    assert ran("status", "--json").json["deliveries"]["unfinished"] == []
    assert ran("deliveries", "show", READER, "--json").json["changes"][-1]["reply"] == f"{new}, the operator says"
    (ran.state / "outbox" / DAY / f"{READER}.eml").unlink()
    ran("run", "--date", DAY, "--force")
    assert not ran.mailed(DAY, READER)


@pytest.mark.parametrize("state", ["planned", "sending", "deferred", "sent", "failed"])
def test_what_is_known_is_not_for_the_operator_to_settle(ran: Site, state: str) -> None:
    be(ran, READER, state)
    said = ran("deliveries", "settle", READER, "--date", DAY, "--as", "failed")
    assert (said.status, said.err.splitlines()[0]) == (1, f"digest: {READER}, {DAY}: is {state}")
    assert ran("deliveries", "settle", "--all", "--as", "failed", "--json").json == {"changed": 0, "left": []}
    assert states(ran)[READER] == state
