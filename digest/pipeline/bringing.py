"""Asks sources, and puts what they bring into the inbox, where it waits like any other dump."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from os import environ

from digest import archive, sources
from digest.errors import one_line
from digest.pipeline.context import Context, instant
from digest.pipeline.next_asked import next_time
from digest.pipeline.telling import tell
from digest.settings import seconds
from digest.sources import Fetched, Network, Source, World, agent
from digest.store import sources as source_store
from digest.store.sources import Known


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of asking a source: how many dumps it brought, or why it did not ("": it had nothing new)."""

    name: str
    brought: int = 0
    failed: bool = False
    reason: str = ""


class Askers:
    """The sources of a configuration, ready to be asked; they share what knows when each host was asked last."""

    def __init__(self, context: Context, network: Network | None = None, chance: Callable[[], float] = random.random):
        """Make the sources; ``network`` is handed in by tests and by who must end soon, ``chance`` is of the jitter."""
        own = network or sources.network(time.monotonic, time.sleep)
        world = World(context.base, environ, agent(context.settings.site), own, context.state)
        self._context, self._chance = context, chance
        self.settings = {setting.name: setting for setting in context.settings.sources}
        self._sources: dict[str, Source] = {name: sources.make(found, world) for name, found in self.settings.items()}

    def due(self, now: datetime) -> list[str]:
        """Return the names of the sources that are to be asked at an aware time."""
        if not self.settings:
            return []
        with self._context.store.reading() as tx:
            known = source_store.load(tx)
        return [name for name in self.settings if name not in known or _is_due(known[name], now)]

    def patience(self, name: str) -> int:
        """Return the seconds for which the tries of one asking may say nothing, by the source's own limits."""
        setting = self.settings[name]
        return (setting.retries + 1) * seconds(setting.timeout)

    def ask(self, name: str) -> Answer:
        """Ask a source once, keep what it brought, and only then what it is to remember.

        Raises StateError where that cannot be kept; the source then brings it again.
        """
        now, setting = self._context.clock(), self.settings[name]
        with self._context.store.reading() as tx:
            known = source_store.load(tx).get(name, Known(name))
        fetched = sources.fetch(self._sources[name], sources.remembered(known.memory), now)
        for item in fetched.brought:
            archive.put_in(self._context.archive.inbox / name, item.name, item.content, now, item.within)
        again = next_time(setting, now, self._context.settings.site.timezone, self._chance())
        with self._context.store.writing() as tx:
            source_store.save(tx, _known_after(known, fetched, now, max(again, fetched.memory.not_before or again)))
        return _told(name, fetched)


def _is_due(known: Known, now: datetime) -> bool:
    # A clock that was put back must not keep a source unasked for longer than it was wrong.
    checked_later = known.checked_at is not None and known.checked_at > instant(now)
    return known.next_at is None or known.next_at <= instant(now) or checked_later


def _known_after(known: Known, fetched: Fetched, now: datetime, again: datetime) -> Known:
    moment = instant(now)
    after = replace(known, memory=fetched.memory.text(), checked_at=moment, next_at=instant(again))
    if fetched.status == "failed":
        since = known.failing_since or moment
        return replace(after, failing_since=since, failures=known.failures + 1, said=fetched.reason)
    brought_at = moment if fetched.status == "brought" else known.brought_at
    return replace(after, brought_at=brought_at, failing_since=None, failures=0, said="")


def _told(name: str, fetched: Fetched) -> Answer:
    failed = fetched.status == "failed"
    skipped = ", ".join(f"{count} {why}" for why, count in fetched.skipped.items())
    level = logging.WARNING if failed else logging.INFO
    count = len(fetched.brought) or None
    tell(f"source.{fetched.status}", level=level, source=name, dumps=count, text=fetched.reason or None)
    if skipped:
        tell("source.skipped", source=name, text=skipped)
    return Answer(name, len(fetched.brought), failed, fetched.reason or skipped)


def ask_all(context: Context, askers: Askers, names: Sequence[str] | None = None) -> list[Answer]:
    """Ask sources (None: all), one after the other; what goes wrong with one is its answer, and costs no other."""
    names, answers = list(askers.settings) if names is None else names, []
    with context.progress("Asking sources", len(names)) as step:
        for name in names:
            try:
                answers.append(askers.ask(name))
            except Exception as error:
                answers.append(Answer(name, failed=True, reason=one_line(error)))
            step()
    return answers
