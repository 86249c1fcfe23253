"""What holds several dumps, or one compressed: gzip, zip and tar, taken apart within limits."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from digest.containers.base import Source


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its path there, its modification time (None: not told), and its bytes, to be read now."""

    name: str
    modified: datetime | None
    stream: BinaryIO


def members(source: Source, name: str) -> Iterator[Member] | None:  # noqa: ARG001
    """Return the members of an archive, or None for what is none."""
    return None
