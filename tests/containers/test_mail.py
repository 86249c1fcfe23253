"""Mails and web archives: which texts are found in them, in which order, and what the mail says of them."""

from __future__ import annotations

import base64
import contextlib
import quopri
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP

import pytest
from bombs import mail_of
from hypothesis import given
from hypothesis import strategies as st
from reading import documents, listings, read

from digest import containers
from digest.archive import blob_of
from digest.containers import mail
from digest.containers.flowed import unflowed
from digest.errors import DumpError
from digest.models import Document, Listing, Remark

DUMP = """Get trending papers in your email inbox!

Weaving Patterns from Punched Cards

We describe a loom that weaves what its cards tell it, and measure how often it errs.

A Wheel for the Wind

Tides are told a year ahead by a train of wheels; none of them slips for a century.
"""
TITLES = ["Weaving Patterns from Punched Cards", "A Wheel for the Wind"]


def html_of(dump: str) -> str:
    return "<html><body>" + "".join(f"<p>{line}</p>\n" for line in dump.splitlines() if line) + "</body></html>"


def message(text: str | None = DUMP, html: str | None = None, **headers: str) -> EmailMessage:
    """Return a mail to nobody; headers are named with underscores."""
    made = EmailMessage(policy=SMTP)
    told = {"From": "Ada Lovelace <ada@example.org>", "To": "alan@example.org", "Subject": "Papers of the day"}
    told |= {"Date": "Sun, 14 Jun 2026 22:30:00 -0400"} | {k.replace("_", "-"): v for k, v in headers.items()}
    for name, value in told.items():
        made[name] = value
    if text is not None:
        made.set_content(text)
    if html is not None and text is not None:
        made.add_alternative(html, subtype="html")
    elif html is not None:
        made.set_content(html, subtype="html")
    return made


def titles(dump: bytes) -> list[str]:
    return [listing.title for listing in listings(dump)]


def texts(dump: bytes) -> list[str]:
    """Return the texts in a mail, in their order, each on one line."""
    return [" ".join(part.text.whole().split()) for part in mail.parts(blob_of(dump, "x.eml"))]


def only(dump: bytes) -> Document:
    (document,) = documents(dump)
    return document


def encoded(encoding: str, wrap: Callable[[bytes], bytes]) -> bytes:
    return mail_of(wrap(DUMP.encode()), more=f"Content-Transfer-Encoding: {encoding}\r\n")


FORMS = {
    "plain text": message().as_bytes(),
    "text and HTML": message(html=html_of(DUMP)).as_bytes(),
    "bare line feeds": message().as_bytes().replace(b"\r\n", b"\n"),
    "a byte-order mark": b"\xef\xbb\xbf" + message().as_bytes(),
    "a mailbox's line before": b"From ada@example.org Mon Jun 15 02:30:00 2026\n" + message().as_bytes(),
    "base64": encoded("base64", base64.encodebytes),
    "base64, cut": encoded("BASE64", lambda body: base64.b64encode(body)[:-3]),
    "base64 with blanks in it": encoded("base64", lambda body: base64.b64encode(body).replace(b"a", b"a \t!")),
    "quoted-printable": encoded("Quoted-Printable", quopri.encodestring),
    "an encoding that there is not": encoded("x-nobody", bytes),
    "no type": b"From: a@example.org\nDate: Mon, 15 Jun 2026 10:00:00 +0000\n\n" + DUMP.encode(),
    "a type that is none": mail_of(DUMP.encode(), kind="text"),
    "parts without a boundary": mail_of(DUMP.encode(), kind="multipart/mixed"),
    "a boundary that does not occur": mail_of(DUMP.encode(), kind='multipart/mixed; boundary="x"'),
    "a last part without its end": mail_of(b"--x\n\n" + DUMP.encode(), kind="multipart/mixed; boundary=x"),
    "blanks on the empty lines": message().as_bytes().replace(b"\r\n\r\n", b"\r\n  \r\n"),
    "text in pieces": mail_of(
        b"\r\n".join(
            b"--x\r\n\r\n" + piece.encode() for piece in DUMP.partition("A Wheel for the Wind\n") if piece.strip()
        ),
        kind="multipart/mixed; boundary=x",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_dump_in_a_mail_reads_as_without_it(form: str) -> None:
    assert titles(FORMS[form]) == TITLES
    (first, *_) = documents(FORMS[form])
    assert first.date in (date(2026, 6, 14), date(2026, 6, 15))
    assert first.container.startswith("mail, ")


def forwarded(*inner: EmailMessage, text: str = "See below.") -> bytes:
    outer = message(text)
    for mail_within in inner:
        outer.add_attachment(mail_within)
    return outer.as_bytes()


def test_the_best_form_comes_first_then_forwarded_mails_then_attached_files() -> None:
    made = message("As text.", html="<p>As HTML.</p>")
    made.add_attachment("A file.", filename="notes.txt")
    made.add_attachment(message("Forwarded."))
    assert texts(made.as_bytes()) == ["<p>As HTML.</p>", "As text.", "Forwarded.", "A file."]


def test_a_mail_forwarded_in_a_mail_has_its_own_date_and_subject() -> None:
    inner = message(DUMP, Date="Fri, 12 Jun 2026 08:00:00 +0000", Subject="The inner")
    outer, found = documents(forwarded(inner))
    assert (outer.date, outer.title) == (date(2026, 6, 14), "Papers of the day")
    assert (found.date, found.title) == (date(2026, 6, 12), "The inner")
    assert titles(forwarded(inner)) == TITLES


def test_of_several_dumps_in_a_mail_the_first_is_read_and_what_is_none_is_told() -> None:
    made = forwarded(message(DUMP, html=html_of(DUMP)), message(DUMP), message("Nothing is listed."), message(DUMP))
    events = list(read(made).events)
    told = [event.text for event in events if isinstance(event, Remark) and event.line == 0]
    assert told == ["attached mail 3: no layout recognises it"]
    assert [event.title for event in events if isinstance(event, Listing)] == TITLES


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("dump.txt", "text/plain"),
        ("dump.txt", "application/octet-stream"),
        ("DUMP.HTML", "application/x-anything"),
        ("", "text/markdown"),
        ("feed", "application/rss+xml"),
        ("dump.eml", "application/octet-stream"),
    ],
)
def test_an_attached_file_is_read_by_its_type_or_its_name(name: str, kind: str) -> None:
    data = message("Attached.").as_bytes() if name.endswith(".eml") else b"Attached."
    made = message("See there.")
    main, _, sub = kind.partition("/")
    made.add_attachment(data, main, sub, filename=name or None)
    assert texts(made.as_bytes()) == ["See there.", "Attached."]


def test_what_is_attached_and_not_read_is_named_where_there_is_nothing_else() -> None:
    made = message(None)
    made.add_attachment(b"\x00\x01", "application", "zip", filename="month.zip")
    with pytest.raises(DumpError, match=r"can be read, but 'month.zip' \(save what is attached"):
        documents(made.as_bytes())
    with pytest.raises(DumpError, match="there is no text in the mail"):
        documents(message("  ").as_bytes())


SAVED = (
    b"From: <Saved by Blink>\r\n"
    b"Snapshot-Content-Location: https://papers.example.org/daily?date=2026-06-14&sort=\r\n new\r\n"
    b"Subject: =?utf-8?Q?Daily=20Papers=20=E2=80=93=20Monday?=\r\n"
    b"Date: Mon, 15 Jun 2026 06:30:00 +0000\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----MultipartBoundary--a1----"\r\n\r\n\r\n'
    b"------MultipartBoundary--a1----\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
    b"Content-Location: https://papers.example.org/logo.png\r\n\r\niVBORw0KGgo=\r\n"
    b"------MultipartBoundary--a1----\r\nContent-Type: text/html\r\nContent-ID: <frame-1@mhtml.blink>\r\n"
    b"Content-Transfer-Encoding: quoted-printable\r\nContent-Location: https://papers.example.org/daily\r\n\r\n"
    + quopri.encodestring(html_of(DUMP).replace("loom", "lööm").encode())
    + b"\r\n------MultipartBoundary--a1----\r\nContent-Type: text/css\r\n\r\np { color: red }\r\n"
    b"------MultipartBoundary--a1----\r\nContent-Type: text/html\r\nContent-Location: cid:frame-2\r\n\r\n"
    b"<p>A frame.</p>\r\n"
    b"------MultipartBoundary--a1------\r\n"
)
ROOTED = SAVED.replace(b'type="text/html";', b'type="text/html";\r\n\tstart="<frame-1@mhtml.blink>";')
BY_IE = (
    b"From: <Saved by Microsoft Internet Explorer 5>\nSubject: Daily Papers\nDate: Mon, 15 Jun 2026 08:30:00 +0200\n"
    b'MIME-Version: 1.0\nContent-Type: multipart/related;\n\tboundary="----=_NextPart_0";\n\ttype="text/html"\n\n'
    b"This is a multi-part message in MIME format.\n\n------=_NextPart_0\nContent-Type: text/html;\n"
    b'\tcharset="Windows-1252"\nContent-Transfer-Encoding: 8bit\n'
    b"Content-Location: https://papers.example.org/daily?date=2026-06-14&sort=new\n\n"
    + html_of(DUMP).replace("loom", "lööm").encode("cp1252")
    + b"\n------=_NextPart_0--\n"
)


WEB_ARCHIVES = {"Chrome": ROOTED, "its page not the first part": SAVED, "Internet Explorer": BY_IE}


@pytest.mark.parametrize("saved", WEB_ARCHIVES.values(), ids=WEB_ARCHIVES)
def test_a_web_archive_is_the_page_that_was_saved(saved: bytes) -> None:
    page = mail.parts(blob_of(saved, "x.mhtml"))[0]
    assert page.container == "web archive"
    assert page.address == "https://papers.example.org/daily?date=2026-06-14&sort=new"
    assert page.date == date(2026, 6, 15)
    assert page.title.startswith("Daily Papers")
    assert "a lööm that weaves" in page.text.whole()
    assert titles(saved) == TITLES


def test_pictures_and_styles_of_a_web_archive_are_left_and_frames_come_after_the_page() -> None:
    first, frame = texts(ROOTED)
    assert first.startswith("<html>")
    assert frame == "<p>A frame.</p>"


@pytest.mark.parametrize(
    ("charset", "body", "wanted"),
    [
        pytest.param("iso-8859-1", "Zoë".encode("latin-1"), "Zoë", id="as declared"),
        pytest.param("iso-8859-1", "Zoë".encode(), "Zoë", id="declared wrongly"),
        pytest.param("iso-8859-1", b"\x93Zo\xeb\x94", "“Zoë”", id="windows-1252 by another name"),
        pytest.param("us-ascii", "Zoë is here".encode("cp1252"), "Zoë is here", id="not ASCII at all"),
        pytest.param("iso-2022-jp", "紋様".encode("iso-2022-jp"), "紋様", id="seven bits"),
        pytest.param("utf-7", "Zoë".encode("utf-7"), "Zoë", id="UTF-7"),
        pytest.param("no-such-thing", "Zoë".encode(), "Zoë", id="declared as nothing"),
        pytest.param("zip", b"Zoe", "Zoe", id="declared as no text"),
    ],
)
def test_a_part_is_decoded_as_declared_unless_that_is_wrong(charset: str, body: bytes, wanted: str) -> None:
    assert texts(mail_of(body, kind=f"text/plain; charset={charset}")) == [wanted]


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("Sun, 14 Jun 2026 23:59:59 -1100", date(2026, 6, 14)),
        ("14 Jun 26 10:00 GMT", date(2026, 6, 14)),
        ("yesterday", None),
        ("Sun, 31 Feb 2026 10:00:00 +0000", None),
        ("Thu, 1 Jan 1970 00:00:00 +0000", None),
        ("", None),
        ("x" * 5000, None),
    ],
)
def test_the_date_is_the_senders_day_and_nothing_where_it_cannot_be_read(told: str, wanted: date | None) -> None:
    raw = message().as_bytes().replace(b"Sun, 14 Jun 2026 22:30:00 -0400", told.encode())
    assert only(raw).date == wanted


def test_without_a_date_the_day_that_it_came_in_on_counts() -> None:
    raw = message().as_bytes().replace(b"Date: Sun, 14", b"Received: by mx.example.org; Sun, 14")
    assert only(raw).date == date(2026, 6, 14)


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("=?utf-8?B?TMO2w7Zt?= and =?iso-8859-1?Q?l=F6=F6m?=", "Lööm and lööm"),
        ("=?utf-8?q?=0ABcc:_alan=40example.org?=", "Bcc: alan@example.org"),
        ("=?no-such?q?x?= =?utf-8?b?%%%?=", "x"),
        ("bare lööm", "bare lööm"),
        ("a\x1b[2Jb", "a[2Jb"),
    ],
)
def test_the_subject_is_a_line_without_controls(told: str, wanted: str) -> None:
    title = only(message().as_bytes().replace(b"Papers of the day", told.encode())).title
    assert title.startswith(wanted)


NOT_MAILS = {
    "a mailing without its header": "-" * 70 + "\nSubmissions to:\n\nFrom: x\nTo: y\n",
    "BibTeX": "@article{a,\n  title = {From: to},\n}\n",
    "RIS": "TY  - JOUR\nTI  - A Title\nER  - \n",
    "one header": "Subject: what a page may begin with\n\nText.\n",
    "prose": "Title: A Loom\nAuthors: Ada Lovelace\n\nText.\n",
    "headers and then text": "From: a\nTo: b\nand so it goes on.\n\nText.\n",
    "JSON": '{"from": "a", "to": "b"}\n',
}


@pytest.mark.parametrize("text", NOT_MAILS.values(), ids=NOT_MAILS)
def test_what_is_no_mail_is_not_taken_for_one(text: str) -> None:
    assert not mail.is_mail(text.encode())


def test_a_mail_with_a_long_way_behind_it_is_one() -> None:
    way = "".join(
        f"Received: from {n}.example.org\r\n\tby mx; Sun, 14 Jun 2026 22:30:00 -0400\r\n" for n in range(1100)
    )
    raw = way.encode() + message().as_bytes()
    assert mail.is_mail(raw[: mail.SNIFFED])
    assert titles(raw) == TITLES


FLOWED = "A title \nover two lines\n\n> quoted \n> on\n>> deeper\n-- \nAda\n From here\n"


def test_flowed_text_has_a_line_for_each_paragraph() -> None:
    wanted = "A title over two lines\n\n> quoted on\n>> deeper\n-- \nAda\nFrom here\n"
    assert unflowed(FLOWED, delete_space=False) == wanted
    assert texts(mail_of(FLOWED.encode(), kind="text/plain; format=flowed")) == [" ".join(wanted.split())]
    assert unflowed("紋 \n様", delete_space=True) == "紋様"


@given(st.lists(st.text(st.characters(codec="ascii", exclude_characters="\n\r >"), max_size=8), max_size=8))
def test_text_without_soft_ends_flows_as_it_is(lines: list[str]) -> None:
    assert unflowed("\n".join(lines), delete_space=False).split("\n") == (lines or [""])


SOUP = [
    b"From: a\r\n",
    b"\r\n",
    b"\n",
    b"--x\n",
    b"--x--\n",
    b"text\n",
    b"\xff\xfe",
    b"=?utf-8?q?",
    b"?=",
    b"Content-Type: multipart/mixed; boundary=x\n",
    b"Content-Type: message/rfc822\n",
    b"Content-Type: text/html\n",
    b"Content-Transfer-Encoding: base64\n",
    b"Content-Disposition: attachment; filename*=utf-8''",
    b"Content-Type: text/plain; charset=",
    b"; boundary*0=x; boundary*1*=y\n",
    b"Subject: ",
    b"Date: ",
    b"a.txt",
    b"utf-16\n",
]


@given(st.lists(st.sampled_from(SOUP)))
def test_any_mail_is_read_or_refused(pieces: list[bytes]) -> None:
    raw = b"From: a\nTo: b\nDate: Mon, 15 Jun 2026 10:00:00 +0000\n" + b"".join(pieces)
    with contextlib.suppress(DumpError):
        assert documents(raw)


@pytest.mark.parametrize(
    ("parts", "wanted"), [(101, "more than 100 texts"), (9, "pages in it are longer than .* in all")]
)
def test_a_mail_of_more_than_anybody_attaches_is_refused(
    monkeypatch: pytest.MonkeyPatch, parts: int, wanted: str
) -> None:
    monkeypatch.setattr(containers, "MOST_MARKUP", 1 << 12)
    part = b"--b\r\nContent-Type: text/html\r\nContent-Disposition: attachment\r\n\r\n" + b"<p>A line.</p>\r\n" * 36
    with pytest.raises(DumpError, match=wanted):
        documents(mail_of(part * parts + b"--b--\r\n", kind="multipart/mixed; boundary=b"))
