"""The log on standard error: a line an event, in logfmt, without addresses unless they are asked for."""

from __future__ import annotations

import contextlib
import json
import logging
import re
from collections.abc import Iterator
from datetime import UTC, datetime

from digest.errors import one_line
from digest.settings import Log
from digest.text import printable, single_spaced

# Anything that could be an address, in whatever it is wrapped; of ours, none has white space.
_ADDRESS = re.compile(r"""[^\s<>"'(),;:\[\]{}]*@[^\s<>"'(),;:=\[\]{}]*""")
_PLAIN = re.compile(r"[^\s\"=\\]+")


class Lines(logging.Formatter):
    """Writes each record as one line: when, how grave, which event, and its fields; a text for people is a field."""

    def __init__(self, *, addresses: bool) -> None:
        """Say whether addresses may stand in a line."""
        super().__init__()
        self._addresses = addresses

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        when = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        fields: dict[str, object] = {"at": when, "level": record.levelname.lower()}
        told: dict[str, object] | None = getattr(record, "fields", None)
        if told is None:
            fields |= {"event": record.name.removeprefix("digest."), "text": _text(record)}
        else:
            fields |= {"event": record.getMessage(), **told}
        return " ".join(f"{name}={self._value(value)}" for name, value in fields.items())

    def _value(self, value: object) -> str:
        if isinstance(value, int):  # most are: a run tells of each delivery
            return str(value)
        text = single_spaced(printable(str(value)))
        if "@" in text and not self._addresses:
            text = _ADDRESS.sub("…@…", text)
        return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)


def _text(record: logging.LogRecord) -> str:
    text = record.getMessage()
    if record.exc_info and record.exc_info[1]:
        text = f"{text}: {one_line(record.exc_info[1])}"
    return text


@contextlib.contextmanager
def telling(settings: Log) -> Iterator[None]:
    """Write our own log, and the warnings of others, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(Lines(addresses=settings.addresses))
    own, others = logging.getLogger("digest"), logging.getLogger()
    before = own.level
    own.setLevel(logging.INFO)
    others.addHandler(handler)
    try:
        yield
    finally:
        others.removeHandler(handler)
        own.setLevel(before)
