"""What is wrong with ``[[sources]]`` that no key alone shows: keys of another kind, names twice, addresses, times."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from digest.config import cron
from digest.config.checks import Problem, suggestion, twice
from digest.config.lines import KeyPath
from digest.layouts import LAYOUTS
from digest.settings import Settings, SourceSetting

_ALWAYS = {"name", "kind", "every", "cron", "jitter", "layout"}
# The keys of each kind, the one first that it cannot do without.
_KEYS = {
    "folder": ("path",),
    "url": ("url", "headers", "timeout", "max_size", "retries", "allow_private"),
    "command": ("command", "timeout", "max_size"),
}
_TAKEN = ("inbox", "ingest")  # what dumps are said to come from that no source has brought
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110, section 5.6.2
_VALUE = re.compile(r"[\x20-\x7e\t]*")
_OURS = re.compile(r"(?i)host|connection|content-.*|transfer-encoding|te|upgrade|accept-encoding|range|if-.*|expect")


def problems(settings: Settings) -> Iterator[Problem]:
    """Yield what is wrong with the sources, each with the path of its key."""
    yield from twice("sources", "name", [source.name for source in settings.sources])
    for number, source in enumerate(settings.sources):
        path: KeyPath = ("sources", number)
        yield from _keys(path, source)
        yield from _common(path, source)
        yield from _of_url(path, source)
        if source.command and (not source.command[0] or "\0" in "".join(source.command)):
            yield Problem((*path, "command"), "its first word should be a program, and none may hold NUL")


def _keys(path: KeyPath, source: SourceSetting) -> Iterator[Problem]:
    known = _KEYS[source.kind]
    for key in sorted(source.model_fields_set - _ALWAYS - set(known)):
        yield Problem((*path, key), f'is no key of kind "{source.kind}"', f"it has {', '.join(known)}")
    if not getattr(source, known[0]):
        yield Problem((*path, known[0]), f'is missing, which a source of kind "{source.kind}" needs')
    if {"every", "cron"} <= source.model_fields_set:
        yield Problem((*path, "cron"), "stands beside every", "keep one of them")


def _common(path: KeyPath, source: SourceSetting) -> Iterator[Problem]:
    if source.name in _TAKEN:
        yield Problem((*path, "name"), f"no source can be called {source.name}: dumps that none brought say so")
    names = sorted(layout.name for layout in LAYOUTS)
    if source.layout and source.layout not in names:
        mend = suggestion(source.layout, names) or f"choose one of {', '.join(names)}"
        yield Problem((*path, "layout"), f"there is no layout {source.layout!r}", mend)
    if "cron" in source.model_fields_set and (fault := cron.fault(source.cron)):
        yield Problem((*path, "cron"), fault, 'write it like "0 7 * * mon-fri"')


def _of_url(path: KeyPath, source: SourceSetting) -> Iterator[Problem]:
    """The address itself is not repeated: it may hold a secret."""
    if source.url and not _is_web_address(source.url):
        yield Problem((*path, "url"), "not a web address", 'write it like "https://example.org/feed.xml"')
    elif "@" in urlsplit(source.url).netloc:
        yield Problem((*path, "url"), "holds a name or a password", "send it by headers")
    for name, value in source.headers.items():
        if _OURS.fullmatch(name):
            yield Problem((*path, "headers", name), "is a header that Digest writes itself")
        elif not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
            yield Problem((*path, "headers", name), "is no header that can be sent", "write it in ASCII, on one line")


def _is_web_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return bool(re.match(r"https?://[^\s\\]+\Z", text) and parts.hostname and (parts.port is None or parts.port))
    except ValueError:
        return False
