"""What a command is given: its configuration and standard input; and where its result goes."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from digest import config
from digest.archive import Blob, spooled
from digest.cli import terminal
from digest.errors import UsageError
from digest.settings import Settings


def settings_of(options: argparse.Namespace) -> tuple[Settings, Path]:
    """Return the settings and the folder that their relative paths start from; raises ConfigError."""
    settings = config.load(options.config, os.environ)
    return settings, options.config.parent if options.config else Path()


def standard_input(paths: list[Path]) -> Blob | None:
    """Return all of standard input if ``-`` is among the paths."""
    return spooled(sys.stdin.buffer, "standard input") if any(str(path) == "-" for path in paths) else None


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
        raise UsageError(
            error.strerror or str(error), where=str(output), mend="is its folder there, and may it be written?"
        ) from error
    terminal.note(f"written: {output}")
