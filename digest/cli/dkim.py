"""`digest dkim new`: a key to sign with, what to publish of it, and what to write into the configuration."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

from digest.cli.inputs import settings_of
from digest.cli.terminal import note, say
from digest.config.signing import domain
from digest.errors import UsageError
from digest.service import keys
from digest.settings import DkimKey


def new(options: argparse.Namespace) -> int:
    """Make a key; print the record that publishes it."""
    settings, base = settings_of(options)
    try:
        DkimKey(selector=options.selector, key=str(options.file))
    except ValueError as error:
        mend = 'write letters, digits and hyphens, like "digest-2026"'
        raise UsageError(f"{options.selector!r} is not a selector", where="--selector", mend=mend) from error
    made = keys.make(options.file, options.kind)
    note(f"written: {options.file}, which only you may read; publish this record, then add the key to [dkim]:")
    note(f'keys = [{{ selector = "{options.selector}", key = "{_as_configured(options.file, base)}" }}]')
    say(keys.zone_line(options.selector, domain(settings), made))
    return 0


def _as_configured(path: Path, base: Path) -> str:
    """Return the path as the configuration has it: relative to its own folder, where that is no detour."""
    relative = os.path.relpath(path, base)
    return path.absolute().as_posix() if relative.startswith("..") else Path(relative).as_posix()
