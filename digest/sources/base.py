"""What every source takes and promises: what it remembers goes in; dumps, and what to remember next, come out.

A source writes nothing. Who asks it keeps what it brought first and what it is to remember after that: a source that
is asked again in between brings the same once more, which is known by then.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from pydantic import TypeAdapter, ValidationError

Status = Literal["brought", "unchanged", "held", "failed"]
LONGEST_WAIT = 86400.0  # seconds that a server may want to be left alone


@dataclass(frozen=True, slots=True)
class Remembered:
    """What a source knows from the last time; an empty one knows nothing.

    ``address``, ``etag`` and ``modified`` are the last answer's: where it came from at last, and how the server names
    this state of it (RFC 9110, section 8.8). ``not_before`` is when the server wants to be asked again at the earliest.
    ``files`` are the sizes in bytes and modification times in ns of a folder's files, by their paths in it.
    """

    address: str = ""
    etag: str = ""
    modified: str = ""
    not_before: datetime | None = None
    files: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def text(self) -> str:
        """Return it as JSON, to be kept."""
        return _FORM.dump_json(self).decode()


_FORM: TypeAdapter[Remembered] = TypeAdapter(Remembered)


def remembered(text: str) -> Remembered:
    """Return what ``Remembered.text`` wrote; what cannot be read is nothing, which costs one answer in full."""
    try:
        return _FORM.validate_json(text)
    except ValidationError:
        return Remembered()


@dataclass(frozen=True, slots=True)
class Brought:
    """One dump: its name for people, and its bytes, or the file they are in, which is to be read and left there.

    ``within`` are the folders that a source found the file in, outermost first: they may date it. Bytes that nothing
    dates are for the day on which they came.
    """

    name: str
    content: bytes | Path
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of asking a source once: dumps, or a ``reason`` in one line why there are none.

    ``skipped`` counts what a folder's source did not look at, by why.
    """

    status: Status
    memory: Remembered
    brought: tuple[Brought, ...] = ()
    reason: str = ""
    skipped: Mapping[str, int] = field(default_factory=dict)


class Source(Protocol):
    """A way in for dumps."""

    def fetch(self, memory: Remembered, now: datetime) -> Fetched:
        """Bring what is new since ``memory``; ``now`` is the wall clock's time, with its zone.

        Raises SourceError where nothing can be brought.
        """
