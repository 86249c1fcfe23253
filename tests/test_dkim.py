"""DKIM: what is signed is verified by another program, and what was changed on the way is not."""

from __future__ import annotations

import base64
import functools
import re
from datetime import UTC, datetime

import dkim as verifier
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from digest import dkim

AT = datetime(2026, 6, 16, 7, 0, tzinfo=UTC)
MESSAGE = b"".join(
    line + b"\r\n"
    for line in (
        b"From: Paper digest <digest@example.org>",
        b"To: reader@example.org",
        b"Subject: =?utf-8?b?NyBwYXBlcnM=?=",
        b" =?utf-8?b?IMK3IExvb21z?=",
        b"Date: Tue, 16 Jun 2026 07:00:00 +0000",
        b"Message-ID: <1.abc@example.org>",
        b"List-Id: Paper digest <digest.example.org>",
        b"List-Unsubscribe: <https://digest.example.org/unsubscribe/x>, <mailto:digest@example.org>",
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click",
        b"Auto-Submitted: auto-generated",
        b"MIME-Version: 1.0",
        b'Content-Type: text/plain; charset="utf-8"',
        b"",
        b"A  line \t with runs of white space, and some at its end \t ",
        b"",
        b"  Another line.",
        b"",
        b"",
    )
)


@functools.cache
def private(kind: str) -> dkim.PrivateKey:
    return Ed25519PrivateKey.generate() if kind == "ed25519" else rsa.generate_private_key(65537, 2048)


def signer(*kinds: str) -> dkim.Signer:
    return dkim.Signer("example.org", [dkim.Key(kind, private(kind)) for kind in kinds])


def verified(message: bytes, place: int = 0) -> bool:
    """Ask another program, which finds the keys where the DNS would have them."""
    records = {
        dkim.record_name(kind, "example.org") + ".": dkim.record(private(kind)).encode() for kind in ("rsa", "ed25519")
    }

    def asked(name: bytes | str, timeout: int = 0) -> bytes | None:
        return records.get(name.decode() if isinstance(name, bytes) else name)

    try:
        return bool(verifier.DKIM(message).verify(idx=place, dnsfunc=asked))
    except verifier.DKIMException:
        return False


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
def test_a_signed_message_is_verified_by_another_program(kind: str):
    signed = signer(kind).signed(MESSAGE, AT)
    assert signed.endswith(MESSAGE)
    assert signed.count(b"DKIM-Signature:") == 1
    assert verified(signed)


def test_each_key_makes_a_signature_that_stands_by_itself():
    signed = signer("rsa", "ed25519").signed(MESSAGE, AT)
    assert re.findall(rb"a=([\w-]+);", signed) == [b"rsa-sha256", b"ed25519-sha256"]
    assert verified(signed, 0)
    assert verified(signed, 1)


CHANGES = {
    "a word of the body": (b"Another", b"An other"),
    "a word that is put behind the body": (b"line.\r\n", b"line. More.\r\n"),
    "the subject": (b"NyBwYXBlcnM=", b"OCBwYXBlcnM="),
    "the date": (b"16 Jun", b"17 Jun"),
    "the sender": (b"Paper digest <digest@example.org>\r\nTo", b"Bank <digest@example.org>\r\nTo"),
    "whom it is to": (b"To: reader", b"To: another"),
    "the Message-ID": (b"<1.abc", b"<2.abc"),
    "where to unsubscribe": (b"digest.example.org/unsubscribe", b"evil.example.org/unsubscribe"),
    "the one click": (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Clicks"),
    "no one click at all": (b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n", b""),
    "the list": (b"digest.example.org>\r\nList-Uns", b"other.example.org>\r\nList-Uns"),
    "the type": (b"text/plain", b"text/html"),
}


@pytest.mark.parametrize("kind", ["rsa", "ed25519"])
@pytest.mark.parametrize(("old", "new"), CHANGES.values(), ids=CHANGES)
def test_a_message_that_was_changed_is_not_verified(kind: str, old: bytes, new: bytes):
    signed = signer(kind).signed(MESSAGE, AT)
    assert signed.count(old) == 1
    assert not verified(signed.replace(old, new))


@pytest.mark.parametrize(
    "added",
    [
        b"From: evil@example.org",
        b"Subject: You have won",
        b"To: others@example.org",
        b"Cc: others@example.org",
        b"Reply-To: evil@example.org",
        b"Date: Wed, 17 Jun 2026 07:00:00 +0000",
        b"Content-Type: text/html",
        b"Content-Transfer-Encoding: base64",
    ],
    ids=lambda line: line.partition(b":")[0].decode(),
)
def test_a_header_that_was_put_in_front_breaks_the_signature(added: bytes):
    assert not verified(added + b"\r\n" + signer("ed25519").signed(MESSAGE, AT))


def test_what_mail_servers_do_on_the_way_leaves_the_signature_whole():
    signed = signer("rsa", "ed25519").signed(MESSAGE, AT)
    on_the_way = (
        (b"Subject: =?utf-8?b?NyBwYXBlcnM=?=\r\n ", b"SUBJECT:   =?utf-8?b?NyBwYXBlcnM=?=\r\n\t  "),
        (b"white space, and", b"white \t space, and"),
        (b" \t \r\n", b"\r\n"),
    )
    for old, new in on_the_way:
        assert signed.count(old) == 1
        signed = signed.replace(old, new)
    received = b"Return-Path: <digest@example.org>\r\nReceived: from a by b;\r\n\tTue, 16 Jun 2026 07:00:01 +0000\r\n"
    assert verified(received + signed + b"\r\n\r\n", 0)
    assert verified(received + signed + b"\r\n\r\n", 1)


def test_the_signature_says_who_when_and_how():
    head = re.sub(rb"\r\n ", b"", signer("rsa").headers(MESSAGE, AT)).decode()
    tags = dict(tag.strip().split("=", 1) for tag in head.removeprefix("DKIM-Signature: ").split(";"))
    assert list(tags) == ["v", "a", "c", "d", "s", "t", "h", "bh", "b"]
    assert (tags["c"], tags["d"], tags["s"], tags["t"]) == ("relaxed/relaxed", "example.org", "rsa", "1781593200")
    names = tags["h"].split(":")
    assert names.count("from") == 2  # once more than it occurs
    assert names.count("reply-to") == 1
    assert {"list-unsubscribe", "list-unsubscribe-post", "list-id", "date", "message-id", "content-type"} < set(names)


@pytest.mark.parametrize("domain", ["example.org", ".".join(["d" * 60] * 4)])
def test_the_signatures_lines_are_short_and_nothing_but_ascii(domain: str):
    made = dkim.Signer(domain, [dkim.Key("s" * 60, private("rsa"))]).headers(MESSAGE, AT)
    assert made.endswith(b"\r\n")
    assert max(map(len, made.split(b"\r\n"))) < 400
    assert all(line.startswith((b"DKIM-Signature: ", b" ")) for line in made.removesuffix(b"\r\n").split(b"\r\n"))
    assert re.fullmatch(rb"[\r\n -~]+", made)


def test_the_same_message_at_the_same_moment_is_signed_by_the_same_octets():
    assert signer("rsa", "ed25519").signed(MESSAGE, AT) == signer("rsa", "ed25519").signed(MESSAGE, AT)


@pytest.mark.parametrize(
    ("body", "canonical"),
    [
        pytest.param(b"", b"", id="nothing"),
        pytest.param(b"\r\n\r\n", b"", id="blank lines alone"),
        pytest.param(b" \r\n\t\r\n", b"", id="white space alone"),
        pytest.param(b"a", b"a\r\n", id="no line end"),
        pytest.param(b"a \t", b"a\r\n", id="white space and no line end"),
        pytest.param(b" C \r\nD \t E\r\n\r\n\r\n", b" C\r\nD E\r\n", id="the example of RFC 6376, section 3.4.5"),
        pytest.param(b"a\r\n\r\nb\r\n", b"a\r\n\r\nb\r\n", id="a blank line between"),
    ],
)
def test_a_body_has_one_canonical_form(body: bytes, canonical: bytes):
    assert dkim.relaxed_body(body) == canonical


@given(st.lists(st.sampled_from([b" ", b"\t", b"\r\n", b"a", b"=20", b".", b"    "]), max_size=40).map(b"".join))
def test_the_canonical_form_is_that_of_another_program(body: bytes):
    assert dkim.relaxed_body(body) == verifier.canonicalization.Relaxed.canonicalize_body(
        body if body.endswith(b"\r\n") else body + b"\r\n"
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["From", "Subject", "X-Other", "List-Id", "To"]),
            st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        ),
        max_size=8,
    ),
    st.sampled_from([b"", b"x\r\n", b"\r\n \r\n"]),
)
def test_whatever_the_headers_are_the_signature_is_verified(headers: list[tuple[str, str]], body: bytes):
    head = b"".join(f"{name}: {value}\r\n".encode() for name, value in [("From", "a@example.org"), *headers])
    assert verified(signer("ed25519").signed(head + b"\r\n" + body, AT))


# --- Keys ----------------------------------------------------------------------------------------


def pem(key: rsa.RSAPrivateKey | Ed25519PrivateKey | ec.EllipticCurvePrivateKey, form: str = "PKCS8") -> bytes:
    shape = getattr(serialization.PrivateFormat, form)
    return key.private_bytes(serialization.Encoding.PEM, shape, serialization.NoEncryption())


@pytest.mark.parametrize(("kind", "form"), [("rsa", "PKCS8"), ("rsa", "TraditionalOpenSSL"), ("ed25519", "PKCS8")])
def test_a_key_is_read_in_every_usual_form(kind: str, form: str):
    assert dkim.record(dkim.private_key(pem(private(kind), form))) == dkim.record(private(kind))


def locked() -> bytes:
    password = serialization.BestAvailableEncryption(b"hidden")
    return private("ed25519").private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, password)


def public() -> bytes:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return private("ed25519").public_key().public_bytes(serialization.Encoding.PEM, form)


@pytest.mark.parametrize(
    ("make", "what"),
    [
        pytest.param(lambda: b"", "holds no private key in PEM form", id="empty"),
        pytest.param(lambda: b"\xff\x00" * 99, "holds no private key in PEM form", id="no text"),
        pytest.param(lambda: pem(private("rsa"))[:400], "holds no private key in PEM form", id="cut off"),
        pytest.param(public, "holds a public key", id="public"),
        pytest.param(locked, "has a password, and there is nobody to ask for it", id="locked"),
        pytest.param(
            lambda: pem(rsa.generate_private_key(65537, 1024)),
            "has 1024 bits, where 2048 to 4096 are of use",
            id="short",
        ),
        pytest.param(
            lambda: pem(ec.generate_private_key(ec.SECP256R1())),
            "is neither an RSA nor an Ed25519 key",
            id="another kind",
        ),
    ],
)
def test_what_is_no_key_to_sign_with_is_refused_in_words(make, what: str):
    with pytest.raises(ValueError, match=f"^{re.escape(what)}$"):
        dkim.private_key(make())


def test_a_record_holds_the_public_half_as_each_kind_wants_it():
    der = base64.b64decode(dkim.record(private("rsa")).partition("p=")[2])
    assert serialization.load_der_public_key(der).public_numbers() == private("rsa").public_key().public_numbers()
    assert len(base64.b64decode(dkim.record(private("ed25519")).partition("p=")[2])) == 32
    assert dkim.record(private("ed25519")).startswith("v=DKIM1; k=ed25519; p=")
