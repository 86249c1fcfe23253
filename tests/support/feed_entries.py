"""What holds of a feed's entries beside each other: who wrote them, what they say, that they can be told apart."""

from __future__ import annotations

from collections import Counter

from feed_links import relation
from feed_tree import Node


def faults_of_entries(root: Node) -> list[str]:
    """Tell what is wrong with the entries of a feed (RFC 4287, sections 4.1.1 and 4.1.2)."""
    faults = []
    entries = root.named("entry")
    for number, entry in enumerate(entries, 1):
        faults += [f"entry {number}: {fault}" for fault in _faults_of_entry(entry, root)]
    faults += _faults_of_twins([_value(entry, "id") for entry in entries], "id", "DuplicateEntries, DuplicateIds")
    faults += _faults_of_twins([_value(entry, "updated") for entry in entries], "updated", "DuplicateUpdated")
    if _value(root, "id") in {_value(entry, "id") for entry in entries}:
        faults.append("feed: an entry has the feed's id [RFC 4287, 4.2.6]")
    return faults


def _value(node: Node, name: str) -> str:
    return node.named(name)[0].text


def _faults_of_entry(entry: Node, root: Node) -> list[str]:
    faults = []
    sources = [author for source in entry.named("source") for author in source.named("author")]
    if not (entry.named("author") or sources or root.named("author")):
        faults.append("no author, and none of the feed [RFC 4287, 4.1.1 and 4.1.2; MissingElement]")
    content = entry.named("content")
    if not content and not any(relation(link) == "alternate" for link in entry.named("link")):
        faults.append("neither content nor an alternate link [RFC 4287, 4.1.2; MissingContentOrAlternate]")
    if not content and not entry.named("summary"):
        faults.append("neither content nor summary [MissingTextualContent]")
    if content and not entry.named("summary") and _is_elsewhere_or_binary(content[0]):
        faults.append("no summary of a content that is no text [RFC 4287, 4.1.2; MissingSummary]")
    return faults


def _is_elsewhere_or_binary(content: Node) -> bool:
    kind = content.attributes.get("type", "text")
    is_text = "/" not in kind or kind.startswith("text/") or kind.endswith(("/xml", "+xml"))
    return "src" in content.attributes or not is_text


def _faults_of_twins(values: list[str], name: str, rule: str) -> list[str]:
    twice = [value for value, times in Counter(values).items() if times > 1]
    return [f"feed: entries with the same {name}, {value} [{rule}]" for value in twice]
