"""Puts what a source brought into the inbox: whole or not at all, under a name that no other file has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from digest.archive.files import copy_atomically, naming, safe_name, write_atomically
from digest.archive.inbox import date_in


def put_in(folder: Path, name: str, content: bytes | Path, now: datetime, within: Sequence[str] = ()) -> Path:
    """Put bytes, of the time ``now``, or a copy of a file, of its own time, into a folder of the inbox.

    ``within`` are the folders that it was in, outermost first; one that dates it is said by its new name. Returns where
    it is. Raises StateError where that cannot be. A file of the same name that waits there is left.
    """
    target = _free(folder / _seen(safe_name(_dated(name, within))))
    time = int(now.timestamp()) * 10**9
    if isinstance(content, bytes):
        write_atomically(target, content)
    else:
        with naming(content):
            time = content.stat().st_mtime_ns
            with content.open("rb") as file:
                copy_atomically(target, file)
    with naming(target):  # the time dates a dump that nothing else does
        os.utime(target, ns=(time, time))
    return target


def _dated(name: str, within: Sequence[str]) -> str:
    """Return a name that says the date that a file in these folders is for, where any of these does."""
    on = None if date_in([name]) else date_in(within)
    return f"{on} {name}" if on else name


def _seen(name: str) -> str:
    """Return a name under which a file is not overlooked in an inbox."""
    shown = name.lstrip(".") or "dump"
    return f"{shown}_" if shown.endswith(".part") else shown


def _free(path: Path) -> Path:
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem} ({number}){path.suffix}")
    return free
