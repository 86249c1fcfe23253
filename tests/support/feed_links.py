"""What holds of Atom's links (RFC 4287, section 4.2.7), and of a feed's own: itself, its archives (RFC 5005)."""

from __future__ import annotations

import re
from collections import Counter

from feed_tree import Node
from feed_values import faults_of_address, faults_of_plain, is_language, is_media_type, quoted, words

_ARCHIVING = frozenset({"first", "last", "next", "previous", "current", "prev-archive", "next-archive"})
# Relations that the validator knows, of those that IANA registers (link-relations).
_KNOWN = _ARCHIVING | words(
    "alternate describedby edit edit-media enclosure hub license payment related replies search self service up via"
)
_OF_FEEDS = frozenset({"application/atom+xml", "application/rss+xml", "application/rdf+xml"})


def relation(link: Node) -> str:
    """Return what a link says that its address is."""
    return link.attributes.get("rel", "alternate")


def to(node: Node, rel: str) -> list[str]:
    """Return the addresses of a feed's or an entry's links with this relation."""
    return [link.attributes.get("href", "") for link in node.named("link") if relation(link) == rel]


def faults_of_links(root: Node, address: str | None) -> list[str]:
    """Tell what is wrong with the links of a feed and of its entries."""
    faults = [f"feed: {fault}" for fault in (*_faults_of_all(root), *_faults_of_self(root, address))]
    faults += [f"feed: {fault}" for fault in _faults_of_archive(root)]
    for number, entry in enumerate(root.named("entry"), 1):
        faults += [f"entry {number}: {fault}" for fault in _faults_of_all(entry)]
        away = _ARCHIVING & {relation(link) for link in entry.named("link")}
        faults += [f"entry {number}: a link to its {name} [FeedHistoryRelInEntry]" for name in sorted(away)]
    return faults


def _faults_of_all(node: Node) -> list[str]:
    faults = [fault for link in node.named("link") for fault in _faults_of_link(link)]
    alternates = Counter(
        (link.attributes.get("type", ""), link.attributes.get("hreflang", ""))
        for link in node.named("link")
        if relation(link) == "alternate"
    )
    twice = [kind for kind, times in alternates.items() if times > 1]
    return faults + [f"alternate links of one type, {kind} [RFC 4287, 4.1; DuplicateAtomLink]" for kind in twice]


def _faults_of_link(link: Node) -> list[str]:
    attributes, rel = link.attributes, relation(link)
    if "href" not in attributes:
        return ["a link without href [RFC 4287, 4.2.7.1; MissingHref]"]
    faults = [f"{rel}: {fault}" for fault in faults_of_address(attributes["href"], "http", "https")]
    if rel not in _KNOWN and faults_of_address(rel, "http", "https"):
        faults.append(f"the relation {quoted(rel)} [UnregisteredAtomLinkRel, AttrNotBlank]")
    if link.text.strip() or link.children:
        faults.append("a link that is not empty [AtomLinkNotEmpty]")
    return faults + _faults_of_description(link)


def _faults_of_description(link: Node) -> list[str]:
    faults = []
    attributes, rel = link.attributes, relation(link)
    if (kind := attributes.get("type")) is not None:
        if not is_media_type(kind):
            faults.append(f"{rel}: the type {quoted(kind)} [RFC 4287, 4.2.7.3; InvalidMIMEType]")
        elif rel == "self" and kind.partition(";")[0] not in _OF_FEEDS:
            faults.append(f"self: the type {quoted(kind)} [SelfNotAtom]")
    if not is_language(attributes.get("hreflang", "en")):
        faults.append(f"{rel}: hreflang {quoted(attributes['hreflang'])} [RFC 4287, 4.2.7.4; InvalidLanguage]")
    if not re.fullmatch("[0-9]+", attributes.get("length", "0")):
        faults.append(f"{rel}: length {quoted(attributes['length'])} [InvalidNonNegativeInteger]")
    if (title := attributes.get("title")) is not None:
        faults += faults_of_plain(title, in_hexadecimal=link.in_hexadecimal)
        faults += [] if title.strip() else [f"{rel}: a blank title [AttrNotBlank]"]
    return faults


def _faults_of_self(root: Node, address: str | None) -> list[str]:
    own = to(root, "self")
    if not own:
        return ["no link to itself [RFC 4287, 4.1.1; MissingSelf]"]
    if len(own) > 1:
        return ["more than one link to itself [WebSub, 4]"]
    if address is not None and own[0] != address:
        return [f"it calls itself {quoted(own[0])} and is at {quoted(address)} [SelfDoesntMatchLocation]"]
    return []


def _faults_of_archive(root: Node) -> list[str]:
    """Tell what is wrong with the relations and marks of RFC 5005."""
    marks = {child.name for child in root.children if child.space != root.space}
    faults = [f"more than one {name} link [RFC 5005]" for name in sorted(_ARCHIVING) if len(to(root, name)) > 1]
    if "complete" in marks and any(to(root, name) for name in _ARCHIVING - {"current"}):
        faults.append("complete, and linked to other documents [RFC 5005, 2; FeedRelInCompleteFeed]")
    if "archive" in marks and "complete" not in marks:
        if not to(root, "current"):
            faults.append("an archive without a link to the current document [RFC 5005, 4; MissingCurrentInArchive]")
        if not (to(root, "prev-archive") or to(root, "next-archive")):
            faults.append("an archive without a link to another [ArchiveIncomplete]")
    return faults
