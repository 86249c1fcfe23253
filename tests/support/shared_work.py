"""Work for crews of processes: functions that another process finds by their name."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path

from digest.errors import RuleError


def numbered(shared: str, tasks: Sequence[int]) -> Iterator[tuple[str, int, int]]:
    """Yield what came, with who did it."""
    for task in tasks:
        yield shared, task, os.getpid()


def refused(_shared: str, tasks: Sequence[int]) -> Iterator[int]:
    """Refuse the first task from 3 on."""
    for task in tasks:
        if task >= 3:
            raise RuleError("no such field", rule="x:y", position=task)
        yield task


class LocalError(Exception):
    """An error that is made from more than it can be made again from."""

    def __init__(self, what: str, where: object) -> None:
        super().__init__(f"{what} at {where}")


def odd(_shared: str, tasks: Sequence[int]) -> Iterator[int]:
    """Fail by errors that cannot pass from process to process: by what they hold, and by how they are made."""
    for task in tasks:
        if task == 2:
            raise ValueError("held", lambda: None)
        if task == 3:
            raise LocalError("made", "sea")
        yield task


def told_to_end(_shared: str, tasks: Sequence[int]) -> Iterator[int]:
    """Be told to end by whoever tells all processes of a group."""
    for task in tasks:
        os.kill(os.getpid(), signal.SIGTERM)
        yield task


def killed(_shared: str, tasks: Sequence[int]) -> Iterator[int]:
    """End as where memory runs out."""
    for task in tasks:
        if task >= 3:
            os.kill(os.getpid(), signal.SIGKILL)
        yield task


def endless(folder: Path, tasks: Sequence[int]) -> Iterator[int]:
    """Leave a file with the process's number, then go on for as long as somebody takes what is made."""
    (folder / str(os.getpid())).touch()
    for _ in tasks:
        yield from range(1_000_000)
