"""Whatever a mail server does at whatever moment: the ledger says what became of whom, and nobody else is harmed."""

from __future__ import annotations

import shutil
import socket
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import trustme
from conftest_pipeline import Site, paper
from scripted_server import Script, running

from digest import channels
from digest.channels.smtp import Smtp
from digest.errors import ChannelError
from digest.pipeline.deliver import Delivered, deliver
from digest.pipeline.run import renderer_of

DAY = date(2026, 6, 15)
READERS = [f"reader{number}@example.org" for number in range(6)]
ILL = READERS[3]
STALL = 0.15  # seconds until a server that says nothing is given up

PEOPLE = "".join(f'[[subscribers]]\nemail = "{reader}"\nrules = ["reward"]\n' for reader in READERS)


def configured(port: int, more: str = "", delivery: str = "") -> str:
    smtp = f'[smtp]\nhost = "127.0.0.1"\nport = {port}\nconnections = 2\n{more}\n'
    return f'[delivery]\nchannel = "smtp"\n{delivery}\n{smtp}{PEOPLE}'


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a state folder whose six deliveries are planned, and wait for a server."""
    state = tmp_path_factory.mktemp("planned") / "state"
    state.mkdir()
    site = Site(state, configured(1))
    site.drop("2026-06-15.jsonl", paper(1))
    site.run("2026-06-15", force=True)
    site.context().store.close()
    return state


class Sending:
    """One planned state, a server that plays by a script, and what deliveries come to."""

    def __init__(self, site: Site, script: Script) -> None:
        self.site = site
        self.script = script

    def deliver(self) -> tuple[Delivered, str]:
        """Attempt what waits; return the counts, and why the channel refused ("": it did not)."""
        context, result = self.site.context(), Delivered()
        try:
            return deliver(context, renderer_of(context), DAY, result), ""
        except ChannelError as error:
            return result, error.what

    def later(self, **more: float) -> dict[str, str]:
        """Deliver again without faults when what was deferred is due; return the states then."""
        self.script.faults.clear()
        self.site.clock += timedelta(**(more or {"minutes": 10}))
        self.deliver()
        return self.states()

    def states(self) -> dict[str, str]:
        return dict(self.site.rows(f"SELECT email, deliveries.state {FROM}"))

    def of(self, reader: str, column: str) -> object:
        return dict(self.site.rows(f"SELECT email, deliveries.{column} {FROM}"))[reader]

    @property
    def arrived(self) -> Counter[str]:
        return Counter(recipient for recipient, _ in self.script.taken)


FROM = "FROM deliveries JOIN subscribers USING (recipient_id)"
Make = Callable[..., Sending]


@pytest.fixture
def sending(planned: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA) -> Iterator[Make]:
    """Return a function that starts a server with faults and the site that sends to it."""
    trusting, secure = ssl.create_default_context(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.configure_trust(trusting)
    authority.issue_cert("127.0.0.1").configure_cert(secure)
    monkeypatch.setattr(socket, "getfqdn", lambda name="": "client.example.org")
    with ExitStack() as stack:

        def make(
            faults: dict[tuple[str, str], str], smtp: str = "", delivery: str = "", patience: float = 5, **more: object
        ) -> Sending:
            script = Script(faults, secure=secure, **more)  # type: ignore[arg-type]
            port = stack.enter_context(running(script.start))
            state = tmp_path / "state"
            shutil.copytree(planned, state)
            site = Site(state, configured(port, smtp, delivery))
            stack.callback(lambda: site.context().store.close())

            def channel(settings: object, _state: object) -> Smtp:
                made = Smtp(settings.smtp, context=trusting)  # type: ignore[attr-defined]
                made.timeout = made.last_wait = patience
                made.limits = replace(made.limits, pauses=(0.0,))
                return made

            monkeypatch.setattr(channels, "make", channel)
            return Sending(site, script)

        yield make


REPLIES = {"4yz": "451 4.3.0 later", "5yz": "554 5.3.0 never", "lost": "drop", "421": "421 closing", "stall": "stall"}
OFFERS = {"together": ("PIPELINING", "SIZE", "8BITMIME"), "one by one": ()}
LOGIN = 'tls = "none"\nusername = "digest"\npassword = "right"'
STAGES = {"connect": "", "EHLO": "", "STARTTLS": 'tls = "starttls"', "AUTH": LOGIN}


def offers(how: str, stage: str) -> tuple[str, ...]:
    return OFFERS[how] + {"STARTTLS": ("STARTTLS",), "AUTH": ("AUTH PLAIN",)}.get(stage, ())


def table(*stages: str) -> pytest.MarkDecorator:
    cells = [
        pytest.param(stage, fault, how, id=f"{stage}, {fault}, {how}")
        for stage in stages
        for fault in REPLIES
        for how in OFFERS
    ]
    return pytest.mark.parametrize(("stage", "fault", "how"), cells)


def begin(sending: Make, stage: str, whom: str, fault: str, how: str) -> Sending:
    return sending(
        {(stage, whom): REPLIES[fault]},
        STAGES.get(stage, ""),
        patience=STALL if fault == "stall" else 5,
        offers=offers(how, stage),
    )


# A server that refuses EHLO is greeted by HELO (RFC 5321, section 3.2), and offers nothing then.
GOES_ON = {("EHLO", "4yz"), ("EHLO", "5yz")}


@table("connect", "EHLO", "STARTTLS", "AUTH")
def test_a_server_that_lets_nobody_in_is_named_and_everything_stays_planned(
    sending: Make, stage: str, fault: str, how: str
):
    own = begin(sending, stage, "", fault, how)
    result, refusal = own.deliver()
    if (stage, fault) in GOES_ON:
        assert set(own.states().values()) == {"sent"}
        return
    assert refusal
    assert (result.sent, result.failed, result.deferred) == (0, 0, 0)
    assert own.states() == dict.fromkeys(READERS, "planned")
    assert own.arrived == Counter()
    assert own.later() == dict.fromkeys(READERS, "sent")


@table("connect", "EHLO", "STARTTLS", "AUTH")
def test_a_second_connection_that_cannot_be_had_costs_nobody_anything(sending: Make, stage: str, fault: str, how: str):
    own = begin(sending, stage, "#2", fault, how)
    _, refusal = own.deliver()
    assert refusal == ""
    assert own.states() == dict.fromkeys(READERS, "sent")
    assert own.arrived == Counter(READERS)


@table("MAIL")
def test_what_happens_at_the_sender_blames_no_recipient(sending: Make, stage: str, fault: str, how: str):
    own = begin(sending, stage, "#3", fault, how)
    result, refusal = own.deliver()
    states = Counter(own.states().values())
    if fault in ("4yz", "5yz"):  # the sender is refused: the run stops
        assert refusal == f"refuses the sender digest@example.org: {REPLIES[fault]}"
        assert states.keys() <= {"sent", "deferred", "planned"}
        assert states["sent"] >= 2
    elif fault == "421":  # less is wanted: tried again over another connection
        assert states == {"sent": 6}
    else:
        assert (refusal, states) == ("", {"sent": 5, "deferred": 1})
    assert result.failed == 0
    assert own.later() == dict.fromkeys(READERS, "sent")
    assert own.arrived == Counter(READERS)


@table("RCPT", "DATA", "dot")
def test_what_happens_to_one_recipient_happens_to_no_other(sending: Make, stage: str, fault: str, how: str):
    own = begin(sending, stage, ILL, fault, how)
    result, refusal = own.deliver()
    state = "failed" if fault == "5yz" else "deferred"
    assert refusal == ""
    assert own.states() == dict.fromkeys(READERS, "sent") | {ILL: state}
    assert (result.sent, result.failed, result.deferred) == (5, state == "failed", state == "deferred")
    assert own.arrived == Counter(set(READERS) - {ILL})
    # Where the whole message may have got there, its papers are not to come back.
    assert own.of(ILL, "unknowns") == int(stage == "dot" and fault in ("lost", "stall"))
    assert own.later()[ILL] == ("failed" if state == "failed" else "sent")


@table("QUIT")
def test_what_happens_at_the_farewell_changes_nothing(sending: Make, stage: str, fault: str, how: str):
    own = begin(sending, stage, "", fault, how)
    assert own.deliver()[1] == ""
    assert own.states() == dict.fromkeys(READERS, "sent")
    assert own.arrived == Counter(READERS)


@pytest.mark.parametrize("how", OFFERS)
@pytest.mark.parametrize(
    "reply",
    [
        "553 5.7.1 <digest@example.org>: Sender address rejected: not owned by user digest",
        "450 4.1.8 <digest@example.org>: Sender address rejected: Domain not found",
        "550 5.1.7 Bad sender's mailbox address syntax",
    ],
)
def test_a_sender_that_is_refused_at_the_recipient_blames_no_recipient(sending: Make, reply: str, how: str):
    own = sending({("RCPT", ILL): reply}, offers=OFFERS[how])
    _, why = own.deliver()
    assert why == f"refuses the sender digest@example.org: {reply}"
    assert own.states()[ILL] == "deferred"
    assert set(own.states().values()) <= {"deferred", "planned", "sent"}
    assert own.later() == dict.fromkeys(READERS, "sent")


def test_what_another_server_says_of_the_sender_is_one_recipients_trouble(sending: Make):
    reply = f"550 5.1.1 <{ILL}>: Recipient address rejected: host mx said: 550 5.1.8 <d@e>: Sender address rejected"
    own = sending({("RCPT", ILL): reply})
    own.deliver()
    assert own.states() == dict.fromkeys(READERS, "sent") | {ILL: "failed"}


# --- accepted, and the reply lost -----------------------------------------------------------------------------------


@pytest.mark.parametrize("how", OFFERS)
def test_a_message_that_was_taken_before_the_connection_broke_comes_again_under_the_same_id(sending: Make, how: str):
    own = sending({("dot", ILL): "take"}, offers=OFFERS[how])
    own.deliver()
    assert own.states() == dict.fromkeys(READERS, "sent") | {ILL: "deferred"}
    assert own.later() == dict.fromkeys(READERS, "sent")
    assert own.arrived == Counter([*READERS, ILL])
    ids = {line for to, data in own.script.taken if to == ILL for line in data.split(b"\r\n") if b"essage-ID:" in line}
    assert len(ids) == 1


def test_it_does_not_come_again_where_the_operator_wants_that(sending: Make):
    own = sending({("dot", ILL): "take"}, delivery='resend_unknown = "never"')
    own.deliver()
    assert own.of(ILL, "state") == "unknown"
    assert own.later(days=1)[ILL] == "unknown"
    assert own.arrived == Counter(READERS)


# --- pauses ---------------------------------------------------------------------------------------------------------


def test_a_server_that_always_breaks_off_behind_the_message_gets_three_copies_and_no_more(sending: Make):
    own = sending({("dot", ILL): "take"})
    for _ in range(6):
        own.deliver()
        own.site.clock += timedelta(hours=5)
    assert own.states()[ILL] == "unknown"
    assert [to for to, _ in own.script.taken].count(ILL) == 3
    assert own.later(days=1)[ILL] == "unknown"


def test_pauses_between_attempts_grow_until_it_is_given_up(sending: Make):
    own = sending({("RCPT", ILL): "451 4.3.0 later"}, delivery='first_pause = "1 min"\npause = "1 h"\ngive_up = "1 d"')
    pauses = []
    while own.of(ILL, "state") != "failed":
        own.deliver()
        begun = own.site.clock
        following = own.of(ILL, "next_attempt")
        if following:
            own.site.clock = type(begun).fromisoformat(str(following))
            pauses.append((own.site.clock - begun) / timedelta(minutes=1))
    assert pauses == [1, 60, 120, 240, 240, 240, 240, 240, 240]
    assert own.of(ILL, "reply") == "given up after 1 d: 451 4.3.0 later"


def test_before_its_time_a_deferred_delivery_is_left_alone(sending: Make):
    own = sending({("RCPT", ILL): "451 4.3.0 later"})
    own.deliver()
    assert own.later(minutes=4)[ILL] == "deferred"
    assert own.later(minutes=2)[ILL] == "sent"


# --- consent --------------------------------------------------------------------------------------------------------


def test_who_leaves_while_others_are_being_sent_to_gets_nothing(sending: Make):
    own = sending({})
    store = own.site.context().store
    script = own.script
    answer = script._message

    async def leaving(*arguments: object) -> None:
        with store.writing() as tx:  # before the first message is answered
            tx.exec_driver_sql(f"UPDATE subscribers SET state = 'left' WHERE email = '{READERS[5]}'")
        await answer(*arguments)  # type: ignore[arg-type]

    script._message = leaving  # type: ignore[method-assign]
    own.deliver()
    assert own.of(READERS[5], "state") == "withdrawn"
    assert own.arrived == Counter(READERS[:5])
