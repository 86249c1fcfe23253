"""``digest parse``: the listings of dumps. It needs no store, and starts fast, for it imports little."""

from __future__ import annotations

import argparse
import importlib
import json
from collections.abc import Sequence
from datetime import datetime
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

from digest import archive, containers, layouts
from digest.cli.inputs import settings_of, standard_input
from digest.cli.terminal import complain, note, say
from digest.errors import DumpError
from digest.models import Document, Listing, Remark


def parse(options: argparse.Namespace) -> int:
    """Print the listings of dumps, or with ``--explain`` how they are read; uses no store."""
    settings, _ = settings_of(options)
    if options.layout:
        layouts.by_name(options.layout)
    stdin = standard_input(options.paths)
    # All paths are looked up before anything is printed: one that is not there is wrong use.
    todo = list(archive.expanded(options.paths, settings.site.timezone))
    failed = [_parse_file(item, stdin, options, settings.site.timezone) for item in todo]
    return 1 if any(failed) else 0


def _parse_file(item: archive.Waiting | None, stdin: archive.Blob | None, options: Any, zone: str) -> bool:
    """Print the listings of all dumps in a file; say whether it costs the exit status."""
    name = item.name if item else "standard input"
    on, dated = (item.date, item.dated) if item else (datetime.now(ZoneInfo(zone)).date(), False)
    if item and item.fault:
        return _complain(name, DumpError(item.fault))
    try:
        blob = archive.fetched(item.path) if item else stdin
        parts = archive.parts(blob, on, zone, dated=dated) if blob else ()
        failed = [_parse_part(part, options) for part in parts]
    except DumpError as error:
        return _complain(name, error)
    return any(failed) if blob else _complain(name, DumpError("changed while it was read"))


def _parse_part(part: archive.Part, options: Any) -> bool:
    name, failed = part.blob.name, False
    documents: Sequence[Document] = ()
    if options.explain:
        say(name)
    try:
        documents = containers.opened(part.blob)
        reading = layouts.read(documents, part.date, options.layout)
        on = options.date or (part.date if part.dated else reading.document.date or part.date)
        if on != part.date:
            reading = layouts.read([reading.document, *documents], on, options.layout)
        if options.explain:
            return bool(_explaining().explain(reading, on, asked=bool(options.layout)))
        for event in reading.events:
            failed |= _print(name, event)
    except DumpError as error:
        failed = _complain(name, error)
        if options.explain and documents:
            _explaining().explain_refused(documents)
    return failed


def _explaining() -> ModuleType:
    """Return what explains; it is loaded when asked for, since the others need not wait for it."""
    return importlib.import_module("digest.cli.explaining")


def _complain(name: str, error: DumpError) -> bool:
    complain(f"{'' if error.where else f'{name}: '}{error}")
    return True


def _print(name: str, event: Listing | Remark) -> bool:
    """Print a listing, or tell a remark that an operator can act on; say whether it costs the exit status."""
    if isinstance(event, Listing):
        # Escaped: a lone surrogate in a dump must not end the output.
        text = json.dumps(event.as_row(), ensure_ascii=False)
        say(text if text.isprintable() else json.dumps(event.as_row(), ensure_ascii=True))
        return False
    if event.kind in ("unread", "cut", "broken"):
        note(f"{name}, line {event.line}: {event.kind}: {event.text[:100]}")
    return event.kind == "broken"
