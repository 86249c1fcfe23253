"""What holds of Atom's constructs one by one: texts, people, times, identifiers, categories (RFC 4287, 3 and 4.2)."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

from feed_html import faults_of_html
from feed_tree import XHTML, XML, Node
from feed_values import (
    faults_of_address,
    faults_of_characters,
    faults_of_id,
    faults_of_moment,
    faults_of_name,
    faults_of_plain,
    is_language,
    is_media_type,
    quoted,
)

_TEXTS = frozenset({"title", "subtitle", "rights", "summary", "content"})


def faults_of_construct(node: Node, now: datetime) -> list[str]:
    """Tell what is wrong with one element's value and attributes; ``now`` is what no time may be far ahead of."""
    faults = _faults_of_common(node)
    if node.name in _TEXTS:
        return faults + _faults_of_text(node)
    if node.children and node.name in (
        "name",
        "uri",
        "email",
        "id",
        "icon",
        "logo",
        "generator",
        "updated",
        "published",
        "link",
        "category",
    ):
        return [*faults, "elements within a plain value [RFC 4287, 4; UndefinedElement]"]
    return faults + _faults_of_value(node, now)


def _faults_of_common(node: Node) -> list[str]:
    """Tell of characters, and of xml:lang and xml:base (RFC 4287, section 2), which every element may have."""
    faults = [fault for value in (node.text, *node.attributes.values()) for fault in faults_of_characters(value)]
    language = node.attributes.get(f"{XML} lang")
    if language is not None and not is_language(language):
        faults.append(f"the language {language!r} [RFC 4287, 2; InvalidLanguage]")
    if (base := node.attributes.get(f"{XML} base")) is not None:
        faults += faults_of_address(base, "http", "https")
    return faults


def _faults_of_value(node: Node, now: datetime) -> list[str]:
    match node.name:
        case "updated" | "published":
            return faults_of_moment(node.text, now)
        case "id":
            return faults_of_id(node.text)
        case "name":
            return faults_of_name(node.text, in_hexadecimal=node.in_hexadecimal)
        case "uri" | "icon" | "logo":
            return faults_of_address(node.text, "http", "https")
        case "email":
            return [] if node.text.count("@") == 1 and node.text.isascii() else ["no address of mail [InvalidAddrSpec]"]
        case "category":
            return _faults_of_category(node)
        case "generator":
            return _faults_of_generator(node)
    return []


def _faults_of_category(node: Node) -> list[str]:
    """Tell what is wrong with a category (RFC 4287, section 4.2.2)."""
    attributes = node.attributes
    faults = [] if attributes.get("term", "").strip() else ["no term [RFC 4287, 4.2.2; MissingAttribute, NotBlank]"]
    if "scheme" in attributes:
        faults += faults_of_address(attributes["scheme"])
    if "label" in attributes:
        faults += faults_of_plain(attributes["label"], in_hexadecimal=node.in_hexadecimal)
    if node.text.strip():
        faults.append("text in a category [UnexpectedText]")
    return faults


def _faults_of_generator(node: Node) -> list[str]:
    faults = faults_of_plain(node.text, in_hexadecimal=node.in_hexadecimal)
    if not node.text.strip():
        faults.append("no name [NotBlank]")
    return faults + (faults_of_address(node.attributes["uri"]) if "uri" in node.attributes else [])


def _faults_of_text(node: Node) -> list[str]:
    """Tell what is wrong with a text construct (RFC 4287, section 3.1), or with a content (4.1.3)."""
    kind = node.attributes.get("type", "text")
    if "src" in node.attributes:
        return _faults_of_content_elsewhere(node)
    if kind not in ("text", "html", "xhtml"):
        return _faults_of_other_content(node, kind)
    if kind == "xhtml":
        return _faults_of_xhtml(node)
    if node.children:
        return [f"elements in a text of type {kind} [RFC 4287, 3.1.1; UndefinedElement]"]
    if not node.text.strip():
        return ["no text [NotBlank]"]
    if kind == "html":
        return faults_of_html(node.text)
    return faults_of_plain(node.text, in_hexadecimal=node.in_hexadecimal)


def _faults_of_xhtml(node: Node) -> list[str]:
    divisions = [child for child in node.children if (child.space, child.name) == (XHTML, "div")]
    if len(divisions) != 1 or len(node.children) != 1 or node.text.strip():
        return ["not a single div of XHTML [RFC 4287, 3.1.1.3; MissingXhtmlDiv]"]
    return ["XHTML, which these rules do not read [NotHtml, SecurityRisk]"]


def _faults_of_content_elsewhere(node: Node) -> list[str]:
    faults = faults_of_address(node.attributes["src"], "http", "https")
    if node.name != "content":
        faults.append("src in a text [RFC 4287, 3.1; UnexpectedAttribute]")
    if node.text.strip() or node.children:
        faults.append("a content with src that is not empty [RFC 4287, 4.1.3.2]")
    kind = node.attributes.get("type", "")
    if not is_media_type(kind):
        faults.append("a content with src without its media type [RFC 4287, 4.1.3.2; MissingTypeAttr]")
    return faults


def _faults_of_other_content(node: Node, kind: str) -> list[str]:
    if node.name != "content" or not is_media_type(kind) or kind.startswith(("multipart/", "message/")):
        return [
            f"the type {quoted(kind)} [RFC 4287, 3.1.1 and 4.1.3.1; InvalidTextType, InvalidMIMEType, AttrNotBlank]"
        ]
    if kind.startswith("text/") or kind.endswith(("/xml", "+xml")):
        return [] if node.text.strip() or node.children else ["no content [NotBlank]"]
    try:
        base64.b64decode("".join(node.text.split()), validate=True)
    except (binascii.Error, ValueError):
        return ["a content that is not Base64 [RFC 4287, 4.1.3.3; NotBase64]"]
    return []
