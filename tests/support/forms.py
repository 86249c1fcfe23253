"""A text dump in the forms that people save the same page in: wrapped, quoted, Markdown-like, HTML, mail, packed.

Everything is made from the dump's own lines, each of them a block; ``titles`` tells which of them are headings.
"""

from __future__ import annotations

import gzip
import io
import re
import tarfile
import textwrap
import zipfile
from collections.abc import Callable, Collection, Iterable
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from html import escape
from quopri import encodestring

import html2text

WHEN = "Mon, 15 Jun 2026 07:00:00 +0000"


def wrapped(text: str, width: int = 80, *, hyphens: bool = True, indent: str = "") -> str:
    """Return each line wrapped, as a browser's "save as text" and terminals do it."""
    lines: list[str] = []
    for line in text.splitlines():
        wrapper = textwrap.TextWrapper(
            width, break_on_hyphens=hyphens, initial_indent=indent, subsequent_indent=indent, drop_whitespace=True
        )
        lines += wrapper.wrap(line) or [""]
    return "\n".join(lines) + "\n"


def quoted(text: str) -> str:
    """Return a text as it stands in an answer to it."""
    return "".join(f"> {line}".rstrip() + "\n" for line in text.splitlines())


def paragraphs(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


def heading(number: int, title: str, *, links: bool) -> str:
    inner = f'<a href="/papers/2606.{number:05}">{escape(title)}</a>' if links else escape(title)
    return f"<h3>{inner}</h3>"


def body(text: str, titles: Collection[str], *, links: bool) -> str:
    """Return a page's body: a heading for each title, a paragraph for every other line."""
    made: list[str] = []
    for number, line in enumerate(paragraphs(text), 1):
        glued = re.match(r"Subscribe(?=\S)", line)
        if glued and line[glued.end() :] in titles:
            made.append("<button>Subscribe</button>")
            line = line[glued.end() :]
        made.append(heading(number, line, links=links) if line in titles else f"<p>{escape(line, quote=False)}</p>")
    return "\n".join(made)


def html(text: str, titles: Collection[str] = (), *, links: bool = True) -> str:
    """Return a dump as a web page."""
    return (
        '<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>A page of papers</title>'
        "<style>h3 { margin: 0 }</style><script>var papers = 12;</script></head>\n"
        f"<body><main>\n{body(text, titles, links=links)}\n</main></body></html>\n"
    )


def markdown(text: str, titles: Collection[str] = (), *, links: bool = True) -> str:
    """Return a dump as html2text prints its page."""
    return html2text.html2text(html(text, titles, links=links))


_OPENING = re.compile(r"[\d.]{0,6}[A-Za-z.-]{0,12}(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d.{0,12}")
NAVIGATION = '<nav><a href="/">Home</a><a href="/models">Models</a></nav>'


def cards(text: str, titles: Collection[str]) -> tuple[list[str], list[list[str]]]:
    """Return the lines of a dump's head, and those of each listing, which begins with its title or with its date."""
    found: list[list[str]] = [[]]
    for line in paragraphs(text):
        if line.startswith("Subscribe") and line[9:] in titles:
            found[-1].append("Subscribe")
            line = line[9:]
        dated = len(found[-1]) == 1 and _OPENING.fullmatch(found[-1][0])
        if _OPENING.fullmatch(line) or (line in titles and not dated):
            found.append([])
        found[-1].append(line)
    return found[0], found[1:]


def page_of_cards(text: str, titles: Collection[str], style: str, *, links: bool = True) -> str:
    """Return a page with navigation whose listings are items, definitions or rows."""
    head, listed = cards(text, titles)
    made = [NAVIGATION, *(f"<p>{escape(line)}</p>" for line in head)]
    for number, lines in enumerate(listed):
        made.append(STYLES[style]([_cell(line, number, line in titles, style, links=links) for line in lines]))
    return f"<html><body>{''.join(made)}</body></html>"


def _cell(line: str, number: int, is_title: bool, style: str, *, links: bool) -> str:
    """Return the element for one line of a listing."""
    inner = escape(line, quote=False)
    if is_title and links:
        inner = f'<a href="https://example.org/papers/2606.{number:05}">{inner}</a>'
    if style == "definitions":
        return f"<dt>{inner}</dt>" if is_title else f"<dd>{inner}</dd>"
    if style == "items" and is_title and "&" not in line:  # html2text puts a blank before an entity in bold type
        inner = f"<b>{inner}</b>"
    return f"<tr><td>{inner}</td></tr>" if style == "rows" else f"{inner}<br>"


STYLES: dict[str, Callable[[list[str]], str]] = {
    "items": lambda cells: f"<ul><li>{''.join(cells)}</li></ul>",
    "definitions": lambda cells: f"<dl>{''.join(cells)}</dl>",
    "rows": lambda cells: f"<table>{''.join(cells)}</table>",
    "lines": "".join,
}


def markdown_of_cards(text: str, titles: Collection[str], style: str, *, width: int = 78, links: bool = True) -> str:
    """Return such a page as html2text prints it; ``width`` 0: without wrapping it."""
    printer = html2text.HTML2Text(bodywidth=width)
    return printer.handle(page_of_cards(text, titles, style, links=links))


def linked_cards(text: str, titles: Collection[str]) -> str:
    """Return a page whose listings are links as wholes, as Turndown and older html2text print it."""
    head, listed = cards(text, titles)
    made = ["[Home](/)[Models](/models)", *head]
    for number, lines in enumerate(listed):
        inner = [f"### {line}" if line in titles else line for line in lines]
        made += ["[", *(textwrap.fill(line, 78) for line in inner), f"](https://example.org/papers/2606.{number:05})"]
    return "\n\n".join(made).replace(")\n\n[\n", ")[\n") + "\n"


def mhtml(text: str, titles: Collection[str] = ()) -> bytes:
    """Return a dump as browsers save a "web page, single file"."""
    message = MIMEMultipart("related", type="text/html")
    message["From"] = "<Saved by Blink>"
    message["Snapshot-Content-Location"] = "https://papers.example.org/daily"
    message["Subject"] = "A page of papers"
    message["Date"] = WHEN
    message.attach(_printable(html(text, titles), "html", "https://papers.example.org/daily"))
    style = MIMENonMultipart("text", "css")
    style["Content-Location"] = "cid:css-1@mhtml.blink"
    style.set_payload("h3 { margin: 0 }")
    message.attach(style)
    return message.as_bytes().replace(b"\n", b"\r\n")


def _printable(text: str, kind: str, address: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part["Content-Location"] = address
    part.set_payload(encodestring(text.encode()).decode("ascii"))
    return part


def mail(text: str, encoding: str = "quoted-printable", html_too: str = "") -> bytes:
    """Return a dump as a mail that was saved."""
    message = EmailMessage()
    message["From"] = "Ada Lovelace <ada@example.org>"
    message["To"] = "papers@example.org"
    message["Subject"] = "Fwd: A page of papers"
    message["Date"] = WHEN
    message.set_content(text, cte=encoding)
    if html_too:
        message.add_alternative(html_too, subtype="html", cte=encoding)
    return message.as_bytes()


def attached(dump: bytes, name: str) -> bytes:
    """Return a mail that a dump is attached to."""
    message = EmailMessage()
    message["From"] = "Ada Lovelace <ada@example.org>"
    message["Subject"] = "Today's papers"
    message["Date"] = WHEN
    message.set_content("See the attached file.\n")
    message.add_attachment(dump, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def zipped(dump: bytes, name: str) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, dump)
    return held.getvalue()


def tarred(dump: bytes, name: str) -> bytes:
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(dump)
        archive.addfile(member, io.BytesIO(dump))
    return held.getvalue()


PACKED: dict[str, Callable[[bytes, str], bytes]] = {
    "gzip": lambda dump, name: gzip.compress(dump),
    "zip": zipped,
    "tar.gz": tarred,
}
"""Forms of any dump whatever."""

WRAPPED: dict[str, Callable[[str], str]] = {
    "wrapped at 80": wrapped,
    "wrapped at 72, hyphens whole": lambda text: wrapped(text, 72, hyphens=False),
    "wrapped at 100": lambda text: wrapped(text, 100),
    "wrapped at 76, quoted": lambda text: quoted(wrapped(text, 76)),
    "wrapped at 80, indented": lambda text: wrapped(text, indent="   "),
}
"""Forms of text that show none of the page's links."""

LINKED: dict[str, Callable[[str, Collection[str]], str | bytes]] = {
    "html2text": markdown,
    "html2text of a page without links": lambda text, titles: markdown(text, titles, links=False),
    "html2text of a page without headings": lambda text, titles: markdown(text),
    "html2text of items": lambda text, titles: markdown_of_cards(text, titles, "items"),
    "html2text of items, unwrapped": lambda text, titles: markdown_of_cards(text, titles, "items", width=0),
    "html2text of items without links": lambda text, titles: markdown_of_cards(text, titles, "items", links=False),
    "html2text of definitions": lambda text, titles: markdown_of_cards(text, titles, "definitions"),
    "html2text of definitions, unwrapped": lambda text, titles: markdown_of_cards(text, titles, "definitions", width=0),
    "html2text of rows": lambda text, titles: markdown_of_cards(text, titles, "rows"),
    "html2text of rows, unwrapped": lambda text, titles: markdown_of_cards(text, titles, "rows", width=0),
    "html2text of lines": lambda text, titles: markdown_of_cards(text, titles, "lines"),
    "Markdown with links around cards": linked_cards,
    "HTML": html,
    "HTML without links": lambda text, titles: html(text, titles, links=False),
    "HTML without headings": lambda text, titles: html(text),
    "MHTML": mhtml,
    "a mail, text and HTML": lambda text, titles: mail(text, html_too=html(text, titles)),
    "a mail, text alone": lambda text, titles: mail(text),
    "a mail, base64": lambda text, titles: mail(text, "base64"),
    "a mail, wrapped and quoted": lambda text, titles: mail(quoted(wrapped(text, 76)), "8bit"),
}
"""Forms that may show more than the text dump does, or are made with the page's headings."""


FORMS = [*WRAPPED, *LINKED, *PACKED]


def in_form(form: str, text: str, titles: Iterable[str]) -> bytes:
    """Return a text dump in the form of that name."""
    if form in PACKED:
        return PACKED[form](text.encode(), "2026-06-15 dump.txt")
    made = WRAPPED[form](text) if form in WRAPPED else LINKED[form](text, frozenset(titles))
    return made if isinstance(made, bytes) else made.encode()
