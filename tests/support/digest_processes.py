"""Which processes of the system are there."""

from __future__ import annotations

import os
import time
from pathlib import Path


def has_ended(process: int, within: float = 10.0) -> bool:
    """Return whether a process has ended, or does so soon; one that waits to be reaped has."""
    until = time.monotonic() + within
    while _lives(process):
        if time.monotonic() > until:
            return False
        os.sched_yield()
    return True


def children(process: int) -> list[int]:
    """Return the children of a process, none where it has ended."""
    try:
        return [int(child) for child in Path(f"/proc/{process}/task/{process}/children").read_text().split()]
    except FileNotFoundError:
        return []


def _lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"
