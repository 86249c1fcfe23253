"""What a reader of a site's feed documents finds: entries, and the archives that lead back in time."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree as ET

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "https://digest.example.org/"
Fetch = Callable[[str], bytes]  # from a path under the site to a document


@dataclass(frozen=True)
class Read:
    """An entry as it was read."""

    id: str
    title: str
    updated: str

    @property
    def name(self) -> str:
        """What its identifier says after the site's authority: ``papers/12``."""
        return self.id.split(":", 3)[-1]


def entries(document: bytes) -> list[Read]:
    """Return the entries of an Atom document."""
    found = ET.fromstring(document).findall(f"{ATOM}entry")
    return [Read(*(entry.findtext(f"{ATOM}{name}") or "" for name in ("id", "title", "updated"))) for entry in found]


def before(document: bytes) -> str | None:
    """Return the path of the archive document before an Atom document."""
    links = ET.fromstring(document).findall(f"{ATOM}link")
    return next((own.attrib["href"].removeprefix(BASE) for own in links if own.attrib["rel"] == "prev-archive"), None)


def followed(fetch: Fetch, path: str) -> dict[str, list[Read]]:
    """Return the entries of a feed's current document and of all archives, by path, newest first."""
    found: dict[str, list[Read]] = {}
    here: str | None = path
    while here:
        assert here not in found, f"{here} leads back to itself"
        document = fetch(here)
        found[here] = entries(document)
        here = before(document)
    return found


def followed_json(fetch: Fetch, path: str) -> list[str]:
    """Return the identifiers of a JSON feed's items and of all that ``next_url`` leads to."""
    found: list[str] = []
    here: str | None = path
    while here:
        told: dict[str, Any] = json.loads(fetch(here))
        found += [item["id"] for item in told["items"]]
        here = told.get("next_url", "").removeprefix(BASE) or None
    return found
