"""What goes over the wire: our header lines and nobody else's, lines within limits, the same octets every time."""

from __future__ import annotations

import binascii
import email
import email.policy
import re
from dataclasses import replace
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from invented_edition import BARE, ENVELOPE, edition, match, paper

from digest.errors import DigestError
from digest.models import Edition, Entry, Envelope, Identifiers
from digest.render import Renderer
from digest.render.fragments import encoded
from digest.render.mime import checked_head
from digest.settings import Settings

OURS = [
    b"From",
    b"To",
    b"Subject",
    b"Date",
    b"Message-ID",
    b"List-Id",
    b"List-Unsubscribe",
    b"List-Unsubscribe-Post",
    b"Auto-Submitted",
    b"MIME-Version",
    b"Content-Type",
]
RENDERER = Renderer(Settings())

HOSTILE = {
    "a new header": "Hello\r\nBcc: evil@example.com\r\n\r\nbody",
    "an encoded word with a line end": "=?utf-8?q?=0ABcc:_evil@example.com?=",
    "a base64 word with a line end": "=?utf-8?b?CkJjYzogZXZpbEBleGFtcGxlLmNvbQ==?=",
    "an encoded word in pieces": "=?utf-8?q?=0D?= =?utf-8?q?=0ABcc:_x?=",
    "control characters": "a\x00b\x0bc\x1bd\x7fe\x85f\u2028g",
    "a lone surrogate": "a\ud800b",
    "HTML": '<script>alert(1)</script>"><img src=x onerror=alert(1)>',
    "a template": "{{ 7 * 7 }}{% raw %}",
    "our slots": "\x000\x00",
    "right to left": "\u202eטקסט\u202c עברי ומסוכן",
    "a boundary": "--=_0000",
    "quotes": 'a "quoted" \\ name, <x@y>',
    "fifty kilobytes": "word " * 10_000,
    "fifty kilobytes without a space": "Ω" * 50_000,
    "TeX": "$\\frac{" * 5_000,
}


def wire(given: Edition, envelope: Envelope = ENVELOPE) -> bytes:
    return RENDERER.message(given, envelope)


def lines(raw: bytes) -> list[bytes]:
    return raw.split(b"\r\n\r\n", 1)[0].split(b"\r\n")


def names(raw: bytes) -> list[bytes]:
    return [line.split(b":")[0] for line in lines(raw) if not line.startswith(b" ")]


def read(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert all(not part.defects for part in message.walk())
    return message


def titled(text: str) -> Edition:
    found = paper(0, title=text, abstract=text, authors=(text,), categories=(text,), venue=text, links=(text,))
    found = replace(found, identifiers=Identifiers(text, text, text))
    entry = Entry(found, (replace(match(paper(1)), rule=text),))
    made = edition(0, entries=(entry,), added_by=text, exclude=(text,), topics=((text, text),))
    return replace(made, waiting=((9, text),))


def checked(raw: bytes) -> EmailMessage:
    """Return the message after the checks that hold for every one."""
    assert names(raw) == OURS
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert raw.isascii()
    message = read(raw)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(str(value) for value in message.values()))
    return message


def test_the_headers_are_ours_and_each_stands_once() -> None:
    message = checked(wire(edition(3)))
    assert message["From"] == "Paper digest <digest@example.org>"
    assert message["To"] == "Mara Lindqvist <reader@example.org>"
    assert message["Date"] == "Tue, 16 Jun 2026 07:00:00 +0000"
    assert message["Message-ID"] == ENVELOPE.message_id
    assert message["List-Id"] == "Paper digest <digest.example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert {part["Content-Transfer-Encoding"] for part in message.iter_parts()} == {"quoted-printable"}


def test_one_click_needs_https() -> None:
    message = read(wire(edition(1)))
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert str(message["List-Unsubscribe"]) == (
        "<https://digest.example.org/unsubscribe/abc.def>, <mailto:digest@example.org?subject=unsubscribe%207>"
    )
    by_mail = read(wire(edition(1), BARE))
    assert str(by_mail["List-Unsubscribe"]) == "<mailto:digest@example.org?subject=unsubscribe%207>"
    assert by_mail["List-Unsubscribe-Post"] is None
    plain = read(wire(edition(1), replace(ENVELOPE, unsubscribe_url="http://digest.example.org/u/x")))
    assert "<http://digest.example.org/u/x>" in str(plain["List-Unsubscribe"])
    assert plain["List-Unsubscribe-Post"] is None


def test_a_long_unsubscribe_address_is_never_encoded_nor_too_long() -> None:
    url = "https://digest.example.org/unsubscribe/" + "a" * 700
    mail = "mailto:digest@example.org?subject=" + "b" * 300
    raw = wire(edition(1), replace(ENVELOPE, unsubscribe_url=url, unsubscribe_mailto=mail))
    checked(raw)
    head = raw.split(b"\r\n\r\n")[0]
    assert f"<{url}>".encode() in head
    assert f"<{mail}>".encode() in head


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    message = checked(wire(titled(text), replace(ENVELOPE, to_name=text)))
    page = message.get_body(("html",))
    assert page is not None
    content = str(page.get_content())
    assert "<script" not in content
    assert "onerror=alert(1)>" not in content
    assert "\x00" not in content
    assert all(re.match(r"(https?|mailto):", link) for link in re.findall(r'href="([^"]*)"', content))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_subject_is_read_back_as_the_text_that_it_was(text: str) -> None:
    message = checked(wire(titled(text)))
    assert str(message["Subject"]).startswith("1 paper · ")
    if text.startswith("=?"):
        assert "=?utf-8?" in str(message["Subject"])  # shown as it was written, decoded by nobody


@settings(max_examples=40)
@given(st.text(max_size=60), st.text(alphabet=st.characters(max_codepoint=0x2FF, categories=None), max_size=60))
def test_any_title_and_name_give_our_headers_alone(title: str, name: str) -> None:
    message = checked(wire(titled(title), replace(ENVELOPE, to_name=name)))
    assert message["To"].addresses[0].addr_spec == "reader@example.org"


NAMES = [
    "Mara Lindqvist",
    'Mara "M." O\'Neill',
    "Lindqvist, Mara",
    "Márá Lindqvist",
    "マラ" * 40,
    "a" * 200,
    "a <b@c>",
    "(x)",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_read_back_as_it_was(name: str) -> None:
    to = read(wire(edition(1), replace(ENVELOPE, to_name=name)))["To"]
    # Python 3.11 puts a space between adjacent encoded words of a name, which RFC 2047, section 6.2, forbids.
    assert to.addresses[0].display_name.replace(" ", "") == name.replace(" ", "")
    assert to.addresses[0].addr_spec == "reader@example.org"


REFUSED = {
    "no address": {"to": "nobody"},
    "two addresses": {"to": "a@example.org, b@example.org"},
    "an address with a header": {"to": "a@example.org\r\nBcc: b@example.org"},
    "a broken sender": {"sender": "Paper digest <digest@example.org>\r\nBcc: b@example.org"},
    "a broken message id": {"message_id": "<a@b>\r\nBcc: b@example.org"},
    "an empty list": {"list_id": "Paper digest"},
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=REFUSED)
def test_an_envelope_that_cannot_stand_on_the_wire_is_refused_in_one_line(change: dict[str, str]) -> None:
    with pytest.raises(DigestError) as refused:
        wire(edition(1), replace(ENVELOPE, **change))
    assert "\n" not in str(refused.value)


def test_an_international_address_keeps_its_local_part_and_gets_an_ascii_domain() -> None:
    raw = wire(edition(1), replace(ENVELOPE, to="jürgen@müller.example", to_name=""))
    assert "\r\nTo: jürgen@xn--mller-kva.example\r\n".encode() in raw


def test_the_list_identifier_is_never_encoded() -> None:
    raw = wire(edition(1), replace(ENVELOPE, list_id="Bücher & Café =?utf-8?q?x?= <digest.example.org>"))
    assert b"\r\nList-Id: Bucher & Cafe utf-8 q x <digest.example.org>\r\n" in raw.replace(b"=?", b"").replace(
        b"?=", b""
    )
    assert b"=?" not in next(line for line in lines(raw) if line.startswith(b"List-Id"))


def test_the_same_edition_gives_the_same_octets() -> None:
    given_edition = edition(12, older=3, waiting=2)
    assert wire(given_edition) == Renderer(Settings()).message(given_edition, ENVELOPE)
    other = wire(given_edition, replace(ENVELOPE, message_id="<other@digest.example.org>"))
    assert read(other).get_boundary() != read(wire(given_edition)).get_boundary()


@given(
    st.lists(
        st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\r"), max_size=120), max_size=6
    )
)
def test_joined_fragments_equal_the_whole_encoded(texts: list[str]) -> None:
    whole = "".join(text if text.endswith("\n") or not text else text + "\n" for text in texts)
    joined = b"".join(encoded(text).encoded for text in texts)
    assert joined == encoded(whole).encoded
    at_once = binascii.b2a_qp(whole.encode(), quotetabs=False, istext=True, header=False)
    assert joined == at_once.replace(b"\n", b"\r\n")
    assert binascii.a2b_qp(joined).decode().replace("\r\n", "\n") == whole
    assert sum(encoded(text).size for text in texts) == len(whole.encode())
    assert all(len(line) <= 76 for line in joined.split(b"\r\n"))


def test_fragments_are_rendered_once_however_many_messages_share_them() -> None:
    renderer = Renderer(Settings())
    shared = edition(8)
    for number in range(20):
        renderer.message(shared, replace(ENVELOPE, to=f"reader{number}@example.org"))
    assert renderer.counts["email/paper.html"] == renderer.counts["email/paper.txt"] == 8
    assert renderer.counts["email/excerpt.html"] == renderer.counts["email/excerpt.txt"] == 8
    assert renderer.counts["email/message.html"] == renderer.counts["email/message.txt"] == 20


def test_a_revision_a_followed_name_and_other_marks_make_fragments_of_their_own() -> None:
    renderer = Renderer(Settings())
    found = paper(1)
    plain = edition(0, entries=(Entry(found, (match(found),)),))
    revised = edition(0, entries=(Entry(replace(found, revision=2, title="Revised"), (match(found),)),))
    unmarked = edition(0, entries=(Entry(found, (replace(match(found), hits=()),)),))
    for given_edition in (plain, revised, unmarked):
        renderer.message(given_edition, ENVELOPE)
    assert renderer.counts["email/paper.html"] == 2
    assert renderer.counts["email/excerpt.html"] == 3
    assert b"Revised" in renderer.message(revised, ENVELOPE)


INJECTED = {
    "a header": ("Subject", "a\r\nBcc: evil@example.com"),
    "a bare line feed": ("Subject", "a\nBcc: evil@example.com"),
    "a bare carriage return": ("Subject", "a\rBcc: evil@example.com"),
    "an empty line": ("Subject", "a\r\n\r\nbody"),
    "a folded line of nothing": ("Subject", "a\r\n "),
    "too long a line": ("Subject", "a" * 999),
    "nothing": ("Subject", ""),
}


@pytest.mark.parametrize("header", INJECTED.values(), ids=INJECTED)
def test_the_last_check_lets_no_line_out_that_is_not_ours(header: tuple[str, str]) -> None:
    with pytest.raises(DigestError, match=r"message to 'reader@example\.org'"):
        checked_head([("From", "a@example.org"), header], "reader@example.org")
