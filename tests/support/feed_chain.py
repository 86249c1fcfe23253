"""A feed followed into its past, as a reader does that wants all of it: by prev-archive (RFC 5005, section 4), or by
JSON Feed's next_url.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from feed_atom import HISTORY
from feed_links import to
from feed_tree import NotXMLError, read
from feed_values import moment_of

_LONGEST = 100_000  # documents; a chain that makes new addresses for ever ends somewhere


@dataclass(frozen=True, slots=True)
class Link:
    """One document of a chain, and what it says of itself."""

    address: str
    feed: str  # the feed's identifier; in JSON, which has none for a whole chain, its title
    ids: tuple[str, ...]
    is_archive: bool
    older: tuple[str, ...]  # addresses of the document before it
    also_older: tuple[str, ...]  # the same by another name, for readers that page
    current: tuple[str, ...]
    published: datetime | None  # when the latest of its entries was
    is_atom: bool = True


def faults_of_chain(fetch: Callable[[str], bytes], current: str) -> tuple[list[str], list[str]]:
    """Follow a feed from its current document to its first; return the faults, and all entries' ids, newest first.

    ``fetch`` returns the document at an address and may raise whatever it does where there is none (KeyError, OSError).
    """
    faults: list[str] = []
    chain: list[Link] = []
    address = current
    while address and len(chain) < _LONGEST:
        try:
            chain.append(_link(fetch(address), address))
        except (NotXMLError, ValueError, KeyError, OSError) as error:
            faults.append(f"{address}: {type(error).__name__}: {error} [RFC 5005, 4: a document that is linked to]")
            break
        address = next(iter(chain[-1].older), "")
        if address in {link.address for link in chain}:
            faults.append(f"{chain[-1].address}: leads back to {address} [RFC 5005, 4; JSON Feed: next_url]")
            break
    return faults + _faults(chain, current), [name for link in chain for name in link.ids]


def _link(data: bytes, address: str) -> Link:
    return _of_json(data, address) if data.lstrip().startswith(b"{") else _of_atom(data, address)


def _of_atom(data: bytes, address: str) -> Link:
    root = read(data).root
    return Link(
        address,
        feed=root.named("id")[0].text,
        ids=tuple(entry.named("id")[0].text for entry in root.named("entry")),
        is_archive=any((child.space, child.name) == (HISTORY, "archive") for child in root.children),
        older=tuple(to(root, "prev-archive")),
        also_older=tuple(to(root, "next")),
        current=tuple(to(root, "current")),
        published=max(
            filter(
                None, (moment_of(found[0].text) for entry in root.named("entry") if (found := entry.named("published")))
            ),
            default=None,
        ),
    )


def _of_json(data: bytes, address: str) -> Link:
    feed = json.loads(data)
    older = (feed["next_url"],) if "next_url" in feed else ()
    ids = tuple(item["id"] for item in feed["items"])
    return Link(address, feed["title"], ids, False, older, older, (), None, is_atom=False)


def _faults(chain: list[Link], current: str) -> list[str]:
    faults = [fault for number, link in enumerate(chain) for fault in _faults_of_link(link, number == 0, current)]
    if len(feeds := {link.feed for link in chain}) > 1:
        faults.append(f"{current}: documents of different feeds, {sorted(feeds)} [RFC 5005, 4]")
    times = Counter(name for link in chain for name in link.ids)
    faults += [f"{current}: {name} comes {count} times [RFC 5005, 4.2]" for name, count in times.items() if count > 1]
    return faults + _faults_of_order(chain)


def _faults_of_order(chain: list[Link]) -> list[str]:
    """Tell of archives with an entry that was published after all those of the current document.

    Neither the times of a document nor those of two archives tell more: an entry that was changed stays where it came.
    """
    now = chain[0].published if chain else None
    newer = [link.address for link in chain[1:] if now and link.published and link.published > now]
    return [f"{address}: newer than the current document [RFC 5005, 4: less recent entries]" for address in newer]


def _faults_of_link(link: Link, is_first: bool, current: str) -> list[str]:
    faults = []
    if link.is_atom and link.is_archive == is_first:
        faults.append("it is marked as an archive" if is_first else "it is not marked as an archive")
    if link.is_atom and not is_first and link.current != (current,):
        faults.append(f"its current document is {link.current}, and not {current}")
    if is_first and link.current not in ((), (current,)):
        faults.append(f"it is the current document and names another, {link.current}")
    if link.also_older not in ((), link.older):
        faults.append(f"it pages to {link.also_older} and has its archive at {link.older}")
    if len(link.older) > 1:
        faults.append(f"it has more than one archive before it, {link.older}")
    return [f"{link.address}: {fault} [RFC 5005, 3 and 4]" for fault in faults]
