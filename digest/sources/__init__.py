"""The ways in for dumps: one module per kind; a new kind is one module and one line here.

A source is told what it remembers, and tells what to remember next; it keeps nothing, and knows no store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.errors import SourceError
from digest.settings import SourceSetting
from digest.sources import command, folder, url
from digest.sources.base import LONGEST_WAIT, Brought, Fetched, Remembered, Source, Status, remembered
from digest.sources.network import Network, network
from digest.sources.world import World, agent

__all__ = [
    "KINDS",
    "Brought",
    "Fetched",
    "Network",
    "Remembered",
    "Source",
    "Status",
    "World",
    "agent",
    "fetch",
    "make",
    "network",
    "remembered",
]

# By the name that sources.kind gives; each takes a checked setting and what it may touch.
KINDS: Mapping[str, Callable[[SourceSetting, World], Source]] = {
    "command": command.make,
    "folder": folder.make,
    "url": url.make,
}


def make(setting: SourceSetting, world: World) -> Source:
    """Return the source of a checked setting; it touches nothing before it is asked."""
    return KINDS[setting.kind](setting, world)


def fetch(source: Source, memory: Remembered, now: datetime) -> Fetched:
    """Ask a source once and say what came of it; a failure is a line, and no matter for the next source.

    ``now`` is the wall clock's time, with its zone. A source whose server wants to be left alone until later is not
    asked; one that wants that for longer than it may has said so by another clock.
    """
    if memory.not_before and now < memory.not_before <= now + timedelta(seconds=LONGEST_WAIT):
        until = memory.not_before.astimezone(UTC)
        return Fetched("held", memory, reason=f"its server wants to be asked again at {until:%Y-%m-%d %H:%M} UTC")
    try:
        return source.fetch(memory, now)
    except SourceError as error:
        held = None if error.wait is None else now + timedelta(seconds=error.wait)
        return Fetched("failed", replace(memory, not_before=held), reason=error.reason())
