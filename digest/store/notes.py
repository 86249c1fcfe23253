"""What the store remembers for its upkeep: who last tried the rejected dumps, what waits, which pages were pruned."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy import Connection

from digest.store.engine import put, value


def tried_by(tx: Connection) -> str | None:
    """Return which program last tried the rejected dumps again."""
    return value(tx, "rejected_tried")


def set_tried_by(tx: Connection, program: str) -> None:
    """Remember that this program tried the rejected dumps again."""
    put(tx, "rejected_tried", program)


def pages_from(tx: Connection) -> date | None:
    """Return the date before which pages of editions were pruned, None where none were."""
    found = value(tx, "editions_from")
    return date.fromisoformat(found) if found else None


def set_pages_from(tx: Connection, on: date) -> None:
    """Remember that pages of editions before a date are pruned; what was pruned stays so."""
    put(tx, "editions_from", max(on, pages_from(tx) or on).isoformat())


class Hold(NamedTuple):
    """Until when a file of the inbox waits, as long as its inode, size and modification time are these."""

    stamp: tuple[int, int, int]
    until: date


def held(tx: Connection) -> dict[str, Hold]:
    """Return which files of the inbox were looked into and wait, by their paths in it."""
    found = json.loads(value(tx, "held") or "{}")
    return {path: Hold((inode, size, time), date.fromisoformat(on)) for path, (inode, size, time, on) in found.items()}


def set_held(tx: Connection, holds: Mapping[str, Hold]) -> None:
    """Remember which files wait."""
    put(tx, "held", json.dumps({path: [*hold.stamp, hold.until.isoformat()] for path, hold in holds.items()}))
