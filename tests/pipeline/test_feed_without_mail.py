"""A subscriber with a feed and no mail: editions as for anybody, nothing sent, nothing twice when mail comes back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from conftest_pipeline import Site, paper
from ledger_laws import assert_papers_came_back, assert_the_sums_are_exact
from what_remains import assert_the_ledger_tells_the_truth

from digest.pipeline import suppressing
from digest.pipeline.people import synchronise
from digest.schedule.dueness import Due
from digest.service import deliveries, feed_addresses, looking, status, subscriptions
from digest.service.deliveries import Asked
from digest.store import ledger

Make = Callable[..., Site]
FED, MAILED = "fed@example.org", "mailed@example.org"
DAYS = [f"2026-06-{day}" for day in range(15, 31)]


def toml(*, mail: bool = False, more: str = "", rule: str = "reward") -> str:
    fed = "" if mail else "mail = false"
    return f"""
{more}
[[subscribers]]
email = "{FED}"
{fed}
rules = ["{rule}"]

[[subscribers]]
email = "{MAILED}"
rules = ["{rule}"]
"""


def editions(site: Site, email: str = FED) -> list[tuple[Any, ...]]:
    """The frozen editions of a subscriber: (date, entries)."""
    return site.rows(
        "SELECT e.date, e.entries FROM editions e JOIN recipients r ON r.id = e.recipient_id "
        f"WHERE r.key = '{email}' AND e.frozen ORDER BY e.date"
    )


def papers(site: Site, email: str = FED) -> list[int]:
    """The papers of all editions of a subscriber that were not taken back, in order."""
    return [
        row[0]
        for row in site.rows(
            "SELECT x.paper_id FROM entries x JOIN recipients r ON r.id = x.recipient_id "
            f"WHERE r.key = '{email}' AND NOT x.returned ORDER BY x.edition_id, x.position"
        )
    ]


def states(site: Site, email: str = FED) -> list[tuple[Any, ...]]:
    return site.rows(
        "SELECT d.date, d.state FROM deliveries d JOIN recipients r ON r.id = d.recipient_id "
        f"WHERE r.key = '{email}' ORDER BY d.date"
    )


def test_without_mail_editions_hold_the_same_papers_and_no_message_is_made(site: Make) -> None:
    own = site(toml())
    for number, day in enumerate(DAYS[:3]):
        own.drop(f"{day} a.jsonl", paper(number), paper(number + 10))
        own.run(day)
    assert editions(own) == editions(own, MAILED) == [(day, 2) for day in DAYS[:3]]
    assert papers(own) == papers(own, MAILED)
    assert states(own) == []
    assert [state for _, state in states(own, MAILED)] == ["sent"] * 3
    assert_the_ledger_tells_the_truth(own.state)
    assert_the_sums_are_exact(own.state)


def test_a_day_without_papers_freezes_nothing_for_whom_nothing_is_sent(site: Make) -> None:
    own = site(toml(more="[editions]\nsend_empty = true"))
    own.drop(f"{DAYS[0]} a.jsonl", paper(1))
    for day in DAYS[:2]:
        own.run(day)
    assert editions(own) == [(DAYS[0], 1)]
    assert editions(own, MAILED) == [(DAYS[0], 1), (DAYS[1], 0)]


def other(number: int) -> dict[str, Any]:
    """A paper that the rule does not want."""
    return paper(number, title=f"Invented Paper {number} on Graphs", summary="Graphs are studied.")


def test_nobody_without_mail_gets_a_still_here_message(site: Make) -> None:
    own = site("")
    for number, day in enumerate(DAYS[:5]):
        own.toml = toml(mail=number < 2, more="[editions]\nstill_here_days = 2")  # it would be due on the third day
        own.drop(f"{day} a.jsonl", other(number))
        own.run(day)
    assert editions(own) == []
    assert editions(own, MAILED) == [(DAYS[2], 0)]


def test_days_without_mail_count_towards_no_dry_spell(site: Make) -> None:
    own = site(toml(more="[editions]\nstill_here_days = 2"))
    for number, day in enumerate(DAYS[:6]):
        own.toml = toml(mail=number >= 3, more="[editions]\nstill_here_days = 2")
        own.drop(f"{day} a.jsonl", other(number))
        own.run(day)
    assert editions(own) == [(DAYS[5], 0)]  # two days after the first that was composed with mail


def test_mail_that_is_switched_on_brings_what_follows_and_nothing_twice(site: Make) -> None:
    own = site(toml())
    for number, day in enumerate(DAYS[:4]):
        own.toml = toml(mail=number >= 2)
        own.drop(f"{day} a.jsonl", paper(number))
        own.run(day)
    assert states(own) == [(day, "sent") for day in DAYS[2:4]]
    assert papers(own) == papers(own, MAILED)
    assert len(set(papers(own))) == 4
    assert "Paper 1 " not in own.text(DAYS[2], FED)


@pytest.mark.parametrize(
    "mail",
    [
        pytest.param("--+-+", id="on, off and on again"),
        pytest.param("+-+-+", id="another every day"),
        pytest.param("+---+", id="off in between"),
    ],
)
def test_however_mail_is_switched_each_paper_comes_once_and_each_day_with_mail_is_sent(site: Make, mail: str) -> None:
    limit = "[editions]\nmax_items = 2"  # so that papers wait from days without mail for days with it
    own = site("")
    for number, (day, sign) in enumerate(zip(DAYS, mail, strict=False)):
        own.toml = toml(mail=sign == "+", more=limit)
        own.drop(f"{day} a.jsonl", *(paper(10 * number + nth) for nth in range(3 if number < 2 else 1)))
        own.run(day)
    assert papers(own) == papers(own, MAILED)
    assert len(papers(own)) == len(set(papers(own))) == 9
    assert states(own) == [(day, "sent") for day, sign in zip(DAYS, mail, strict=False) if sign == "+"]


def test_an_edition_without_mail_is_due_at_its_hour(site: Make) -> None:
    own = site(toml())
    own.run(DAYS[0])
    for clock, due in (("06:59", set()), ("07:00", {date.fromisoformat(DAYS[1])})):
        now = datetime.fromisoformat(f"{DAYS[1]}T{clock}+00:00")
        assert set(Due.at(own.context(), now).rhythms.values()) == due


@pytest.fixture
def planned(site: Make) -> Site:
    """A site that has planned a delivery of three papers, one of them older, to somebody who then wants no mail."""
    own = site(toml(mail=True, more='[delivery]\nchannel = "smtp"\n[smtp]\nport = 1\ntimeout = "1 s"'))
    old = paper(3, id="2001.00003", published="2020-01-10")
    own.drop(f"{DAYS[0]} a.jsonl", paper(1), paper(2), old)
    own.result(DAYS[0])  # nobody listens there
    assert states(own)[0][1] in ("planned", "deferred")
    own.toml = toml()
    return own


def test_what_was_planned_before_mail_was_switched_off_is_not_sent(planned: Site) -> None:
    planned.run(DAYS[1])
    assert states(planned) == [(DAYS[0], "withdrawn")]
    assert states(planned, MAILED) == [(DAYS[0], "sent")]
    assert planned.mail(DAYS[0], FED) is None
    assert_the_sums_are_exact(planned.state)


def test_the_papers_of_what_was_not_sent_stay_in_the_feed_and_come_once(planned: Site) -> None:
    planned.drop(f"{DAYS[1]} a.jsonl", paper(4))
    planned.run(DAYS[1])
    planned.toml = toml(mail=True)
    planned.drop(f"{DAYS[2]} a.jsonl", paper(5))
    planned.run(DAYS[2])
    assert len(papers(planned)) == len(set(papers(planned))) == 5
    assert [count for _, count in editions(planned)] == [3, 1, 1]
    assert planned.rows("SELECT * FROM backlog") == []
    assert states(planned)[1:] == [(DAYS[2], "sent")]


def test_what_is_withdrawn_in_any_way_without_mail_does_not_come_back(planned: Site) -> None:
    context = planned.context()
    with context.store.writing() as tx:
        synchronise(tx, context)
    assert deliveries.withdraw(context, deliveries.asked(context, FED, None)).changed == 1
    assert planned.rows("SELECT * FROM backlog") == []
    assert_papers_came_back(planned.state)


def test_a_delivery_that_may_have_arrived_is_closed_when_mail_is_switched_off(planned: Site) -> None:
    with planned.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE deliveries SET state = 'sending'")
    planned.run(DAYS[1])
    assert states(planned) == [(DAYS[0], "suppressed")]
    assert states(planned, MAILED) == [(DAYS[0], "sent")]


def test_a_delivery_is_not_claimed_where_mail_is_switched_off_at_the_last_moment(planned: Site) -> None:
    context = planned.context()
    with context.store.writing() as tx:
        tx.exec_driver_sql(f"UPDATE subscribers SET mail = 0 WHERE email = '{FED}'")
        ids = ledger.waiting(tx, date(2026, 7, 1), now="2027-01-01T00:00:00Z", most_unknowns=None)
        claimed = ledger.claim(tx, ids, now=context.now())
    assert len(ids) == 2
    assert len(claimed) == 1


def test_neither_a_resend_nor_a_retry_writes_to_who_gets_no_mail(site: Make) -> None:
    own = site(toml(mail=True))
    own.drop(f"{DAYS[0]} a.jsonl", paper(1))
    own.run(DAYS[0])
    own.toml = toml()
    assert own.result(DAYS[0], resend=FED).problems == (f"{FED}: gets no mail, so nothing is sent",)
    with own.context().store.writing() as tx:
        tx.exec_driver_sql("UPDATE deliveries SET state = 'failed'")
    steered = deliveries.retry(own.context(), Asked())
    assert steered.changed == 1
    assert steered.left == (f"{FED}, {DAYS[0]}: the subscriber gets no mail, so nothing is sent",)


def test_an_edition_that_was_for_the_feed_cannot_be_sent_later(site: Make) -> None:
    own = site(toml())
    own.drop(f"{DAYS[0]} a.jsonl", paper(1))
    own.run(DAYS[0])
    own.toml = toml(mail=True)
    assert own.result(DAYS[0], resend=FED).problems == (f"{FED}: there is no message of {DAYS[0]} to send again",)


def test_a_late_bounce_takes_no_feed_from_who_gets_no_mail_and_a_complaint_counts(site: Make) -> None:
    own = site(toml(mail=True, more="[delivery]\nsuppress_after = 1"))
    own.drop(f"{DAYS[0]} a.jsonl", paper(1))
    own.run(DAYS[0])
    own.toml = toml(more="[delivery]\nsuppress_after = 1")
    own.run(DAYS[1])
    context = own.context()
    query = "SELECT d.recipient_id, d.id FROM deliveries d JOIN subscribers s USING (recipient_id) WHERE s.email = "
    ((recipient, delivery),) = own.rows(f"{query}'{FED}'")
    with context.store.writing() as tx:
        assert not suppressing.note_failure(tx, context, delivery, recipient, "550 5.1.1 no such user")
    found = subscriptions.show(context, FED)
    assert found.state == "active"
    assert own.rows(f"SELECT failures FROM subscribers WHERE email = '{FED}'") == [(1,)]
    with context.store.writing() as tx:
        assert suppressing.suppress(tx, context, recipient, "the reader complained")


def test_a_preview_and_the_status_know_who_gets_no_mail(site: Make) -> None:
    own = site(toml())
    own.drop(f"{DAYS[0]} a.jsonl", paper(1))
    own.run(DAYS[0])
    on = date.fromisoformat(DAYS[0])
    assert len(looking.preview_subscriber(own.context(), FED, on, on).edition.entries) == 1
    document = status.status(own.context())
    assert (document["subscribers"], document["without_mail"]) == ({"active": 2}, 1)
    assert "subscribers: 2 active; 1 of the active without mail" in status.as_text(document)


def test_the_link_to_leave_is_on_an_edition_that_was_never_sent(site: Make) -> None:
    own = site(toml())
    own.drop(f"{DAYS[0]} a.jsonl", paper(1))
    own.run(DAYS[0])
    ((edition, recipient),) = own.rows(
        f"SELECT e.id, e.recipient_id FROM editions e JOIN subscribers s USING (recipient_id) WHERE s.email = '{FED}'"
    )
    with own.context().store.reading() as tx:
        assert ledger.recipient_of(tx, edition) == recipient


def test_an_address_book_tells_who_gets_no_mail_and_no_address_of_a_feed(site: Make) -> None:
    own = site(toml())
    own.run(DAYS[0])
    table = subscriptions.export(subscriptions.listed(own.context()))
    token = feed_addresses.subscriber_feeds(own.context(), FED).path.removeprefix("feeds/my/")
    assert token not in table
    assert f"{FED},,active,no,daily" in table
    elsewhere = site("", "elsewhere")
    assert subscriptions.import_(elsewhere.context(), table).added == 2
    assert subscriptions.export(subscriptions.listed(elsewhere.context())) == table


@pytest.mark.parametrize(("cell", "mail"), [("yes", True), ("NO", False), ("true", True), ("False", False), ("", True)])
def test_a_table_may_say_yes_or_no_to_mail(site: Make, cell: str, mail: bool) -> None:
    own = site("")
    assert subscriptions.import_(own.context(), f"email,rules,mail\n{FED},x,{cell}\n").added == 1
    assert subscriptions.show(own.context(), FED).mail is mail


def test_a_table_that_says_neither_is_refused_by_its_line(site: Make) -> None:
    refused = subscriptions.import_(site("").context(), f"email,rules,mail\n{FED},x,perhaps\n").refused
    assert refused == (f"line 2: {FED}, mail: should be true or false",)
