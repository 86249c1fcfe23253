"""A whole run through a real Postfix: what its readers find in their mailboxes, byte for byte; and what comes back."""

from __future__ import annotations

import email
import email.policy
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from email.header import decode_header, make_header
from email.message import EmailMessage
from pathlib import Path

import dkim as verifier
import postfix
import pytest
from command_line import paper, write

from digest import dkim
from digest.service import keys

DAY = "2026-06-15"
HOSTILE = {
    "another header": "Reward models\r\nBcc: evil@example.org",
    "a header as an encoded word": "=?utf-8?q?=0ABcc:_evil@example.org?= reward models",
    "the end of the message": "Reward models\r\n.\r\nMAIL FROM:<evil@example.org>",
    "another part": "Reward models\r\n--=_0\r\nContent-Type: text/html\r\n\r\n<script>",
    "a dot in front": ".Reward models",
    "a mailbox's separator": "From nowhere: reward models",
    "one long word": "reward models " + "x" * 3000,
    "other scripts": "Награды и reward models — 報酬モデル 🎁" + "é" * 300,
    "markup": '<b>Reward</b> models & "quotes" \' <!--',
    "control characters": "Reward \x00\x1b[31m\x07 models \u202e\u2028 \x85",
}
WELL = ("ada@example.org", "grace@example.org", "alan@example.org")
NAMES = ('Ada "L" <evil@example.org>', "=?utf-8?q?=0ABcc:_evil@example.org?=", "Zoë Ångström " * 8)
UNKNOWN, GONE, SENDER = "unknown@example.org", "gone@example.org", "digest@example.org"
RULES = {"grace@example.org": 'author:"Mallory Quill"'}  # of one paper alone, whose title is the subject then
SIGNED_BY = {"r": "rsa", "e": "ed25519"}
# RFC 5322, section 3.6: what may occur once only; and what else a reader or a program looks for one of.
ONCE = (
    *("date", "from", "to", "subject", "message-id", "mime-version", "content-type"),
    *("list-id", "list-unsubscribe", "list-unsubscribe-post"),
)
NEVER = ("sender", "reply-to", "cc", "bcc", "in-reply-to", "references")


def config(server: postfix.Postfix) -> str:
    head = f"""
[site]
title = "Søren's \\"digest\\" <b>"
base_url = "https://digest.example.org"
sender = "Søren's digest <{SENDER}>"
[delivery]
channel = "smtp"
[smtp]
host = "{server.host}"
port = {server.port}
tls = "none"
[dkim]
keys = [{{ selector = "r", key = "r.pem" }}, {{ selector = "e", key = "e.pem" }}]
"""
    readers = [*zip(WELL, NAMES, strict=True), (UNKNOWN, ""), (GONE, "")]
    blocks = (
        f"[[subscribers]]\nemail = '{address}'\nname = '''{name}'''\nrules = ['{RULES.get(address, 'reward')}']\n"
        for address, name in readers
    )
    return head + "".join(blocks)


class Ran:
    """What a run over a real server left: its exit status and words, the store's rows, and the server."""

    def __init__(self, folder: Path, server: postfix.Postfix) -> None:
        self.folder, self.server = folder, server
        self.records = {
            f"{dkim.record_name(selector, 'example.org')}.".encode(): dkim.record(
                keys.make(folder / f"{selector}.pem", kind)  # type: ignore[arg-type]
            ).encode()
            for selector, kind in SIGNED_BY.items()
        }
        (folder / "digest.toml").write_text(config(server), "utf-8")
        listings = [
            paper(number, title=title, authors=["Mallory Quill"] if title.startswith("=?") else ["Ada Vireo"])
            for number, title in enumerate(HOSTILE.values(), 1)
        ]
        write(folder / "state" / "inbox" / f"{DAY} a.jsonl", *listings)
        self.run = self.digest("run", "--date", DAY, "--force", "--json")

    def digest(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        own = ["--config", str(self.folder / "digest.toml"), "--state", str(self.folder / "state")]
        command = [sys.executable, "-c", "from digest.cli import entry; entry()", *arguments, *own]
        return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)

    def verified(self, message: bytes) -> list[bool]:
        places = range(message.count(b"DKIM-Signature:"))

        def asked(name: bytes | str, timeout: int = 0) -> bytes | None:
            return self.records.get(name if isinstance(name, bytes) else name.encode())

        return [bool(verifier.DKIM(message).verify(idx=place, dnsfunc=asked)) for place in places]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    if why := postfix.lacking():
        assert not os.environ.get("CI"), f"{why}, and this test has to be run here"
        pytest.skip(why)
    mailboxes = dict.fromkeys((*WELL, SENDER), "") | {GONE: "gone:"}
    with postfix.running(mailboxes) as server:
        yield Ran(tmp_path_factory.mktemp("site"), server)


@pytest.fixture(params=WELL)
def message(ran: Ran, request: pytest.FixtureRequest) -> bytes:
    """Return a reader's message as it lies in their mailbox, its lines ended by CRLF as on the wire."""
    (found,) = ran.server.mail(request.param)
    assert b"\r" not in found, "a line end within a line"
    return found.replace(b"\n", b"\r\n")


def fields(message: bytes) -> list[tuple[str, bytes]]:
    """Return (name in lower case, value as it stands) of each header, by nothing but RFC 5322."""
    head = message.partition(b"\r\n\r\n")[0]
    parted = (line.partition(b":") for line in re.split(rb"\r\n(?![ \t])", head))
    return [(name.decode().lower(), value) for name, _, value in parted]


def shown(message: bytes, name: str) -> str:
    """Return a header as people see it: Python's parser of addresses puts spaces between encoded words."""
    (value,) = (value.decode() for known, value in fields(message) if known == name)
    return str(make_header(decode_header(value.strip())))


def parsed(message: bytes) -> EmailMessage:
    found = email.message_from_bytes(message, policy=email.policy.default)
    assert isinstance(found, EmailMessage)
    return found


def test_a_run_sends_to_all_but_the_unknown_reader_who_fails_alone(ran: Ran):
    assert ran.run.returncode == 1
    (complaint,) = (line for line in ran.run.stderr.splitlines() if line.startswith("digest: "))
    assert f"{UNKNOWN}: 550 5.1.1 <{UNKNOWN}>: Recipient address rejected: User unknown" in complaint
    listed = ran.digest("deliveries", "list", "--json").stdout
    states = dict(re.findall(r'"email": "([^"]+)".*?"state": "(\w+)"', listed, re.DOTALL))
    assert states.pop(GONE) in ("sent", "failed")  # by what came back, where that was read before
    assert states == dict.fromkeys(WELL, "sent") | {UNKNOWN: "failed"}


def test_each_reader_has_one_message(ran: Ran):
    assert [len(ran.server.mail(address)) for address in WELL] == [1, 1, 1]


def test_both_signatures_are_verified_by_another_program(ran: Ran, message: bytes):
    assert ran.verified(message) == [True, True]
    assert not any(ran.verified(message.replace(b"Subject: ", b"Subject: Not ")))


def test_no_line_is_longer_than_998_octets(message: bytes):
    assert max(map(len, message.split(b"\r\n"))) <= 998
    assert message.isascii()


def test_headers_that_may_occur_once_do(message: bytes):
    names = [name for name, _ in fields(message)]
    assert {name: names.count(name) for name in ONCE} == dict.fromkeys(ONCE, 1)
    assert {name: names.count(name) for name in NEVER} == dict.fromkeys(NEVER, 0)


def test_no_header_is_there_but_ours_and_those_of_the_server(message: bytes):
    ours = {*ONCE, "auto-submitted", "dkim-signature"}
    assert {name for name, _ in fields(message)} - ours == {"return-path", "x-original-to", "delivered-to", "received"}


def test_headers_of_lists_are_not_encoded(message: bytes):
    listed = {name: value for name, value in fields(message) if name.startswith("list-")}
    assert len(listed) == 3
    assert not any(b"=?" in value for value in listed.values())
    assert re.fullmatch(
        rb" <https://digest\.example\.org/unsubscribe/[\w.=-]+>, *<mailto:[!-=?-~]+>", listed["list-unsubscribe"]
    )
    assert listed["list-unsubscribe-post"] == b" List-Unsubscribe=One-Click"
    assert listed["list-id"].endswith(b"<digest.example.org>")


def test_the_message_is_read_as_what_was_meant(ran: Ran, message: bytes):
    found = parsed(message)
    sender, to = (shown(message, name) for name in ("from", "to"))
    assert sender == f"Søren's digest <{SENDER}>"
    name, _, address = to.rpartition(" ")
    assert address.strip("<>") in WELL
    assert name.strip('"').replace("\\", "") == " ".join(NAMES[WELL.index(address.strip("<>"))].split())
    assert re.search(r"papers? · ", found["Subject"])
    assert [part.get_content_type() for part in found.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(part.defects for part in found.walk())


def test_a_subject_that_looks_like_an_encoded_word_is_shown_as_it_is(ran: Ran):
    (message,) = ran.server.mail("grace@example.org")
    subject = shown(message.replace(b"\n", b"\r\n"), "subject")
    assert re.fullmatch(r"1 paper · =\?utf-8\?q\?=0ABcc:_evil@example\.org\?=…", subject)


@pytest.mark.parametrize("address", [address for address in WELL if address not in RULES])
def test_every_title_arrives_and_does_no_harm(ran: Ran, address: str):
    found = parsed(ran.server.mail(address)[0])
    text = re.sub(r"\s+", "", found.get_body(("plain",)).get_content())  # type: ignore[union-attr]
    html = found.get_body(("html",)).get_content()  # type: ignore[union-attr]
    meant = (
        "Bcc:evil@example.org",
        "MAILFROM:<evil@example.org>",
        ".Rewardmodels",
        "x" * 99,
        "報酬モデル🎁",
        "<script>",
    )
    assert [title for title in meant if title not in text] == []
    assert "<script" not in html
    assert "<b>Reward" not in html


def test_a_message_that_comes_back_is_read_and_fails_its_delivery(ran: Ran):
    (returned,) = ran.server.mail(SENDER)
    assert b"Status: 5.1.1" in returned
    said = ran.digest("bounces", "ingest", str(ran.server.root / "mail" / "digest"))
    assert GONE in said.stdout, said.stderr
    shown = ran.digest("deliveries", "show", GONE).stdout
    assert "failed" in shown
    again = ran.digest("bounces", "ingest", str(ran.server.root / "mail" / "digest"), "--json")
    assert '"known": 1' in again.stdout
