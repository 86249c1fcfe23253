"""Asking one source in a test: short settings in, what came of it out."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from faulty_http import Invented

from digest import sources
from digest.settings import SourceSetting

NOW = datetime(2026, 6, 15, 6, 0, tzinfo=UTC)
NOTHING = sources.Remembered()


def cases(names: str, table: dict[str, Any]) -> pytest.MarkDecorator:
    """A table of named cases as a test's parameters."""
    return pytest.mark.parametrize(names, table.values(), ids=table.keys())


def world(
    invented: Invented, folder: Path = Path(), environ: dict[str, str] | None = None, **limits: Any
) -> sources.World:
    return sources.World(folder, environ or {}, "paper-digest/test", invented.network(**limits))


def ask_url(
    invented: Invented,
    url: str = "http://feed.example/feed",
    memory: sources.Remembered = NOTHING,
    *,
    environ: dict[str, str] | None = None,
    limits: dict[str, Any] | None = None,
    now: datetime = NOW,
    **keys: Any,
) -> sources.Fetched:
    """Ask an address once, and never again at once unless ``retries`` says so; ``keys`` are the source's others."""
    setting = SourceSetting(name="a", kind="url", url=url, **{"retries": 0} | keys)
    return sources.fetch(sources.make(setting, world(invented, environ=environ, **limits or {})), memory, now)
