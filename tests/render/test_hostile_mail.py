"""Texts made for harm, by the thousand, in every place of a message: our headers alone, strict lines, whole MIME.

What goes out is read twice: by the standard library, and by the few lines of ``strict``, which forgive nothing.
"""

from __future__ import annotations

import email
import email.policy
import quopri
import random
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from invented_edition import ENVELOPE, edition, match, paper

from digest.models import Edition, Entry, Envelope, Hit, Identifiers, Match, PageNote, Rule
from digest.render import Renderer
from digest.settings import Settings
from digest.text import readable

OURS = [
    *("From", "To", "Subject", "Date", "Message-ID", "List-Id", "List-Unsubscribe", "List-Unsubscribe-Post"),
    *("Auto-Submitted", "MIME-Version", "Content-Type"),
]
PIECES = (
    "\r\nBcc: evil@example.com\r\n",
    "\nSubject: other",
    "\rX: y",
    "\r\n\r\n<p>body",
    "\r\n.\r\nMAIL FROM:<x@y>\r\n",
    "=?utf-8?q?=0D=0ABcc:_evil@example.com?=",
    "=?utf-8?b?DQpCY2M6IGV2aWxAZXhhbXBsZS5jb20=?=",
    "=?utf-8?q?=0A?= =?utf-8?q?Bcc:_x?=",
    "--=_",
    "\r\n--=_0\r\nContent-Type: text/html\r\n\r\n",
    "=0D=0A",
    "=\r\n",
    "=",
    ".",
    "\x00",
    "\x000\x00",
    "\x0012\x00\n",
    "\x0b\x0c\x1c\x1d\x1e\x85",
    "\u2028\u2029",
    "\u202e\u2066",
    "\ud800",
    "\ufffe\uffff",
    "\U000e0001",
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick='",
    "<!--[if mso]>",
    "]]>",
    "{{ 7 * 7 }}",
    "{% raw %}",
    "javascript:alert(1)",
    "https://example.org/\r\nX: y",
    'https://example.org/"onclick=',
    '"quoted" \\',
    "<a@b>, c@d",
    "a;b:c,d",
    "(comment",
    "$\\frac{1}{2}$",
    "\\newline{}",
    "Ω" * 40,
    "日本語",
    "a\u0301" * 30,
    "👩‍👩‍👧‍👦",
    "w" * 1200,
    " " * 90,
    "\t",
    "plain words",
)


def hostile(chance: random.Random) -> str:
    """Return up to six pieces in a row, and now and then any characters at all."""
    text = "".join(chance.choices(PIECES, k=chance.randint(1, 6)))
    if chance.random() < 0.3:
        text += "".join(chr(chance.randrange(0x2FF if chance.random() < 0.7 else 0x110000)) for _ in range(12))
    return text


def attacked(number: int, text: Callable[[], str]) -> tuple[Edition, Envelope]:
    """Return an edition with two papers, and its envelope, where all that comes from outside is hostile."""
    papers = [
        replace(
            paper(number * 2 + place),
            revision=10 + number,
            title=text(),
            abstract=text(),
            authors=(text(), text()),
            categories=(text(),),
            venue=text(),
            links=(text(),),
            identifiers=Identifiers(text(), text(), text()),
        )
        for place in (0, 1)
    ]
    hits = (
        Hit(text(), "abstract", ((0, max(1, len(readable(papers[0].abstract or "")) // 2)),)),
        Hit(text(), "author", (), papers[0].authors[0]),
    )
    first = Entry(papers[0], (Match(text(), True, False, 1.0, hits), match(papers[1], text(), named=False)))
    made = edition(
        0,
        entries=(first, Entry(papers[1], (match(papers[1], text()),), older=number % 2 == 0)),
        rules=(Rule(text(), text()),),
        exclude=(text(),),
        topics=((text(), text()),),
        pages=(PageNote(text(), text(), edition(0).date, 1),),
        added_by=text(),
        title=text(),
    )
    return made, replace(ENVELOPE, to_name=text(), browser_url=text(), list_id=f"{text()[:60]} <digest.example.org>")


def strict(raw: bytes) -> tuple[dict[str, str], list[tuple[str, bytes]]]:
    """Return the header fields and the (type, decoded body) of the parts; fails where a byte is out of place."""
    lines = raw.split(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line or len(line) > 998 for line in lines)
    assert lines.pop() == b""
    fields = fields_of(lines)
    boundary = re.fullmatch(r'multipart/alternative; boundary="(=_[0-9a-f]{32})"', fields["Content-Type"])
    assert boundary is not None
    mark = f"--{boundary[1]}".encode()
    assert [line for line in lines if line.startswith(b"--=_")] == [mark, mark, mark + b"--"]
    assert lines.pop() == mark + b"--"
    assert lines.pop(0) == mark
    middle = lines.index(mark)
    return fields, [part_of(lines[:middle]), part_of(lines[middle + 1 :])]


def fields_of(lines: list[bytes]) -> dict[str, str]:
    """Take the lines of a head, up to the empty one; no field stands twice, none is empty."""
    fields: dict[str, str] = {}
    name = ""
    while line := lines.pop(0).decode("ascii"):
        assert re.fullmatch(r"[ -~]*[!-~][ -~]*", line)
        if line.startswith(" "):
            fields[name] += line
        else:
            name, _, value = line.partition(": ")
            assert re.fullmatch(r"[A-Za-z-]+", name)
            assert name not in fields
            fields[name] = value
    return fields


def part_of(lines: list[bytes]) -> tuple[str, bytes]:
    fields = fields_of(lines)
    assert set(fields) == {"Content-Type", "Content-Transfer-Encoding"}
    assert fields["Content-Transfer-Encoding"] == "quoted-printable"
    # RFC 2045, section 6.7: at most 76 characters; "=" before two hexadecimal digits or at the end; no space there.
    form = re.compile(rb"(?:[ -<>-~\t]|=[0-9A-F]{2})*(?:(?<=[!-~])|=)?")
    assert all(len(line) <= 76 and form.fullmatch(line) for line in lines)
    assert not any(line.endswith((b" ", b"\t")) for line in lines)
    return fields["Content-Type"], quopri.decodestring(b"\r\n".join(lines))


TAGS = re.compile(r"<(?!!DOCTYPE html>|!--\[if mso\]>|!\[endif\]-->)/?([A-Za-z!][^\s/>]*)")
KNOWN = re.compile("html|head|meta|title|style|body|div|table|tr|td|p|h[123]|a|b|i|span|br|mark")


def check(made: Edition, envelope: Envelope) -> None:
    raw = RENDERER.message(made, envelope)
    fields, parts = strict(raw)
    assert list(fields) == OURS
    assert [kind for kind, _ in parts] == ['text/plain; charset="utf-8"', 'text/html; charset="utf-8"']
    library = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.get_content_type() for part in library.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert not any(part.defects for part in library.walk())
    assert library.keys() == OURS
    assert library["To"].addresses[0].addr_spec == "reader@example.org"
    assert library["From"].addresses[0].addr_spec == "digest@example.org"
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", "".join(str(value) for value in library.values()))
    for (_, body), part in zip(parts, library.iter_parts(), strict=True):
        assert part.get_payload(decode=True).rstrip(b"\r\n") == body.rstrip(b"\r\n")
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", body.decode())
    page = parts[1][1].decode()
    assert all(KNOWN.fullmatch(tag) for tag in TAGS.findall(page))
    assert all(re.match(r"(?:https?://|mailto:)[!-~]+$", link) for link in re.findall(r'href="([^"]*)"', page))


RENDERER = Renderer(Settings())
TEXTS = 18  # titles, names and rules in one message, at the least; about as many other texts come on top


def attack(seed: int, texts: int) -> None:
    chance = random.Random(seed)
    for number in range(-(-texts // TEXTS)):
        check(*attacked(seed * 1_000_000 + number, lambda: hostile(chance)))


@pytest.mark.parametrize("seed", range(4))
def test_two_thousand_hostile_texts_stay_text(seed: int) -> None:
    attack(seed, 500)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(10, 20))
def test_a_hundred_thousand_hostile_texts_stay_text(seed: int) -> None:
    attack(seed, 10_000)


@pytest.mark.parametrize("piece", PIECES, ids=range(len(PIECES)))
def test_each_piece_in_every_place_at_once_stays_text(piece: str) -> None:
    check(*attacked(900_000_000 + PIECES.index(piece), lambda: piece))
