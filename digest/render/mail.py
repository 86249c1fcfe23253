"""The two bodies of a mail: a personal frame with shared parts in it, kept to a size that is shown whole."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from digest.models import Edition, Envelope
from digest.render.fragments import Form, Fragments, Part, encoded
from digest.render.links import web_address
from digest.render.outline import Item, Limits, Lines, Outline, outline
from digest.render.papers import TitleLine, TitleLines
from digest.render.silent import WiderInWords
from digest.render.templates import Templates, markup
from digest.render.why import Why, asked
from digest.render.words import shown
from digest.settings import Settings

HTML_LIMIT: Final = 90_000  # octets; Gmail hides what comes after about 102 KB behind a link
_MOST_FULL, _MOST_LINES = 100, 450  # more never fit: an entry takes 1,000 octets and a title line 200, styles alone
_MARK = re.compile(r"\x00(\d+)\x00\n?")  # no text from outside holds a NUL: shown() takes them out


@dataclass(frozen=True, slots=True)
class Body:
    """One body as pieces of quoted-printable lines, and its size decoded (octets)."""

    pieces: list[bytes]
    size: int


@dataclass(slots=True)  # not frozen: made for each message, in half the time
class MailItem:
    """One entry as the frame places it: marks for the parts that are put in afterwards, and the personal why."""

    paper: Markup
    excerpt: Markup
    links: Markup
    why: Why | None


@dataclass(slots=True)
class MailSection:
    """A section as the frame places it."""

    title: str
    note: str
    items: list[MailItem]


@dataclass(slots=True)
class MailWider:
    """A wider rule as the frame places it: in words, and the titles that it would have brought."""

    rule: WiderInWords
    titles: MailLines


@dataclass(slots=True)
class MailLines:
    """A list of title lines as the frame places it: the marks of all, how many they are, how many are left out."""

    lines: Markup
    count: int
    more: int


class Mails:
    """Writes bodies; keeps the parts that they share."""

    def __init__(self, settings: Settings, templates: Templates) -> None:
        """Read what does not change from mail to mail."""
        self._settings = settings
        self._templates = templates
        self._fragments = Fragments(templates, settings.site.title_search)
        self._lines = TitleLines(settings.site.title_search)
        self._head_style = markup(templates.source("email/head.css").strip())

    @property
    def encodings(self) -> Counter[str]:
        """How often a part was transfer-encoded, by its template."""
        return self._fragments.encodings

    def bodies(self, edition: Edition, envelope: Envelope) -> tuple[Outline, Body, Body]:
        """Return the outline and its text and HTML bodies; the HTML decides how much both show."""
        limits = Limits(full=min(self._settings.editions.full_items, _MOST_FULL), lines=_MOST_LINES)
        while True:
            laid_out = outline(edition, limits, self._lines)
            placed: list[Part] = []
            context = self._context(laid_out, envelope, placed)
            html = self._body("html", context, placed)
            if html.size <= HTML_LIMIT or not any((limits.full, limits.lines, limits.older)):
                return laid_out, self._body("txt", context, placed), html
            limits = _fewer(limits, laid_out, html.size)

    def _body(self, form: Form, context: dict[str, object], placed: list[Part]) -> Body:
        frame = _MARK.split(self._templates.render(f"email/message.{form}", context))
        found = [part.html if form == "html" else part.txt for part in placed]
        fragments = [found[int(text)] if at % 2 else encoded(text) for at, text in enumerate(frame) if text]
        return Body([part.encoded for part in fragments], sum([part.size for part in fragments]))

    def _context(self, laid_out: Outline, envelope: Envelope, placed: list[Part]) -> dict[str, object]:
        """Return what the frames show; ``placed`` gets the parts that its marks stand for, in the marks' order."""

        def mark(part: Part) -> Markup:
            placed.append(part)
            return _mark(len(placed) - 1)

        return {
            "outline": laid_out,
            "contents": _marked(laid_out.contents, self._fragments.content, mark),
            "sections": [
                MailSection(part.title, part.note, [self._item(item, mark) for item in part.items])
                for part in laid_out.sections
            ],
            "also": self._list(laid_out.also, mark),
            "older": self._list(laid_out.older, mark),
            "wider": self._wider(laid_out.still_here.wider, mark) if laid_out.still_here else [],
            "browser_url": web_address(envelope.browser_url),
            "site": shown(self._settings.site.title),
            "to": shown(envelope.to),
            "unsubscribe": web_address(envelope.unsubscribe_url) or mailto(envelope.unsubscribe_mailto),
            "head_style": self._head_style,
        }

    def _item(self, item: Item, mark: Callable[[Part], Markup]) -> MailItem:
        paper, parts = item.entry.paper, self._fragments
        names, spans = asked(item.entry.matches)
        return MailItem(
            mark(parts.paper(paper, names)), mark(parts.excerpt(paper, spans)), mark(parts.links(paper)), item.why
        )

    def _wider(self, found: Iterable[WiderInWords], mark: Callable[[Part], Markup]) -> list[MailWider]:
        return [MailWider(rule, self._list(Lines(rule.lines, rule.more), mark)) for rule in found]

    def _list(self, found: Lines, mark: Callable[[Part], Markup]) -> MailLines:
        return MailLines(_marked(found.lines, self._fragments.line, mark), len(found.lines), found.more)


def _marked(lines: Iterable[TitleLine], part: Callable[[TitleLine], Part], mark: Callable[[Part], Markup]) -> Markup:
    """Return the marks of lines, each on a line of its own."""
    return markup("\n".join([mark(part(line)) for line in lines]))


_MARKS: Final = [markup(f"\x00{number}\x00") for number in range(_MOST_FULL * 4 + _MOST_LINES * 2)]


def _mark(number: int) -> Markup:
    return _MARKS[number] if number < len(_MARKS) else markup(f"\x00{number}\x00")


def mailto(address: str) -> str:
    """Return a mailto: address of printable ASCII without angle brackets and spaces, else ""."""
    full = address if not address or address.startswith("mailto:") else f"mailto:{address}"
    return full if re.fullmatch(r"mailto:[!-;=?-~]+", full) else ""


def _fewer(limits: Limits, laid_out: Outline, size: int) -> Limits:
    """Return smaller limits: full entries become title lines first, then lists are cut."""
    if laid_out.full:
        each = size // laid_out.full
        return replace(limits, full=max(0, laid_out.full - max(1, (size - HTML_LIMIT) // each)))
    kept = min(0.9, HTML_LIMIT / size)
    return replace(
        limits, lines=int(min(limits.lines, len(laid_out.also.lines)) * kept), older=int(limits.older * kept)
    )
