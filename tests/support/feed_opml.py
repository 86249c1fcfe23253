"""What holds of a list of feeds in OPML 2.0 (opml.org/spec2.opml): readers subscribe to what it names."""

from __future__ import annotations

import re
from collections import Counter
from email.utils import parsedate_to_datetime

from feed_tree import Node, NotXMLError, read
from feed_values import faults_of_address, faults_of_characters, faults_of_plain, is_language, quoted, words

_HEAD = words(
    "title dateCreated dateModified ownerName ownerEmail ownerId docs expansionState vertScrollState windowTop "
    "windowLeft windowBottom windowRight"
)
_ATTRIBUTES = words(
    "category created description htmlUrl isBreakpoint isComment language text title type url version xmlUrl"
)
_DATE = re.compile(r"(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UT)")


def faults_of_opml(data: bytes) -> list[str]:
    """Tell all that is wrong with a list of subscriptions."""
    try:
        tree = read(data)
    except NotXMLError as error:
        return [f"document: {error} [OPML 2.0: XML]"]
    root = tree.root
    if (root.space, root.name, root.attributes) != ("", "opml", {"version": "2.0"}):
        return ["document: its root is not opml, version 2.0 [OPML 2.0: opml; InvalidOPMLVersion]"]
    if [child.name for child in root.children] != ["head", "body"]:
        return ["document: not a head and a body [OPML 2.0: opml; MissingElement]"]
    head, body = root.children
    return [*_faults_of_head(head), *_faults_of_body(body), *_faults_of_texts(root)]


def _faults_of_texts(root: Node) -> list[str]:
    values = [value for node in root.all() for value in (node.text, *node.attributes.values())]
    return [f"document: {fault}" for value in values for fault in faults_of_characters(value)]


def _faults_of_head(head: Node) -> list[str]:
    there = Counter(child.name for child in head.children)
    faults = [f"head: {name} [OPML 2.0: head; UndefinedElement]" for name in there if name not in _HEAD]
    faults += [f"head: {name} more than once [DuplicateElement]" for name, times in there.items() if times > 1]
    for child in head.children:
        if child.name in ("dateCreated", "dateModified"):
            faults += [f"head, {child.name}: {fault}" for fault in _faults_of_date(child.text)]
        if child.name == "ownerId":
            faults += [f"head, ownerId: {fault}" for fault in faults_of_address(child.text, "http", "https")]
    return faults


def _faults_of_date(value: str) -> list[str]:
    """Tell what is wrong with a date (RFC 822, years of four digits)."""
    try:
        written = parsedate_to_datetime(value) if _DATE.fullmatch(value) else None
    except ValueError:
        written = None
    if written is None or ("," in value and f"{written:%a}" != value[:3]):
        return [f"no date: {quoted(value)} [OPML 2.0: RFC 822; InvalidRFC2822Date, IncorrectDOW]"]
    return []


def _faults_of_body(body: Node) -> list[str]:
    faults = [] if body.children else ["body: no outline [OPML 2.0: body; MissingElement]"]
    for node in body.all():
        if node is not body:
            faults += [
                f"outline {node.attributes.get('text', '')[:40]!r}: {fault}" for fault in _faults_of_outline(node)
            ]
    subscribed = Counter(node.attributes["xmlUrl"] for node in body.all() if "xmlUrl" in node.attributes)
    return faults + [
        f"body: {address} twice [OPML 2.0: subscription lists]" for address, times in subscribed.items() if times > 1
    ]


def _faults_of_outline(node: Node) -> list[str]:
    if node.name != "outline":
        return [f"{node.name} [OPML 2.0: outline; UndefinedElement]"]
    attributes = node.attributes
    faults = [f"the attribute {name} [UnexpectedAttribute]" for name in attributes if name not in _ATTRIBUTES]
    if not attributes.get("text", "").strip():
        faults.append("no text [OPML 2.0: text; MissingAttribute]")
    if node.text.strip():
        faults.append("text within [UnexpectedText]")
    faults += _faults_of_subscription(attributes) if attributes.get("type") == "rss" else _faults_of_group(node)
    return faults + [
        f"{name}: {fault}" for name in ("text", "title") for fault in _faults_of_label(attributes.get(name))
    ]


def _faults_of_label(value: str | None) -> list[str]:
    """Tell of markup: the format allows it there, encoded, and readers show it as it stands."""
    return faults_of_plain(value or "", in_hexadecimal=True)


def _faults_of_subscription(attributes: dict[str, str]) -> list[str]:
    faults = [
        f"no {name} [OPML 2.0: subscription lists; MissingXmlURL, MissingTitleAttr]"
        for name in ("xmlUrl", "title")
        if not attributes.get(name, "").strip()
    ]
    for name in ("xmlUrl", "htmlUrl"):
        if name in attributes:
            faults += [f"{name}: {fault}" for fault in faults_of_address(attributes[name], "http", "https")]
    if "created" in attributes:
        faults += [f"created: {fault}" for fault in _faults_of_date(attributes["created"])]
    if "language" in attributes and not is_language(attributes["language"]):
        faults.append(f"the language {quoted(attributes['language'])} [InvalidLanguage]")
    if attributes.get("version", "RSS") not in ("RSS", "RSS1", "RSS2", "scriptingNews"):
        faults.append(f"the version {quoted(attributes['version'])} [InvalidOutlineVersion]")
    return faults


def _faults_of_group(node: Node) -> list[str]:
    if "xmlUrl" in node.attributes:
        return ["an address of a feed without the type rss [OPML 2.0: subscription lists; MissingOutlineType]"]
    return [] if node.children else ["neither a feed nor a group of them [OPML 2.0: subscription lists]"]
