"""The mail that tells the operator of troubles: plain text, made without templates, since one may be the trouble."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.render.mime import plain_message
from digest.render.words import shown, turned
from digest.render.wrap import wrapped
from digest.text import counted, printable, shortened, single_spaced

_MOST = 20  # lines of a kind
_LONGEST = 500  # characters of a line


@dataclass(frozen=True, slots=True)
class Notice:
    """What an operator is told, by whom; ``standing`` and ``over`` are (text, since when, ISO 8601 in UTC)."""

    site: str
    sender: str  # "Name <address>"
    to: str
    message_id: str
    date: datetime
    new: tuple[str, ...]
    standing: tuple[tuple[str, str], ...]
    over: tuple[tuple[str, str], ...]
    well: bool  # nothing stands any more, and something did


def notice(about: Notice) -> bytes:
    """Return the message, ready for the wire; raises DigestError for an address that cannot stand there."""
    text = "\n".join(_lines(about)) + "\n"
    return plain_message(about.sender, about.to, about.message_id, about.date, _subject(about), text)


def _subject(about: Notice) -> str:
    site, troubles = shown(about.site), len(about.new) + len(about.standing)
    if not troubles:
        return f"{site}: all is well again" if about.well else f"{site}: a trouble is over"
    return (
        f"{site}: {counted(len(about.new), 'new trouble')}" if about.new else f"{site}: {counted(troubles, 'trouble')}"
    )


def _lines(about: Notice) -> Iterator[str]:
    yield from _part("New:", about.new)
    yield from _part("Still so:", [f"{text} (since {_time(since)})" for text, since in about.standing])
    yield from _part("Over:", [f"{text} (since {_time(since)})" for text, since in about.over])
    if about.well:
        yield from ("All is well again." if not about.new else "All else is well again.", "")
    told = "digest status tells more. Such a mail comes when something is new, and at most every six hours."
    yield wrapped(told)


def _part(heading: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield heading
        yield from _items(texts[:_MOST])
        if len(texts) > _MOST:
            yield f"- and {len(texts) - _MOST:,} more"
        yield ""


def _items(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        yield wrapped(shortened(single_spaced(turned(printable(text))), _LONGEST), "- ", "  ")


def _time(instant: str) -> str:
    """Return an instant as in "2026-06-15 07:00 UTC"."""
    return f"{instant[:10]} {instant[11:16]} UTC"
