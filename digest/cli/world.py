"""Opens what a command works with: its state folder and store."""

from __future__ import annotations

import argparse
import contextlib
from collections.abc import Iterator

from digest.cli import terminal
from digest.cli.inputs import settings_of
from digest.pipeline.context import Context, open_context


@contextlib.contextmanager
def opened(options: argparse.Namespace) -> Iterator[Context]:
    """Yield the context of a command, and close the store behind it."""
    settings, base = settings_of(options)
    context = open_context(settings, base=base, state=options.state, progress=terminal.progress)
    try:
        yield context
    finally:
        context.store.close()
