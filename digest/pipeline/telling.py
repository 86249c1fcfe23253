"""What happens, told to the log when it happens: an event and its fields (``cli/logs.py`` makes a line of each).

Events name deliveries and subscribers by number. What a server said may name somebody, so only its codes are told.
"""

from __future__ import annotations

import contextlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from digest.models import DumpReport
from digest.pipeline.context import Context
from digest.store import deliveries as delivery_store

log = logging.getLogger("digest.events")
log.addHandler(logging.NullHandler())  # who has not asked for a log gets none, warnings included
_EVERY = timedelta(seconds=1)
# RFC 5321, section 4.2, and RFC 3463, section 2; not a part of a file's name, which is what the outbox replies
_CODES = re.compile(r"(?<![\w./-])([245]\d\d)(?![\w/])(?:[ -](\d\.\d{1,3}\.\d{1,3}))?")


def tell(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Tell an event, in words with a dot between (``run.started``), with what belongs to it; None is left out."""
    if log.isEnabledFor(level):
        log.log(level, event, extra={"fields": {name: value for name, value in fields.items() if value is not None}})


def codes(reply: str) -> str | None:
    """Return the codes of a server's reply without its words ("550 5.1.1"), or None where there are none."""
    found = _CODES.search(reply)
    return " ".join(filter(None, found.groups())) if found else None


def tell_dumps(reports: Iterable[DumpReport]) -> None:
    """Tell what came of dumps, but for those that wait."""
    for report in reports:
        if report.status == "waiting":
            continue
        broken = report.remark_counts.get("broken", 0)
        told = {"name": report.name, "page": report.page or None, "layout": report.layout or None}
        counts = {"listings": report.listings, "new": report.new, "known": report.known}
        tell(
            f"dump.{report.status}",
            level=logging.WARNING if report.status == "rejected" or report.reason or broken else logging.INFO,
            **told,
            **(counts if report.status == "ingested" else {}),
            broken=broken or None,
            reason=report.reason or None,
        )


class Changes:
    """Tells each change of a delivery's state by what the store wrote down, so that none is told that was not made."""

    def __init__(self, context: Context) -> None:
        """Begin after the last change that there is."""
        self._context = context
        self._told: datetime | None = None
        self._last = 0
        if log.isEnabledFor(logging.INFO):
            with context.store.reading() as tx:
                self._last = delivery_store.newest_change(tx)

    def tell(self) -> None:
        """Tell what has changed since it was last told; what is planned is told by the count of editions."""
        if not log.isEnabledFor(logging.INFO):
            return
        named = self._context.settings.log.addresses
        with self._context.store.reading() as tx:
            for number, delivery, email, change in delivery_store.changes_since(tx, self._last):
                self._last = number
                if change.old:
                    words = {"email": email, "reply": change.reply or None} if named else {}
                    told = {"delivery": delivery, "old": change.old, "new": change.new, "codes": codes(change.reply)}
                    tell("delivery.changed", level=_level(change.new), **told, **words)

    def watching(self) -> Context:
        """Return the context for work that changes deliveries: they are told on the way, at most each second."""
        return replace(self._context, progress=self._progress)

    @contextlib.contextmanager
    def _progress(self, what: str, total: int) -> Iterator[Callable[..., None]]:
        with self._context.progress(what, total) as step:

            def watched(done: int = 1) -> None:
                step(done)
                now = self._context.clock()
                if self._told is None or not self._told <= now < self._told + _EVERY:
                    self._told = now
                    self.tell()

            yield watched


def _level(state: str) -> int:
    if state == "sending":  # it says no more than what follows, at half the lines of a run
        return logging.DEBUG
    return logging.WARNING if state in ("failed", "unknown") else logging.INFO
