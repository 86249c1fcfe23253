"""What people see: results on standard output, all else on standard error, progress bars only on a terminal."""

from __future__ import annotations

import contextlib
import json
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from digest.models import DumpReport
from digest.text import counted, printable

_REMARKS_SHOWN = 5
_NAMES = {
    "unread": "line not understood",
    "cut": "the last listing is cut off",
    "broken": "broken line",
}


def say(text: str = "") -> None:
    """Print a result."""
    sys.stdout.write(f"{printable(text)}\n")


def say_json(document: Any) -> None:
    """Print one JSON document, escaped where the output's encoding has no such characters."""
    sys.stdout.write(f"{_as_json(document)}\n")


def _as_json(document: Any) -> str:
    text = json.dumps(document, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding)
    except UnicodeEncodeError:
        text = json.dumps(document, indent=2)
    return text


def say_json_items(items: Iterable[Any]) -> None:
    """Print one JSON document, a list, an item as soon as it comes."""
    between = "["
    for item in items:
        text = textwrap.indent(_as_json(item), "  ")
        sys.stdout.write(f"{between}\n{text}")
        between = ","
    sys.stdout.write("[]\n" if between == "[" else "\n]\n")


def note(text: str) -> None:
    """Tell something that is no result."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def complain(text: str) -> None:
    """Tell what went wrong."""
    note(f"digest: {text}")


class _Rate(ProgressColumn):
    """How much of it is done in a second, of late."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="progress.data.speed")


@contextlib.contextmanager
def progress(what: str, total: int) -> Iterator[Callable[..., None]]:
    """Show a progress bar on standard error, if that is a terminal and there is enough to wait for."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda _done=1: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    # Results that are printed meanwhile go above the bar, where they go to the terminal and not elsewhere.
    console, above = Console(stderr=True), sys.stdout.isatty()
    with Progress(*columns, console=console, transient=True, redirect_stdout=above) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done=1: bar.advance(task, done)


def told(report: DumpReport) -> list[str]:
    """Return the lines that tell what taking in a dump came to."""
    if report.status == "rejected":
        return [f"{report.name}: rejected: {report.reason}"]
    if report.status != "ingested":
        why = f": {report.reason}" if report.reason else ""
        return [f"{report.name}: {report.status}{why}"]
    stated = f" of {report.stated} stated" if report.stated is not None else ""
    extra = [f"in {report.encoding}"] if report.encoding else []
    extra += ["history, so no news"] if report.history else []
    head = (
        f"{report.name}: {report.page} ({report.layout}), {counted(report.listings, 'listing')} read{stated}, "
        f"{report.new} new and {report.known} known papers{''.join(f', {word}' for word in extra)}"
    )
    return [head, *_remarks(report)]


def _remarks(report: DumpReport) -> list[str]:
    lines = []
    for kind, words in _NAMES.items():
        found = [remark for remark in report.remarks if remark.kind == kind]
        lines += [f"  line {remark.line}: {words}: {remark.text[:100]}" for remark in found[:_REMARKS_SHOWN]]
        if (count := report.remark_counts.get(kind, 0)) > _REMARKS_SHOWN:
            numbers = ", ".join(str(remark.line) for remark in found[_REMARKS_SHOWN : _REMARKS_SHOWN + 40])
            lines.append(f"  {count - _REMARKS_SHOWN} more: {words}, at lines {numbers}")
    for name, count in report.ignored.items():
        lines.append(f"  field {name!r} left out, {counted(count, 'time')}")
    return lines
