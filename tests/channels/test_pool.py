"""The pool: groups of claims, the pace, PIPELINING, connections that wear out, and servers that want less."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.channels.base import Parcel, Settled, never
from digest.channels.pace import Pace
from digest.channels.pool import PATIENCE
from digest.channels.smtp import Smtp
from digest.channels.tray import Ready, Tray
from digest.errors import ChannelError, DigestError
from digest.models import Outcome
from digest.settings import Smtp as SmtpSettings

BODY = b"Subject: x\r\n\r\nHello\r\n"
SENT = Outcome("sent", "250 fine")


def parcel(number: int, data: bytes = BODY) -> Parcel:
    return Parcel(number, date(2026, 6, 16), f"reader{number}@example.org", "digest@example.org", data)


class Books:
    """Keeps what was claimed and handed back, and refuses what breaks the promises of a channel."""

    def __init__(self, refuse: Sequence[int] = ()) -> None:
        self.refuse = refuse
        self.groups: list[list[int]] = []
        self.open: set[int] = set()
        self.settled: dict[int, str] = {}
        self.in_vain = 0

    def turn(self, done: Sequence[Settled], wanted: Sequence[Parcel]) -> list[Parcel]:
        for item, outcome in done:
            self.open.remove(item.delivery_id)
            if outcome:
                assert item.delivery_id not in self.settled
                self.settled[item.delivery_id] = outcome.state
            else:
                self.in_vain += 1
        may = [item for item in wanted if item.delivery_id not in self.refuse]
        assert not self.open & {item.delivery_id for item in may}
        assert not self.settled.keys() & {item.delivery_id for item in may}
        self.open |= {item.delivery_id for item in may}
        if wanted:
            self.groups.append([item.delivery_id for item in may])
        return may


class Clock:
    """A clock that stands still."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


# --- the tray ----------------------------------------------------------------------------------------------------


def tray(count: int, books: Books, clock: Clock, first: int = 2, most: int = 16) -> Tray:
    return Tray(map(parcel, range(count)), books.turn, first=first, most=most, clock=clock)


def test_groups_grow_while_they_are_used_up_quickly_and_shrink_when_they_are_not():
    books, clock = Books(), Clock()
    own = tray(200, books, clock)
    for _ in range(60):
        found = own.take()
        assert found
        own.settle(found.parcel, SENT)
    clock.now += 10  # the server has become slow
    sizes = [len(group) for group in books.groups]
    assert sizes == [2, 4, 8, 16, 16, 16]
    for _ in range(8):
        clock.now += 0.5
        found = own.take()
        assert found
        own.settle(found.parcel, SENT)
    assert len(books.groups[-1]) < 16


def test_a_claim_that_has_become_old_is_handed_back_and_asked_for_anew():
    books, clock = Books(), Clock()
    own = tray(2, books, clock)
    first = own.take()
    clock.now += 1.1
    second = own.take()
    assert first
    assert second
    assert books.groups == [[0, 1], [1]]
    assert books.in_vain == 1


def test_who_leaves_between_claim_and_sending_gets_nothing_once_the_claim_is_old():
    books, clock = Books(), Clock()
    own = tray(2, books, clock)
    assert own.take()
    books.refuse = [1]
    clock.now += 1.1
    assert own.take() is None
    assert books.open == {0}


def test_a_message_that_cannot_be_made_ends_the_run_after_those_before_it():
    def parcels() -> Any:
        yield from map(parcel, range(3))
        raise DigestError("no more")

    books = Books()
    own = Tray(parcels(), books.turn, first=8, most=8, clock=Clock())
    assert [found.parcel.delivery_id for found in (own.take(), own.take(), own.take()) if found] == [0, 1, 2]
    assert own.more()
    with pytest.raises(DigestError, match="no more"):
        own.take()


def test_looking_whether_there_is_more_leaves_nothing_behind_however_often():
    books, objects = Books(), []
    own = tray(2000, books, Clock(), first=1, most=1)
    while own.more():
        found = own.take()
        assert found
        own.settle(found.parcel, SENT)
        books.groups.clear()
        objects.append(len(gc.get_objects()) if len(objects) in (100, 1999) else 0)
    assert objects[1999] < objects[100] + 100
    assert own.take() is None
    own.close()
    assert len(books.settled) == 2000


def test_what_is_left_is_handed_back_at_the_end():
    books = Books()
    own = tray(10, books, Clock(), first=4)
    found = own.take()
    assert isinstance(found, Ready)
    own.settle(found.parcel, SENT)
    own.close()
    assert books.open == set()
    assert (books.settled, books.in_vain) == ({0: "sent"}, 3)


@given(
    st.integers(0, 60),
    st.integers(1, 9),
    st.lists(st.sampled_from(["take", "settle", "put back", "flush", "wait", "wait long"]), max_size=150),
)
def test_whatever_is_done_with_a_tray_each_parcel_is_claimed_once_at_a_time_and_handed_back(
    count: int, first: int, acts: list[str]
):
    books, clock = Books(refuse=range(0, 60, 7)), Clock()
    own = tray(count, books, clock, first=first)
    hands: list[Ready] = []
    for act in acts:
        clock.now += {"wait": 0.2, "wait long": 1.5}.get(act, 0)
        if act == "take" and (found := own.take()):
            hands.append(found)
        elif act == "settle" and hands:
            own.settle(hands.pop(0).parcel, SENT)
        elif act == "put back" and hands:
            own.put_back(hands.pop())
        elif act == "flush":
            own.flush()
    for found in hands:
        own.settle(found.parcel, SENT)
    while found := own.take():
        own.settle(found.parcel, SENT)
    own.close()
    assert books.open == set()
    assert books.settled.keys() == set(range(count)) - set(books.refuse)


# --- the pace ----------------------------------------------------------------------------------------------------


def test_no_limit_is_no_wait():
    pace = Pace(0, Clock())
    assert {pace.take() for _ in range(1000)} == {0.0}


@pytest.mark.parametrize("rate", [0.5, 1, 30, 2000])
def test_messages_go_at_the_rate_that_is_set(rate: float):
    clock = Clock()
    pace, begun = Pace(rate, clock), clock.now
    for _ in range(500):
        clock.now += pace.take()
    assert clock.now - begun == pytest.approx(499 / rate)


def test_after_a_silence_no_flood_follows():
    clock = Clock()
    pace = Pace(10, clock)
    clock.now += 3600
    gone = 0
    while pace.take() == 0:
        gone += 1
    assert gone <= 3


def test_a_rate_is_kept_by_all_connections_together(scripted: Callable[..., Any]):
    _, port = scripted()
    slept: list[float] = []

    async def sleep(wait: float) -> None:
        slept.append(wait)

    sent = run(port, 40, rate=1, sleep=sleep)
    assert set(sent.settled.values()) == {"sent"}
    assert max(slept) == pytest.approx(39, abs=2)
    assert max(map(len, sent.groups)) == 1, "more claimed than may go within a second"


@pytest.mark.parametrize("what", ["the pace", "a pause that the server wants"])
def test_nobody_waits_for_the_next_message_when_there_is_to_be_none(scripted: Callable[..., Any], what: str):
    script, port = scripted({("MAIL", "#1"): "450 4.7.1 too fast"} if what != "the pace" else {})
    waits: list[float] = []

    async def sleep(wait: float) -> None:
        waits.append(wait)
        await asyncio.Event().wait()  # for ever

    pace = {"rate": 0.01} if what == "the pace" else {"pauses": (20.0,)}
    books = run(port, 3, connections=1, sleep=sleep, stop=lambda: bool(waits), **pace)
    assert len(books.settled) == len(script.taken) < 3
    assert len(waits) == 1


# --- connections -------------------------------------------------------------------------------------------------


def run(port: int, count: int, books: Books | None = None, **options: Any) -> Books:
    limits = {name: options.pop(name) for name in ("sleep", "pauses") if name in options}
    stop = options.pop("stop", never)
    made = Smtp(SmtpSettings(host="127.0.0.1", port=port, **options))
    made.timeout = made.last_wait = 5
    made._own_name = "client.example.org"
    made.limits = replace(made.limits, **({"pauses": (0.0,)} | limits))
    own = books or Books()
    try:
        made.deliver(map(parcel, range(count)), own.turn, stop)
    finally:
        assert own.open == set(), "claimed and never handed back"
    return own


def test_a_connection_is_opened_anew_after_its_share_of_messages(scripted: Callable[..., Any]):
    script, port = scripted()
    run(port, 25, connections=1, per_connection=10)
    assert [sum(line.startswith("MAIL") for line in lines) for lines in script.commands] == [10, 10, 5]
    assert all(lines[-1] == "QUIT" for lines in script.commands)


def test_claims_come_in_groups_and_outcomes_with_the_next(scripted: Callable[..., Any]):
    _, port = scripted(offers=("PIPELINING",))
    books = run(port, 400, connections=2)
    assert len(books.settled) == 400
    assert len(books.groups) < 100
    assert max(map(len, books.groups)) <= 16


THROTTLES = ["421 4.7.0 slow down", "450 4.7.1 too fast", "451 4.7.0 too much mail from you"]


@pytest.mark.parametrize("reply", THROTTLES)
@pytest.mark.parametrize("offers", [(), ("PIPELINING",)])
def test_a_server_that_wants_less_gets_it_and_nobody_is_blamed(
    scripted: Callable[..., Any], reply: str, offers: tuple[str, ...]
):
    script, port = scripted({("MAIL", f"#{number}"): reply for number in (3, 4, 5)}, offers=offers)
    books = run(port, 12, connections=4)
    assert books.settled == dict.fromkeys(range(12), "sent")
    assert len({to for to, _ in script.taken}) == len(script.taken) == 12
    assert len(script.commands) == 4, "a connection that the server did not want was opened anew"


def test_a_server_that_wants_nothing_at_all_is_left_in_peace_after_ever_longer_pauses(scripted: Callable[..., Any]):
    script, port = scripted({("MAIL", ""): "450 4.7.1 too fast"})
    slept: list[float] = []

    async def sleep(wait: float) -> None:
        slept.append(wait)

    books = Books()
    with pytest.raises(ChannelError, match=r"wants less for now: 450 4\.7\.1 too fast"):
        run(port, 12, books, connections=3, sleep=sleep, pauses=(1, 5, 20))
    assert slept == [1, 5]
    assert books.settled == {}, "nobody was refused"
    assert len(script.commands) == 2 + PATIENCE


def test_a_server_that_turns_further_connections_away_gets_no_more_of_them(scripted: Callable[..., Any]):
    script, port = scripted(accept=2)
    books = run(port, 60, connections=5)
    assert set(books.settled.values()) == {"sent"}
    assert len(script.commands) == 5


# --- PIPELINING ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("eager", [pytest.param(False, id="554"), pytest.param(True, id="354")])
@pytest.mark.parametrize("reply", ["550 5.1.1 no such user", "450 4.2.0 later"])
def test_nobody_is_sent_an_empty_message_when_the_recipient_is_refused(
    scripted: Callable[..., Any], reply: str, eager: bool
):
    script, port = scripted({("RCPT", "reader1@example.org"): reply}, offers=("PIPELINING",), eager=eager)
    books = run(port, 4, connections=1)
    assert books.settled == dict.fromkeys(range(4), "sent") | {1: "failed" if reply[0] == "5" else "deferred"}
    assert [to for to, _ in script.taken] == [f"reader{number}@example.org" for number in (0, 2, 3)]
    assert all(data == BODY + b".\r\n" for _, data in script.taken)
    assert script.reached["nobody"] == int(eager)
    assert len(script.commands) == 1, "the connection is still good"


def test_a_recipient_accepted_after_a_refused_sender_is_sent_no_empty_message(scripted: Callable[..., Any]):
    script, port = scripted({("MAIL", "#2"): "552 5.3.4 too big"}, offers=("PIPELINING",), eager=True)
    books = run(port, 3, connections=1)
    assert books.settled == {0: "sent", 1: "failed", 2: "sent"}
    assert [to for to, _ in script.taken] == ["reader0@example.org", "reader2@example.org"]


def test_a_refusal_stands_though_the_connection_breaks_right_after_it(scripted: Callable[..., Any]):
    faults = {("RCPT", "reader1@example.org"): "550 5.1.1 no such user", ("DATA", "reader1@example.org"): "drop"}
    _, port = scripted(faults, offers=("PIPELINING",))
    assert run(port, 3, connections=1).settled == {0: "sent", 1: "failed", 2: "sent"}


def test_a_reply_that_nobody_asked_for_is_not_taken_for_the_next_ones(scripted: Callable[..., Any]):
    script, port = scripted({("dot", "reader0@example.org"): "250 queued\r\n550 5.1.1 no such user"})
    books = run(port, 3, connections=1)
    assert set(books.settled.values()) <= {"sent", "deferred"}
    assert books.settled[0] == "sent"
    assert len(script.commands) == 2


@pytest.mark.parametrize("offers", [(), ("PIPELINING",)])
@pytest.mark.parametrize("data", [b"Subject: x\r\n\r\nbare\nline\r\n", b"Subject: x\r\n\r\nbare\rreturn\r\n"])
def test_a_message_with_other_line_ends_is_not_sent(scripted: Callable[..., Any], data: bytes, offers: Any):
    script, port = scripted(offers=offers)
    made, books = Smtp(SmtpSettings(host="127.0.0.1", port=port)), Books()
    made.deliver([parcel(1, data), parcel(2)], books.turn)
    assert books.settled == {1: "failed", 2: "sent"}
    assert len(script.taken) == 1
