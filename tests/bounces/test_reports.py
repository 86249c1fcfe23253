"""What messages that came back report: samples of many servers, each with what it must be read as beside it."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import bounces
from digest.errors import DigestError

SAMPLES = sorted((Path(__file__).parent / "samples").glob("*.eml"))
POSTFIX, QMAIL, VACATION, YAHOO = (
    (Path(__file__).parent / "samples" / f"{name}.eml").read_bytes()
    for name in ("postfix-unknown-user", "qmail-unknown-user", "vacation", "yahoo-complaint")
)
OURS = "<20260615.17.mzxw6ytboi2dmnzqha4tgnrxgy@example.org>"


def as_wire(data: bytes) -> bytes:
    return data.replace(b"\n", b"\r\n")


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_a_sample_is_read_as_what_lies_beside_it(sample: Path):
    golden = json.loads(sample.with_suffix(".golden.json").read_text("utf-8"))
    for data in (sample.read_bytes(), as_wire(sample.read_bytes())):
        assert json.loads(json.dumps(asdict(bounces.read(data)))) == golden


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.stem)
def test_every_sample_but_one_names_our_message(sample: Path):
    """Amazon SES puts a Message-ID of its own into messages; there the return path has to tell."""
    report = bounces.read(sample.read_bytes())
    assert (OURS in report.message_ids) == (not sample.stem.startswith("ses-"))
    if report.kind in ("failed", "delayed", "delivered"):
        assert any(address.startswith("bounces+41.") for address in report.return_paths)


def test_the_message_returned_goes_before_what_is_answered():
    later = POSTFIX.replace(b"Auto-Submitted:", b"References: <first@x> <last@x>\nAuto-Submitted:")
    assert bounces.read(later).message_ids == (OURS, "<last@x>", "<first@x>")


def test_what_is_said_of_an_address_is_not_said_of_another():
    report = bounces.read((SAMPLES[0].parent / "two-recipients.eml").read_bytes())
    found = {address: report.about(address) for address in ("ADA@example.com", "ada-at-home@example.net", "x@y")}
    assert {address: one.action if one else None for address, one in found.items()} == {
        "ADA@example.com": "delivered",
        "ada-at-home@example.net": "failed",
        "x@y": None,
    }


def test_a_forwarded_address_stands_for_the_one_we_wrote_to():
    one = bounces.read(POSTFIX).about("somebody.else@example.org")
    assert one is not None
    assert one.meaning == "hard"


ODD = {
    "nothing": (b"", "other"),
    "a line": (b"hello", "other"),
    "a server's message without a writer": (b"Return-Path: <>\n\n550 5.1.1 user unknown", "other"),
    "a postmaster's answering machine": (
        b"Return-Path: <>\nFrom: postmaster@x.org\nSubject: Automatic reply\n\n550 are open\n",
        "auto-reply",
    ),
    "no head": (b"\n\n5.1.1 user unknown", "other"),
    "an answering machine that leaves the return path empty": (VACATION, "auto-reply"),
    "an address that is empty": (QMAIL.replace(b"<ada@example.com>:", b"<>:"), "failed"),
    "words of a person about errors": (b"From: a@b.c\n\n550 5.1.1 user unknown\n", "other"),
    "a report without a recipient": (
        POSTFIX.replace(b"Final-Recipient", b"X").replace(b"Original-R", b"X"),
        "failed",
    ),
    "a report cut off in its fields": (POSTFIX[: POSTFIX.index(b"Remote-MTA")], "failed"),
    "a feedback type that a machine tells": (YAHOO.replace(b"Type: abuse", b"Type: auth-failure"), "other"),
    "a bare line end in a field": (POSTFIX.replace(b"Action: failed", b"Action: fai\rled"), "failed"),
    "an action with a comment": (POSTFIX.replace(b"Action: failed", b"Action: Failed (really)"), "failed"),
    "no action, but a status": (POSTFIX.replace(b"Action: failed\n", b""), "failed"),
    "a mailbox's line before it": (b"From MAILER-DAEMON Mon Jun 15 07:00:05 2026\n" + POSTFIX, "failed"),
}


@pytest.mark.parametrize(("data", "kind"), ODD.values(), ids=ODD)
def test_odd_messages_are_of_a_kind_too(data: bytes, kind: str):
    assert bounces.read(data).kind == kind


def test_controls_do_not_come_out():
    report = bounces.read(POSTFIX.replace(b"User unknown in", b"User \x1b[31m\x00unknown\x07 in"))
    assert report.recipients[0].diagnostic.isprintable()
    assert report.note.isprintable()


# ---- made for harm


def deep(levels: int) -> bytes:
    parts = [b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(levels)]
    return b"From: MAILER-DAEMON@x\n" + b"".join(parts)


HARMFUL = {
    "parts a thousand deep": deep(1000),
    "ten thousand parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 10_000,
    "a head that does not end": b"X: y\n" * 200_000,
    "one field of a megabyte": b"X: " + b"y" * 2**20 + b"\n\nz",
}


@pytest.mark.parametrize("data", HARMFUL.values(), ids=HARMFUL)
def test_more_than_messages_have_is_refused_in_a_line(data: bytes):
    with pytest.raises(DigestError) as refused:
        bounces.read(data)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 100


def test_of_thousands_of_recipients_the_first_are_read_and_the_others_counted():
    block = b"Final-Recipient: rfc822; ada@example.com\nAction: failed\nStatus: 5.1.1\n"
    many = POSTFIX.replace(b"Final-Recipient", b"\n".join([block] * 3000) + b"\nFinal-Recipient", 1)
    report = bounces.read(many)
    assert len(report.recipients) == 1000
    assert "2,001 recipients more, not read" in report.note


@pytest.mark.parametrize(
    "line",
    [b"a" * 10**6, b"@" * 10**5, b"<" * 10**5, b"a@" * 10**5, b" " * 10**6, b"5." * 10**5, b"recipient " * 10**5],
    ids=lambda line: repr(line[:10]),
)
def test_long_lines_cost_no_more_than_short_ones(line: bytes):
    """Every phrase that flufl.bounce knows before it, so that all its patterns are at work; it would take minutes."""
    phrases = b"\n".join([b"the following addresses had", b"Your message to:", b"failed addresses follow:"] * 10)
    for data in (b"From: MAILER-DAEMON@x\n\n" + phrases + b"\n" + line, POSTFIX.replace(b"550 5.1.1", line, 1)):
        assert bounces.read(data).kind in ("failed", "delayed", "other")


@pytest.mark.parametrize("line", [b"a:\n", b"To:a@b\n", b"References: <a@b>\n"], ids=repr)
def test_the_same_header_again_and_again_costs_no_more_than_others(line: bytes):
    begun = time.process_time()
    bounces.read(line * (128 * 1024 // len(line) - 1) + b"\nText")
    assert time.process_time() - begun < 0.6


pieces = st.sampled_from(
    [
        *(line + b"\n" for line in (POSTFIX + QMAIL + VACATION + YAHOO).split(b"\n")),
        *(b"\x00", b"\xff", b"=?utf-8?b?", b"\r", b"\n\n", b"--", b"Content-Transfer-Encoding: base64\n"),
        *(b"Content-Type: message/rfc822\n", b"Content-Type: multipart/report; boundary=\n", b"charset*=x'y'z"),
    ]
)


@given(st.lists(pieces | st.binary(max_size=20), max_size=60).map(b"".join))
def test_whatever_comes_is_read_or_refused(data: bytes):
    try:
        report = bounces.read(data)
    except DigestError:
        return
    assert report.note.isprintable()
    assert all(one.diagnostic.isprintable() for one in report.recipients)


@given(st.sampled_from(SAMPLES), st.data())
def test_a_broken_sample_is_read_or_refused(sample: Path, draw: st.DataObject):
    data = bytearray(sample.read_bytes())
    for _ in range(draw.draw(st.integers(1, 5))):
        at = draw.draw(st.integers(0, len(data) - 1))
        data[at : at + draw.draw(st.integers(0, 40))] = draw.draw(st.binary(max_size=5))
    try:
        assert bounces.read(bytes(data)).kind
    except DigestError as refused:
        assert "\n" not in str(refused)  # noqa: PT017 (either will do)
