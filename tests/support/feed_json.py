"""What holds of a JSON Feed (jsonfeed.org/version/1.1), and of JSON that all programs read alike (I-JSON, RFC 7493)."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

from feed_html import faults_of_html
from feed_values import (
    NONCHARACTERS,
    faults_of_address,
    faults_of_characters,
    faults_of_moment,
    is_language,
    is_media_type,
    quoted,
)

VERSION = "https://jsonfeed.org/version/1.1"
# RFC 7493, section 2.1: neither lone surrogates nor noncharacters; control characters have no place in a text either.
_FORBIDDEN = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff{NONCHARACTERS}]")

Check = Callable[[Any, datetime], list[str]]


def faults_of_json(data: bytes, address: str | None = None, now: datetime | None = None) -> list[str]:
    """Tell all that is wrong with a JSON Feed; ``address`` and ``now`` as for Atom."""
    faults: list[str] = []
    try:
        feed = json.loads(
            data.decode("utf-8"), object_pairs_hook=lambda pairs: _once(pairs, faults), parse_constant=float
        )
    except (UnicodeDecodeError, ValueError) as error:
        return [f"document: {error} [RFC 8259]"]
    if not isinstance(feed, dict):
        return ["document: no object [JSON Feed: top-level]"]
    faults += [f"{where}: {fault}" for where, value in _texts("feed", feed) for fault in _faults_of_string(value)]
    faults += [f"feed, {fault}" for fault in _FEED(feed, now or datetime.now(UTC))]
    return faults + ([] if faults else [*_faults_of_feed(feed, address), *_faults_of_items(feed["items"])])


def item_ids(data: bytes) -> list[str]:
    """Return the identifiers of the items in their order; raises ValueError or KeyError where there are none."""
    return [item["id"] for item in json.loads(data)["items"]]


def _once(pairs: list[tuple[str, Any]], faults: list[str]) -> dict[str, Any]:
    twice = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]
    faults += [f"document: {quoted(key)} twice in an object [RFC 7493, 2.3]" for key in twice]
    return dict(pairs)


def _texts(where: str, value: object) -> Iterator[tuple[str, str]]:
    """Yield all texts, keys included, with where they stand."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, list):
        for number, part in enumerate(value, 1):
            yield from _texts(f"{where} {number}", part)
    elif isinstance(value, dict):
        for key, part in value.items():
            yield f"{where}, a key", key
            yield from _texts(f"{where}, {key}", part)


def _faults_of_string(value: str) -> list[str]:
    if found := _FORBIDDEN.search(value):
        return [f"U+{ord(found[0]):04X} [RFC 7493, 2.1]"]
    return faults_of_characters(value)


# Values


def _text(value: Any, now: datetime) -> list[str]:
    return [] if isinstance(value, str) else [f"no string: {quoted(repr(value))} [JSON Feed: types]"]


def _filled(value: Any, now: datetime) -> list[str]:
    return _text(value, now) or (
        [] if value.strip() else ["a blank text [JSON Feed: a key without a value is left out]"]
    )


def _address(value: Any, now: datetime) -> list[str]:
    return _text(value, now) or faults_of_address(value, "http", "https", "mailto")


def _moment(value: Any, now: datetime) -> list[str]:
    return _text(value, now) or faults_of_moment(value, now)


def _language(value: Any, now: datetime) -> list[str]:
    return _text(value, now) or ([] if is_language(value) else [f"the language {quoted(value)} [RFC 5646]"])


def _html(value: Any, now: datetime) -> list[str]:
    return _filled(value, now) or faults_of_html(value)


def _media_type(value: Any, now: datetime) -> list[str]:
    return _text(value, now) or ([] if is_media_type(value) else [f"the type {quoted(value)} [JSON Feed: attachments]"])


def _number(value: Any, now: datetime) -> list[str]:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")
    return [] if is_number else ["no number [JSON Feed: attachments]"]


def _flag(value: Any, now: datetime) -> list[str]:
    return [] if isinstance(value, bool) else ["neither true nor false [JSON Feed: types]"]


def _many(check: Check) -> Check:
    def faults(value: Any, now: datetime) -> list[str]:
        if not isinstance(value, list):
            return ["no array [JSON Feed: types]"]
        return [f"{number}: {fault}" for number, part in enumerate(value, 1) for fault in check(part, now)]

    return faults


def _object(keys: dict[str, Check], needed: set[str], *, one_at_least: bool = False) -> Check:
    def faults(value: Any, now: datetime) -> list[str]:
        if not isinstance(value, dict):
            return ["no object [JSON Feed: types]"]
        missing = [f"no {key} [JSON Feed: required]" for key in sorted(needed - value.keys())]
        if one_at_least and not value:
            missing.append("an empty object [JSON Feed: authors]")
        return missing + _faults_of_keys(value, keys, now)

    return faults


def _faults_of_keys(value: dict[str, Any], keys: dict[str, Check], now: datetime) -> list[str]:
    faults = []
    for key, part in value.items():
        if key in keys:
            faults += [f"{key} {fault}" if fault[0].isdigit() else f"{key}: {fault}" for fault in keys[key](part, now)]
        elif not re.fullmatch(r"_[A-Za-z][^.]*", key):
            faults.append(f"the key {quoted(key)} [JSON Feed: extensions]")
    return faults


# Which keys there are, and what each holds (jsonfeed.org/version/1.1, "top-level", "items", "attachments")
_PERSON = _object({"name": _filled, "url": _address, "avatar": _address}, set(), one_at_least=True)
_ATTACHMENT = _object(
    {
        "url": _address,
        "mime_type": _media_type,
        "title": _text,
        "size_in_bytes": _number,
        "duration_in_seconds": _number,
    },
    {"url", "mime_type"},
)
_ITEM = _object(
    {
        "id": _filled,
        "url": _address,
        "external_url": _address,
        "title": _filled,
        "content_html": _html,
        "content_text": _filled,
        "summary": _filled,
        "image": _address,
        "banner_image": _address,
        "date_published": _moment,
        "date_modified": _moment,
        "authors": _many(_PERSON),
        "tags": _many(_filled),
        "language": _language,
        "attachments": _many(_ATTACHMENT),
    },
    {"id"},
)
_FEED = _object(
    {
        "version": _text,
        "title": _filled,
        "home_page_url": _address,
        "feed_url": _address,
        "description": _filled,
        "user_comment": _filled,
        "next_url": _address,
        "icon": _address,
        "favicon": _address,
        "authors": _many(_PERSON),
        "language": _language,
        "expired": _flag,
        "hubs": _many(_object({"type": _filled, "url": _address}, {"type", "url"})),
        "items": _many(_ITEM),
    },
    {"version", "title", "items"},
)


def _faults_of_feed(feed: dict[str, Any], address: str | None) -> list[str]:
    faults = [
        f"feed: no {key} [JSON Feed: required on the public web]"
        for key in ("home_page_url", "feed_url")
        if key not in feed
    ]
    if feed.get("version") != VERSION:
        faults.append(f"feed: the version {feed.get('version')!r} [JSON Feed: version]")
    if address is not None and feed.get("feed_url") != address:
        faults.append(f"feed: it calls itself {feed.get('feed_url')!r} and is at {address!r} [JSON Feed: feed_url]")
    if "next_url" in feed and feed["next_url"] == feed.get("feed_url"):
        faults.append("feed: its next page is itself [JSON Feed: next_url]")
    return faults


def _faults_of_items(items: list[dict[str, Any]]) -> list[str]:
    faults = [
        f"item {number}: neither content_html nor content_text [JSON Feed: items]"
        for number, item in enumerate(items, 1)
        if not {"content_html", "content_text"} & item.keys()
    ]
    twice = [name for name, times in Counter(item["id"] for item in items).items() if times > 1]
    return faults + [f"feed: items with the same id, {quoted(name)} [JSON Feed: id]" for name in twice]
