"""The parts of an entry that many messages share: rendered and transfer-encoded once, joined as often as needed."""

from __future__ import annotations

import binascii
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Literal

from digest.models import Entry, Paper, Spans
from digest.render.excerpt import excerpt
from digest.render.links import Link, links, own_address, title_link
from digest.render.papers import paper_view
from digest.render.templates import Templates
from digest.render.why import abstract_spans, followed
from digest.text import readable

Form = Literal["html", "txt"]
Kind = Literal["paper", "excerpt", "links"]
_KEPT: Final = 50_000  # fragments kept; about 40 MB


@dataclass(frozen=True, slots=True)
class Fragment:
    """Quoted-printable lines (RFC 2045, section 6.7), complete ones, and the octets that they stand for."""

    encoded: bytes
    size: int


def encoded(text: str) -> Fragment:
    """Return text in UTF-8 as quoted-printable lines with CRLF; a last line without its end gets one.

    As every fragment ends with a line, joining encoded fragments gives what encoding the joined texts would.
    """
    raw = text.encode("utf-8", "replace")
    if raw and not raw.endswith(b"\n"):
        raw += b"\n"
    lines = binascii.b2a_qp(raw, quotetabs=False, istext=True, header=False)
    return Fragment(lines.replace(b"\n", b"\r\n"), len(raw))


class Fragments:
    """Fragments by what they show: a paper at its revision, with whom a rule follows; an excerpt by its marks."""

    def __init__(self, templates: Templates, title_search: str) -> None:
        """Begin with nothing kept."""
        self._templates = templates
        self._search = title_search
        self._kept: dict[Hashable, Fragment] = {}

    def of(self, kind: Kind, form: Form, entry: Entry) -> Fragment:
        """Return one part of an entry in one form."""
        paper = entry.paper
        if kind == "paper":
            names = followed(entry.matches)
            return self._once((kind, form, paper.id, paper.revision, names), lambda: self._paper(form, paper, names))
        if kind == "excerpt":
            spans = abstract_spans(entry.matches)
            return self._once((kind, form, paper.id, paper.revision, spans), lambda: self._excerpt(form, paper, spans))
        return self._once((kind, form, paper.id, paper.revision), lambda: self._links(form, paper))

    def _once(self, key: Hashable, make: Callable[[], Fragment]) -> Fragment:
        fragment = self._kept.get(key)
        if fragment is None:
            if len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))  # the oldest: papers of past days
            fragment = self._kept[key] = make()
        return fragment

    def _paper(self, form: Form, paper: Paper, names: frozenset[str]) -> Fragment:
        view = paper_view(paper, names, self._search)
        return encoded(self._templates.render(f"email/paper.{form}", {"paper": view}))

    def _excerpt(self, form: Form, paper: Paper, spans: Spans) -> Fragment:
        pieces = excerpt(readable(paper.abstract or ""), spans)
        if not pieces:
            return encoded("\n" if form == "txt" else "")
        text = "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in pieces)
        return encoded(self._templates.render(f"email/excerpt.{form}", {"pieces": pieces, "text": text}))

    def _links(self, form: Form, paper: Paper) -> Fragment:
        found = links(paper)
        if form == "txt" and not own_address(paper.identifiers):  # where the title cannot be clicked
            found = (Link("Search", title_link(paper, self._search)), *found)
        if not found:
            return encoded("\n" if form == "txt" else "")
        return encoded(self._templates.render(f"email/links.{form}", {"links": found}))
