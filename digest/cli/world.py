"""Opens what a command works with: its configuration, state folder and store."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from digest import config
from digest.cli import terminal
from digest.errors import UsageError
from digest.pipeline.context import Context, open_context
from digest.settings import Settings


def settings_of(options: argparse.Namespace) -> tuple[Settings, Path]:
    """Return the settings and the folder that their relative paths start from; raises ConfigError."""
    settings = config.load(options.config, os.environ)
    return settings, options.config.parent if options.config else Path()


@contextlib.contextmanager
def opened(options: argparse.Namespace) -> Iterator[Context]:
    """Yield the context of a command, and close the store behind it."""
    settings, base = settings_of(options)
    context = open_context(settings, base=base, state=options.state, progress=terminal.progress)
    try:
        yield context
    finally:
        context.store.close()


def standard_input(paths: list[Path]) -> bytes | None:
    """Return all of standard input if ``-`` is among the paths."""
    return sys.stdin.buffer.read() if any(str(path) == "-" for path in paths) else None


def write_out(text: bytes, output: Path | None) -> None:
    """Write a result to a file, or to standard output; raises UsageError where the file cannot be written."""
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
        return
    try:
        output.write_bytes(text)
    except OSError as error:
        raise UsageError(error.strerror or str(error), where=str(output)) from error
    terminal.note(f"written: {output}")
