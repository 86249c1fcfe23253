"""The two bodies of a mail: a personal frame with shared fragments in it, kept to a size that is shown whole."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Final

from markupsafe import Markup

from digest.models import Edition, Entry, Envelope
from digest.render.fragments import Form, Fragment, Fragments, Kind, encoded
from digest.render.links import web_address
from digest.render.outline import Limits, Outline, outline
from digest.render.templates import Templates, markup
from digest.render.words import shown
from digest.settings import Settings

HTML_LIMIT: Final = 90_000  # octets; Gmail hides what comes after about 102 KB behind a link
_MOST_FULL, _MOST_LINES = 100, 450  # more never fit: an entry takes 1,000 octets and a title line 200, styles alone
_SLOT = re.compile(r"\x00(\d+)\x00\n?")  # no text from outside holds a NUL: shown() takes them out


@dataclass(frozen=True, slots=True)
class Body:
    """One body as quoted-printable lines, and its size decoded (octets)."""

    encoded: bytes
    size: int


class Mails:
    """Writes bodies; keeps the fragments that they share."""

    def __init__(self, settings: Settings, templates: Templates) -> None:
        """Read what does not change from mail to mail."""
        self._settings = settings
        self._templates = templates
        self._fragments = Fragments(templates, settings.site.title_search)
        self._head_style = markup(templates.source("email/head.css").strip())

    def bodies(self, edition: Edition, envelope: Envelope) -> tuple[Outline, Body, Body]:
        """Return the outline and its text and HTML bodies; the HTML decides how much both show."""
        limits = Limits(full=min(self._settings.editions.full_items, _MOST_FULL), lines=_MOST_LINES)
        while True:
            laid_out = outline(edition, limits, self._settings.site.title_search)
            html = self._body("html", laid_out, envelope)
            if html.size <= HTML_LIMIT or not any((limits.full, limits.lines, limits.older)):
                return laid_out, self._body("txt", laid_out, envelope), html
            limits = _fewer(limits, laid_out, html.size)

    def _body(self, form: Form, laid_out: Outline, envelope: Envelope) -> Body:
        placed: list[Fragment] = []

        def slot(kind: Kind, entry: Entry) -> Markup:
            placed.append(self._fragments.of(kind, form, entry))
            return markup(f"\x00{len(placed) - 1}\x00")

        frame = self._templates.render(f"email/message.{form}", self._context(laid_out, envelope) | {"slot": slot})
        parts = _SLOT.split(frame)
        pieces = [encoded(part) if n % 2 == 0 else placed[int(part)] for n, part in enumerate(parts)]
        return Body(b"".join(piece.encoded for piece in pieces), sum(piece.size for piece in pieces))

    def _context(self, laid_out: Outline, envelope: Envelope) -> dict[str, object]:
        links = replace(envelope, browser_url=web_address(envelope.browser_url))
        return {
            "outline": laid_out,
            "envelope": links,
            "site": shown(self._settings.site.title),
            "to": shown(envelope.to),
            "unsubscribe": web_address(envelope.unsubscribe_url) or mailto(envelope.unsubscribe_mailto),
            "head_style": self._head_style,
        }


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
