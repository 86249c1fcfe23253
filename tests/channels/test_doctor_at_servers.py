"""What `digest doctor` says of a mail server: reached, secured, logged in to, and what it offers."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP as Server  # noqa: N811
from aiosmtpd.smtp import AuthResult

from digest.channels.smtp import Smtp
from digest.service.doctor import server
from digest.service.doctor.finding import Finding
from digest.settings import Smtp as SmtpSettings

NOW = datetime.now(UTC)
SENDER = "digest@example.org"


@pytest.fixture(autouse=True)
def own_name(monkeypatch: pytest.MonkeyPatch):
    """No test asks the DNS what this machine is called."""
    monkeypatch.setattr(socket, "getfqdn", lambda name="": "client.example.org")


def examined(
    port: int, context: ssl.SSLContext | None = None, now: datetime = NOW, sender: str = SENDER, **own: Any
) -> dict[str, Finding]:
    channel = Smtp(SmtpSettings(host="127.0.0.1", port=port, **own), context=context)
    channel.timeout = 5
    return {found.check: found for found in server.examine(channel, sender, now)}


def let_in(_server: Server, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"digest", b"right"), handled=False)


class Secure:
    """A real server with TLS and a login, by a throw-away authority whose certificate lasts until ``until``."""

    def __init__(self, until: datetime) -> None:
        authority = trustme.CA()
        self.inside = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", not_after=until).configure_cert(self.inside)
        self.trusting = ssl.create_default_context()
        authority.configure_trust(self.trusting)

    async def start(self) -> Any:
        def made() -> Server:
            own = {"hostname": "mail.example.org", "data_size_limit": 10**7, "enable_SMTPUTF8": True}
            return Server(object(), tls_context=self.inside, authenticator=let_in, **own)

        return await asyncio.get_running_loop().create_server(made, "127.0.0.1", 0)


def test_a_server_with_tls_and_a_login_is_well(serve: Callable[..., int]):
    secure = Secure(NOW + timedelta(days=90, hours=1))
    findings = examined(serve(secure.start), secure.trusting, username="digest", password="right")
    assert {finding.verdict for finding in findings.values()} == {"ok"}
    assert " at 127.0.0.1: mail.example.org Python SMTP" in findings["mail server"].told
    assert findings["TLS"].told == "TLSv1.3, its certificate is good for 90 more days"
    assert findings["login"].told == "digest is let in"
    assert findings["features"].told == "offers SIZE, 8BITMIME, SMTPUTF8, not PIPELINING"


@pytest.mark.parametrize(("days", "verdict"), [(13, "warning"), (14, "ok")])
def test_a_certificate_that_ends_soon_is_a_warning(serve: Callable[..., int], days: int, verdict: str):
    secure = Secure(NOW + timedelta(days=days, hours=1))
    finding = examined(serve(secure.start), secure.trusting)["TLS"]
    assert finding.verdict == verdict
    assert f"good for {days} more days" in finding.told


def test_a_certificate_of_nobody_known_is_a_problem_with_its_mend(serve: Callable[..., int]):
    (finding,) = examined(serve(Secure(NOW + timedelta(days=90)).start)).values()
    assert finding.verdict == "problem"
    assert "its certificate is refused" in finding.told
    assert finding.mend


def test_a_refused_login_is_a_problem_that_keeps_the_password_to_itself(serve: Callable[..., int]):
    secure = Secure(NOW + timedelta(days=90))
    (finding,) = examined(serve(secure.start), secure.trusting, username="digest", password="hunter2").values()
    assert finding.verdict == "problem"
    assert "refuses the login: 535 5.7.8" in finding.told
    assert finding.mend == "check smtp.username and smtp.password"
    assert "hunter2" not in finding.line()


def test_a_plain_server_of_this_machine_is_well(scripted: Callable[..., Any]):
    _, port = scripted(offers=("PIPELINING", "SIZE 1000000", "8BITMIME", "SMTPUTF8"))
    findings = examined(port)
    assert {finding.verdict for finding in findings.values()} == {"ok"}
    assert findings["TLS"].told == "the connection is not encrypted, and stays on this machine"
    assert findings["features"].told == "offers PIPELINING, SIZE, 8BITMIME, SMTPUTF8"


def test_a_server_for_short_messages_only_is_a_warning(scripted: Callable[..., Any]):
    _, port = scripted(offers=("SIZE 100000",))
    finding = examined(port)["features"]
    assert finding.verdict == "warning"
    assert finding.told.startswith("messages above 100000 octets are refused")


def test_a_server_is_met_once_and_is_sent_nothing(scripted: Callable[..., Any]):
    script, port = scripted()
    examined(port)
    assert script.commands == [["EHLO client.example.org", f"MAIL FROM:<{SENDER}>", "RSET", "QUIT"]]
    assert script.taken == []


@pytest.mark.parametrize(
    ("reply", "verdict", "told", "mend"),
    [
        pytest.param("250 ok", "ok", f"mail from {SENDER} is taken", "", id="taken"),
        pytest.param("550 5.7.1 not yours", "problem", "is refused: 550 5.7.1 not yours", "site.sender", id="refused"),
        pytest.param("530 5.7.0 who?", "problem", "a login is wanted: 530", "smtp.username", id="login wanted"),
        pytest.param("451 4.3.0 later", "warning", "is not taken now: 451 4.3.0 later", "again later", id="not now"),
        pytest.param(
            "421 too many", "warning", "is not taken now: 421 too many", "again later", id="not now, and gone"
        ),
        pytest.param("drop", "problem", f"no answer to MAIL FROM:<{SENDER}>", "log", id="gone"),
        pytest.param("hello", "problem", f"no answer to MAIL FROM:<{SENDER}>", "log", id="no reply"),
        pytest.param("354 go on", "problem", "is refused: 354 go on", "site.sender", id="out of place"),
    ],
)
def test_the_sender_is_tried_at_the_server(
    scripted: Callable[..., Any], reply: str, verdict: str, told: str, mend: str
):
    _, port = scripted({("MAIL", ""): reply})
    findings = examined(port)
    finding = findings["sender at the server"]
    assert finding.verdict == verdict
    assert told in finding.told
    assert mend in finding.mend
    assert findings["mail server"].verdict == "ok"


def test_a_sender_that_the_server_cannot_be_told_is_a_problem(scripted: Callable[..., Any]):
    script, port = scripted()
    finding = examined(port, sender="dïgest@example.org")["sender at the server"]
    assert finding.verdict == "problem"
    assert "takes no international addresses (no SMTPUTF8), and so not the sender dïgest@example.org" in finding.told
    assert script.commands == [["EHLO client.example.org", "QUIT"]]


@pytest.mark.parametrize(
    "size", ["9" * 5000, "٣٠٠", "-1", "many", ""], ids=["endless", "of other digits", "-", "word", "none"]
)
def test_an_odd_limit_of_size_is_none(scripted: Callable[..., Any], size: str):
    _, port = scripted(offers=(f"SIZE {size}",))
    assert examined(port)["features"].verdict == "ok"


def test_what_a_server_says_first_cannot_reach_the_terminal(scripted: Callable[..., Any]):
    _, port = scripted({("connect", ""): "220 \x1b[31mred " + "long " * 100})
    line = examined(port)["mail server"].line()
    assert "\x1b" not in line
    assert len(line) < 200


def test_where_nothing_listens_that_is_the_problem():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        (finding,) = examined(free.getsockname()[1]).values()
    assert (finding.check, finding.verdict) == ("mail server", "problem")
    assert finding.told.endswith("cannot be used: Connection refused")
    assert finding.mend == "check smtp.host, smtp.port and smtp.tls"
