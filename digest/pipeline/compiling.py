"""The rules of all recipients as one program, kept beside the store so that only what changed is compiled."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path

from digest.archive.files import write_atomically
from digest.errors import StateError
from digest.pipeline.collecting import seldom_collecting
from digest.pipeline.context import Context
from digest.rules import Program, packed, unpacked

NAME = "rules.cache"
_STALE = 2  # kept rules are thrown out when they are so many times those in use, and these many more
_SLACK = 10_000


def compiled(context: Context, texts: Iterable[str]) -> Program:
    """Return the program of these rules; those that an earlier run compiled are not read again.

    A file that is missing, damaged or of other code is made anew; one that cannot be written costs the next run the
    compiling, and nothing else.
    """
    path = context.state / NAME
    asked = list(dict.fromkeys(texts))
    with seldom_collecting():
        known = _kept(path)
        new = known.add(asked)
        program = known if len(known.numbers) == len(asked) else known.only(asked)
        if new:
            stale = len(known.numbers) > _STALE * len(program.numbers) + _SLACK
            with contextlib.suppress(StateError):
                write_atomically(path, packed(program if stale else known))
    return program


def _kept(path: Path) -> Program:
    try:
        return unpacked(path.read_bytes())
    except (OSError, ValueError):
        return Program()
