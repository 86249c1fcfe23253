"""The troubles that an operator should hear of, as they are now: dumps, pages, sources, sending."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from digest.archive.aside import SUFFIX, read_note
from digest.errors import StateError
from digest.pipeline.context import Context, instant
from digest.pipeline.pages import TROUBLED, states
from digest.pipeline.settling import Delivered
from digest.pipeline.telling import codes
from digest.store import ledger
from digest.store import troubles as trouble_store
from digest.store.troubles import Kept, Mails
from digest.text import counted, printable

_WATCHED_DAYS = 90  # a page that brought nothing for longer is given up
_FEW = 3  # deliveries of a date may fail without a word
_NAMED = 5  # addresses
_READ = 100  # notes of rejected dumps that are read at once; of more, only the names are told
_FIRST, _LONGEST = timedelta(days=1), timedelta(days=7)  # how far back failures are looked for


@dataclass(frozen=True, slots=True)
class Trouble:
    """A trouble in one line; a ``lasting`` one stands until it is mended, another has happened and is told once.

    The key tells it apart from others, whatever the text says of it by now.
    """

    key: str
    text: str
    lasting: bool = True


def troubles_now(tx: Connection, context: Context, kept: Mapping[str, Kept], mails: Mails) -> list[Trouble]:
    """Return the troubles of this moment; ``kept`` are those known already, whose dumps are not read again."""
    refusal = trouble_store.refusal(tx)
    return [
        *([Trouble("sending", f"nothing can be sent: {refusal}")] if refusal else []),
        *_pages(tx, context),
        *_rejected(context, kept),
        *_failed(tx, _since(context.clock(), mails)),
    ]


def _pages(tx: Connection, context: Context) -> Iterator[Trouble]:
    today = context.today()
    pages, sources = states(tx, context, today)
    for state in pages:
        if state.standing.state in TROUBLED and (today - state.last).days <= _WATCHED_DAYS:
            yield Trouble(f"page {state.page}", f"{state.page}: {state.standing.told}")
    known = {state.page for state in pages}
    for source in sources:
        name = source.setting.name
        if name not in known and source.standing.state in TROUBLED:
            yield Trouble(f"page {name}", f"{name}: {source.standing.told}")


def _rejected(context: Context, kept: Mapping[str, Kept]) -> Iterator[Trouble]:
    left = _READ
    for note in sorted(context.archive.rejected.glob(f"*{SUFFIX}")):
        key = f"rejected {printable(note.name)}"
        text = f"{printable(note.name).removesuffix(SUFFIX)} was rejected"
        if key in kept:
            text = kept[key].text
        elif left:
            left -= 1
            with contextlib.suppress(StateError):  # it was settled meanwhile, or may not be read
                found = read_note(note, context.settings.site.timezone)
                text = f"{found.about.name} was rejected: {found.reason}"
        yield Trouble(key, text, lasting=False)


def _failed(tx: Connection, since: datetime) -> Iterator[Trouble]:
    for on, failed in trouble_store.failed_after(tx, instant(since)).items():
        if len(failed) > _FEW:
            told = [f"{email} ({codes(reply)})" if codes(reply) else email for email, reply in failed]
            yield Trouble(
                f"failed {on}", f"{counted(len(failed), 'email')} of {on} failed: {_some(told)}", lasting=False
            )
    suppressed = trouble_store.suppressed_after(tx, instant(since))
    if suppressed:
        people = counted(len(suppressed), "address is", "addresses are")
        mend = "the way back: digest subscribers resume EMAIL"
        yield Trouble("suppressed", f"{people} written to no more: {_some(suppressed)} ({mend})", lasting=False)


def _some(items: list[str]) -> str:
    more = len(items) - _NAMED
    return ", ".join([*items[:_NAMED], *([f"and {more:,} more"] if more > 0 else [])])


def _since(now: datetime, mails: Mails) -> datetime:
    """Return since when failures are news: since the last mail, and not for ever."""
    last = datetime.fromisoformat(mails.told_at) if mails.told_at else now - _FIRST
    return max(min(last, now), now - _LONGEST)


def note_sending(context: Context, done: Delivered, refusal: str = "") -> None:
    """Remember why nothing could be sent, or that something can be again; a store that fails is not told of here."""
    with contextlib.suppress(StateError):
        with context.store.reading() as tx:
            known, pending = trouble_store.refusal(tx), ledger.pending(tx)
        reached = done.sent or done.failed or done.deferred or not pending
        told = refusal or ("" if reached else known)
        if told != known:
            with context.store.writing() as tx:
                trouble_store.set_refusal(tx, told)


def given(troubles: Iterable[tuple[str, str]]) -> list[Trouble]:
    """Return troubles that somebody else found, such as a job that hangs, from their keys and texts."""
    return [Trouble(f"{GIVEN}{key}", text) for key, text in troubles]


GIVEN = "job "
