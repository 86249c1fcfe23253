"""SMTP: what reaches the server, and what its replies and failures make of each delivery."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import AuthResult

from digest.channels.base import Parcel, Settled
from digest.channels.pool import AHEAD, PATIENCE
from digest.channels.smtp import Smtp
from digest.errors import ChannelError, TemplateError
from digest.models import Outcome
from digest.settings import Smtp as SmtpSettings

SENDER = "digest@example.org"
CONNECTIONS = SmtpSettings().connections
BODY = b"From: digest@example.org\r\nSubject: Seven papers\r\n\r\nHello\r\n"


@pytest.fixture(autouse=True)
def own_name(monkeypatch: pytest.MonkeyPatch):
    """No test asks the DNS what this machine is called."""
    monkeypatch.setattr(socket, "getfqdn", lambda name="": "client.example.org")


class Ledger:
    """Keeps what was claimed and handed back, as the store would; None is what was claimed in vain."""

    def __init__(self, refuse: tuple[str, ...] = ()) -> None:
        self.refuse = refuse
        self.claimed: list[str] = []
        self.outcomes: dict[str, Outcome] = {}
        self.released: list[str] = []

    def turn(self, done: Sequence[Settled], wanted: Sequence[Parcel]) -> list[Parcel]:
        for parcel, outcome in done:
            assert parcel.to in self.claimed
            assert parcel.to not in self.outcomes, "handed back twice"
            if outcome:
                self.outcomes[parcel.to] = outcome
            else:
                self.claimed.remove(parcel.to)
                self.released.append(parcel.to)
        may = [parcel for parcel in wanted if parcel.to not in self.refuse]
        self.claimed += [parcel.to for parcel in may]
        return may

    @property
    def states(self) -> dict[str, str]:
        return {address: outcome.state for address, outcome in self.outcomes.items()}


def parcel(to: str, data: bytes = BODY, sender: str = SENDER) -> Parcel:
    return Parcel(1, date(2026, 6, 16), to, sender, data)


def readers(count: int) -> list[str]:
    return [f"reader{number}@example.org" for number in range(count)]


def channel(port: int, context: ssl.SSLContext | None = None, **settings: Any) -> Smtp:
    made = Smtp(SmtpSettings(host="127.0.0.1", port=port, **settings), context=context)
    made.timeout = made.last_wait = 5
    made.limits = replace(made.limits, pauses=(0.0,))
    return made


def delivered(port: int, *parcels: Parcel, **settings: Any) -> Ledger:
    ledger = Ledger()
    channel(port, **settings).deliver(parcels, ledger.turn)
    return ledger


# --- What reaches the server ---------------------------------------------------------------------


class Mailbox:
    """A handler for the real server that keeps what it is given."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.secured: list[bool] = []

    async def handle_DATA(self, server: Server, session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append((envelope.rcpt_tos[0], envelope.original_content))
        self.secured.append(session.ssl is not None)
        return "250 queued as 17"


def real(handler: object, implicit_tls: ssl.SSLContext | None = None, **options: Any) -> Callable[[], Any]:
    async def start() -> asyncio.Server:
        loop = asyncio.get_running_loop()
        options.setdefault("enable_SMTPUTF8", True)
        make = lambda: Server(handler, hostname="mail.example.org", loop=loop, **options)  # noqa: E731
        return await loop.create_server(make, "127.0.0.1", 0, ssl=implicit_tls)

    return start


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(BODY, id="plain"),
        pytest.param(b"Subject: x\r\n\r\n.\r\n..\r\n.hidden\r\nend.\r\n", id="lines that begin with dots"),
        pytest.param(b"Subject: x\r\n\r\n" + b"a" * 998 + b"\r\n", id="the longest line"),
        pytest.param(b"Subject: x\r\n\r\n\t \r\n \r\n", id="white space"),
        pytest.param("Subject: x\r\n\r\nCafé ♯\r\n".encode(), id="eight bits"),
    ],
)
def test_a_message_arrives_byte_for_byte(serve: Callable[..., int], data: bytes):
    mailbox = Mailbox()
    ledger = delivered(serve(real(mailbox)), parcel("a+b@example.org", data))
    assert mailbox.taken == [("a+b@example.org", data)]
    assert ledger.outcomes == {"a+b@example.org": Outcome("sent", "250 queued as 17")}


def test_a_few_connections_carry_many_messages(scripted: Callable[..., Any]):
    script, port = scripted()
    ledger = delivered(port, *map(parcel, readers(40)))
    assert sorted(to for to, _ in script.taken) == sorted(readers(40))
    assert set(ledger.states.values()) == {"sent"}
    assert len(script.commands) == CONNECTIONS
    assert all(lines[-1] == "QUIT" for lines in script.commands)


def test_nothing_to_send_meets_no_server():
    assert delivered(1).outcomes == {}


def test_one_parcel_opens_one_connection(scripted: Callable[..., Any]):
    script, port = scripted()
    delivered(port, parcel("a@example.org"))
    assert script.commands == [
        ["EHLO client.example.org", "MAIL FROM:<digest@example.org>", "RCPT TO:<a@example.org>", "DATA", "QUIT"]
    ]


def test_what_the_server_offers_is_used(scripted: Callable[..., Any]):
    script, port = scripted(offers=("SIZE 1000000", "8BITMIME", "SMTPUTF8"))
    delivered(port, parcel("jürgen@bücher.example", "Subject: x\r\n\r\nü\r\n".encode()))
    size = len("Subject: x\r\n\r\nü\r\n".encode())
    assert f"MAIL FROM:<digest@example.org> SIZE={size} BODY=8BITMIME SMTPUTF8" in script.commands[0]
    assert "RCPT TO:<jürgen@bücher.example>" in script.commands[0]


def test_a_message_is_made_only_when_its_turn_comes(scripted: Callable[..., Any]):
    _, port = scripted()
    made: list[int] = []
    ledger = Ledger()

    def parcels() -> Iterator[Parcel]:
        for number, to in enumerate(readers(300)):
            made.append(len(made) - len(ledger.outcomes))
            yield Parcel(number, date(2026, 6, 16), to, SENDER, BODY)

    channel(port, connections=2).deliver(parcels(), ledger.turn)
    assert len(made) == 300
    # A group in hand, one settled with the next claim, and those that the connections are at.
    assert max(made) < 2 * (2 * AHEAD) + 2


def test_an_international_domain_needs_nothing_special_of_the_server(scripted: Callable[..., Any]):
    script, port = scripted()
    ledger = delivered(port, parcel("reader@bücher.example"))
    assert ledger.states == {"reader@bücher.example": "sent"}
    assert "RCPT TO:<reader@xn--bcher-kva.example>" in script.commands[0]


# --- What fails, and whose fault it is -----------------------------------------------------------

ILL = "reader1@example.org"
NO_UTF8 = "the server takes no international addresses (no SMTPUTF8)"
NO_8BIT = "the server takes ASCII messages only (no 8BITMIME)"
NO_ADDRESS = "not an address that SMTP can carry"


@pytest.mark.parametrize(
    ("stage", "reply", "state", "said"),
    [
        pytest.param("RCPT", "450 try later", "deferred", "450 try later", id="recipient deferred"),
        pytest.param("RCPT", "550 5.1.1 no such user", "failed", "550 5.1.1 no such user", id="recipient refused"),
        pytest.param("RCPT", "421 going down", "deferred", "421 going down", id="server closes at RCPT"),
        pytest.param("RCPT", "drop", "deferred", "Unexpected EOF received", id="connection lost at RCPT"),
        pytest.param("RCPT", "stall", "deferred", "Timed out waiting for server response", id="stall at RCPT"),
        pytest.param(
            "RCPT", "gibberish", "deferred", "-1 Malformed SMTP response line: gibberish", id="no reply at all"
        ),
        pytest.param("RCPT", "550 \x1b[31mred\x00", "failed", "550 [31mred", id="control characters in a reply"),
        pytest.param("DATA", "451 later", "deferred", "451 later", id="DATA deferred"),
        pytest.param("DATA", "554 no", "failed", "554 no", id="DATA refused"),
        pytest.param("DATA", "421 closing", "deferred", "421 closing", id="server closes at DATA"),
        pytest.param("DATA", "250 what?", "deferred", "250 what?", id="a reply out of place"),
        pytest.param("dot", "452 full", "deferred", "452 full", id="message deferred"),
        pytest.param("dot", "550 spam", "failed", "550 spam", id="message refused"),
        pytest.param("dot", "421 closing", "deferred", "421 closing", id="server closes at the final dot"),
        pytest.param("dot", "drop", "deferred", "Unexpected EOF received", id="connection lost at the final dot"),
        pytest.param("dot", "stall", "deferred", "Timed out waiting for server response", id="stall at the final dot"),
    ],
)
def test_one_recipients_trouble_touches_no_other(
    scripted: Callable[..., Any], stage: str, reply: str, state: str, said: str
):
    script, port = scripted({(stage, ILL): reply})
    ledger, out = Ledger(), channel(port)
    if reply == "stall":
        out.timeout = out.last_wait = 0.2
    out.deliver(map(parcel, readers(12)), ledger.turn)
    outcome = ledger.outcomes[ILL]
    assert (outcome.state, outcome.reply) == (state, said)
    assert outcome.refused is (stage == "RCPT" and state == "failed")
    assert outcome.doubtful is (stage == "dot" and reply in ("drop", "stall"))
    others = set(readers(12)) - {ILL}
    assert {to for to, _ in script.taken} == others
    assert all(ledger.states[to] == "sent" for to in others)


@pytest.mark.parametrize("reply", ["450 later", "550 never"])
def test_after_a_refusal_the_same_connection_goes_on(scripted: Callable[..., Any], reply: str):
    script, port = scripted({("RCPT", ILL): reply}, accept=1)
    ledger = delivered(port, *map(parcel, readers(3)))
    assert ledger.states["reader2@example.org"] == "sent"
    assert script.commands[0].count("RSET") == 1


@pytest.mark.parametrize(
    ("data", "to", "reply"),
    [
        pytest.param(BODY, "jürgen@example.org", NO_UTF8, id="international address"),
        pytest.param(b"\xc3\xa9", "a@example.org", NO_8BIT, id="eight bits"),
        pytest.param(BODY, "a@b.org>\r\nRCPT TO:<c@d.org", NO_ADDRESS, id="line break"),
        pytest.param(BODY, "a@b.org> SIZE=1", NO_ADDRESS, id="parameter"),
        pytest.param(BODY, "a@b.org,c@d.org", NO_ADDRESS, id="two addresses"),
        pytest.param(BODY, "", NO_ADDRESS, id="none"),
    ],
)
def test_what_cannot_be_sent_fails_with_its_reason(scripted: Callable[..., Any], data: bytes, to: str, reply: str):
    script, port = scripted()
    ledger = delivered(port, parcel(to, data), parcel("z@example.org"))
    assert ledger.outcomes[to] == Outcome("failed", reply)
    assert [taken for taken, _ in script.taken] == ["z@example.org"]
    assert not any("SIZE" in line or "d.org" in line for lines in script.commands for line in lines)


def test_a_message_too_big_is_that_messages_trouble(scripted: Callable[..., Any]):
    _, port = scripted({("MAIL", ""): "552 5.3.4 too big"}, offers=("SIZE",))
    assert delivered(port, parcel(ILL)).outcomes == {ILL: Outcome("failed", "552 5.3.4 too big")}


def test_who_is_not_claimed_gets_nothing(scripted: Callable[..., Any]):
    script, port = scripted()
    ledger = Ledger(refuse=(ILL,))
    channel(port).deliver(map(parcel, readers(3)), ledger.turn)
    assert {to for to, _ in script.taken} == set(readers(3)) - {ILL}
    assert ILL not in ledger.outcomes


def test_an_endless_reply_is_kept_short(scripted: Callable[..., Any]):
    _, port = scripted({("RCPT", ILL): "550 " + "no " * 2000})
    assert len(delivered(port, parcel(ILL)).outcomes[ILL].reply) <= 500


# --- What stops the run and blames no recipient --------------------------------------------------


def stopped(port: int, count: int = 12, **settings: Any) -> tuple[Ledger, str]:
    ledger = Ledger()
    with pytest.raises(ChannelError) as caught:
        channel(port, **settings).deliver(map(parcel, readers(count)), ledger.turn)
    assert "\n" not in str(caught.value)
    assert set(ledger.claimed) == set(ledger.outcomes), "claimed and never reported"
    return ledger, str(caught.value).replace(f":{port}", "")


def test_without_a_server_nothing_is_claimed():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        ledger, message = stopped(free.getsockname()[1])
    assert (
        message == "SMTP server 127.0.0.1: cannot be used: Connection refused (check smtp.host, smtp.port and smtp.tls)"
    )
    assert ledger.claimed == []


@pytest.mark.parametrize(
    ("faults", "message"),
    [
        pytest.param({("connect", ""): "554 not you"}, "refuses to talk: 554 not you", id="no service"),
        pytest.param({("connect", ""): "421 busy"}, "refuses to talk: 421 busy", id="busy"),
        pytest.param({("connect", ""): "drop"}, "Unexpected EOF received", id="connection lost"),
        pytest.param({("EHLO", ""): "550 no", ("HELO", ""): "550 no"}, "refuses to talk: 550 no", id="no greeting"),
    ],
)
def test_a_server_that_does_not_want_us_is_named_and_nothing_is_claimed(
    scripted: Callable[..., Any], faults: dict[tuple[str, str], str], message: str
):
    _, port = scripted(faults)
    ledger, said = stopped(port)
    assert message in said
    assert ledger.claimed == []


def test_a_server_without_ehlo_is_greeted_the_old_way(scripted: Callable[..., Any]):
    script, port = scripted({("EHLO", ""): "502 what?"})
    assert delivered(port, parcel(ILL)).states == {ILL: "sent"}
    assert script.commands[0][1] == "HELO client.example.org"


@pytest.mark.parametrize("reply", ["550 5.7.1 not you", "451 not now", "530 5.7.0 login first"])
def test_a_refused_sender_stops_the_run_and_blames_no_recipient(scripted: Callable[..., Any], reply: str):
    script, port = scripted({("MAIL", ""): reply})
    ledger, message = stopped(port)
    assert message == f"SMTP server 127.0.0.1: refuses the sender digest@example.org: {reply}"
    assert script.taken == []
    assert set(ledger.states.values()) == {"deferred"}
    assert len(ledger.claimed) <= CONNECTIONS


def test_an_international_domain_of_the_sender_needs_nothing_special_either(scripted: Callable[..., Any]):
    script, port = scripted()
    assert delivered(port, parcel("a@example.org", sender="digest@bücher.example.org")).states == {
        "a@example.org": "sent"
    }
    assert "MAIL FROM:<digest@xn--bcher-kva.example.org>" in script.commands[0]


def test_a_sender_that_the_server_cannot_carry_stops_the_run_and_blames_no_recipient(scripted: Callable[..., Any]):
    script, port = scripted()
    ledger = Ledger()
    with pytest.raises(ChannelError, match=r"not the sender dïgest@example\.org"):
        channel(port).deliver([parcel(to, sender="dïgest@example.org") for to in readers(3)], ledger.turn)
    assert script.taken == []
    assert set(ledger.states.values()) <= {"deferred"}


def test_a_login_wanted_at_the_recipient_stops_the_run_too(scripted: Callable[..., Any]):
    _, port = scripted({("RCPT", reader): "530 5.7.0 login first" for reader in readers(12)})
    ledger, message = stopped(port)
    assert message == (
        "SMTP server 127.0.0.1: wants a login: 530 5.7.0 login first (set smtp.username and smtp.password)"
    )
    assert set(ledger.states.values()) == {"deferred"}


def test_a_sender_that_is_no_address_reaches_no_server(scripted: Callable[..., Any]):
    script, port = scripted()
    with pytest.raises(ChannelError, match="no bare address"):
        delivered(port, parcel(ILL, sender="a@b.org>\r\nDATA"))
    assert "DATA" not in script.commands[0]


def test_a_server_that_takes_one_connection_gets_everything_over_it(scripted: Callable[..., Any]):
    script, port = scripted(accept=1)
    ledger = delivered(port, *map(parcel, readers(12)))
    assert set(ledger.states.values()) == {"sent"}
    assert len(script.taken) == 12


def test_a_server_that_closes_again_and_again_is_left_in_peace(scripted: Callable[..., Any]):
    script, port = scripted({("RCPT", reader): "421 slow down" for reader in readers(100)})
    ledger, message = stopped(port, 100)
    assert message == "SMTP server 127.0.0.1: closes every connection: 421 slow down"
    assert set(ledger.states.values()) == {"deferred"}
    # Each connection but the last goes when it is told to; the last is opened again a few times.
    assert len(ledger.claimed) == len(script.commands) == CONNECTIONS - 1 + PATIENCE
    assert ledger.released


def test_a_broken_message_ends_the_run_after_what_was_claimed(scripted: Callable[..., Any]):
    _, port = scripted()

    def parcels() -> Iterator[Parcel]:
        yield parcel("a@example.org")
        raise TemplateError("no such block", where="digest.html")

    ledger = Ledger()
    with pytest.raises(TemplateError, match="no such block"):
        channel(port).deliver(parcels(), ledger.turn)
    assert ILL not in ledger.claimed
    assert set(ledger.claimed) == set(ledger.outcomes)


# --- TLS and login -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def server_side(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.mark.parametrize("tls", [None, "starttls"])
def test_starttls_is_used_where_it_is_offered(
    serve: Callable[..., int], server_side: ssl.SSLContext, trusting: ssl.SSLContext, tls: str | None
):
    mailbox = Mailbox()
    ledger = delivered(serve(real(mailbox, tls_context=server_side)), parcel(ILL), context=trusting, tls=tls)
    assert ledger.states == {ILL: "sent"}
    assert mailbox.secured == [True]


def test_no_tls_means_none_even_where_it_is_offered(serve: Callable[..., int], server_side: ssl.SSLContext):
    mailbox = Mailbox()
    delivered(serve(real(mailbox, tls_context=server_side)), parcel(ILL), tls="none")
    assert mailbox.secured == [False]


def test_tls_from_the_first_byte(serve: Callable[..., int], server_side: ssl.SSLContext, trusting: ssl.SSLContext):
    mailbox = Mailbox()
    port = serve(real(mailbox, implicit_tls=server_side))
    assert delivered(port, parcel(ILL), context=trusting, tls="tls").states == {ILL: "sent"}
    assert len(mailbox.taken) == 1


@pytest.mark.parametrize("tls", [None, "starttls", "tls"])
def test_a_certificate_of_an_unknown_authority_is_refused(
    serve: Callable[..., int], server_side: ssl.SSLContext, tls: str | None
):
    options = {"implicit_tls": server_side} if tls == "tls" else {"tls_context": server_side}
    ledger, message = stopped(serve(real(Mailbox(), **options)), tls=tls)
    assert message.startswith("SMTP server 127.0.0.1: its certificate is refused: unable to get local issuer")
    assert ledger.claimed == []


def test_starttls_that_is_asked_for_and_not_offered_stops_the_run(serve: Callable[..., int]):
    ledger, message = stopped(serve(real(Mailbox())), tls="starttls")
    assert message.startswith(
        "SMTP server 127.0.0.1: cannot be used: SMTP STARTTLS extension not supported by server ("
    )
    assert ledger.claimed == []


def authenticator(server: Server, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"digest", b"right"), handled=False)


def test_with_the_right_password_the_server_lets_us_in(
    serve: Callable[..., int], server_side: ssl.SSLContext, trusting: ssl.SSLContext
):
    mailbox = Mailbox()
    port = serve(real(mailbox, tls_context=server_side, authenticator=authenticator, auth_required=True))
    ledger = delivered(port, parcel(ILL), context=trusting, username="digest", password="right")
    assert ledger.states == {ILL: "sent"}


def test_a_refused_login_stops_the_run_and_keeps_the_password_to_itself(
    serve: Callable[..., int], server_side: ssl.SSLContext, trusting: ssl.SSLContext
):
    port = serve(real(Mailbox(), tls_context=server_side, authenticator=authenticator, auth_required=True))
    ledger, message = stopped(port, context=trusting, username="digest", password="hunter2")
    assert "refuses the login: 535 5.7.8 Authentication credentials invalid" in message
    assert "hunter2" not in message
    assert ledger.claimed == []


def test_a_password_does_not_cross_the_network_readable_unless_it_may(scripted: Callable[..., Any]):
    script, port = scripted({("AUTH", ""): "235 come in"}, offers=("AUTH PLAIN",))
    ledger, message = stopped(port, username="digest", password="right")
    assert message.endswith('the password would cross the network readable (smtp.tls = "none" allows that)')
    assert ledger.claimed == []
    assert not any(line.startswith("AUTH") for line in script.commands[0])
    assert delivered(port, parcel(ILL), tls="none", username="digest", password="right").states == {ILL: "sent"}
