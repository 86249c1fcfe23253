"""HTML that every feed reader shows alike and that does nothing: a strict part of the language, read to the letter.

The W3C feed validator parses with html5lib and takes every parse error for a fault (NotHtml). What passes here has
none: elements closed in order, references complete, attributes quoted. What it calls acceptable and a feed of papers
has no use for (forms, audio, styles) is told as well.
"""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5

from feed_values import NONCHARACTERS, faults_of_address, quoted, words

_TOKEN = re.compile(
    r"""<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)(?P<attributes>(?:\s+[a-zA-Z][\w-]*="[^"]*")*)\s*(?P<void>/?)>"""
    r"""|&(?P<reference>\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]*);|(?P<text>[^<&]+)"""
)
_ATTRIBUTE = re.compile(r"""([a-zA-Z][\w-]*)="([^"]*)\"""")
_REFERENCE = re.compile(r"&([^;&\s]*;)?")
# What preprocessing and character references must not bring (html.spec.whatwg.org, "parse errors").
_NO_CHARACTER = re.compile(f"[\x00-\x08\x0b\x0d-\x1f\x7f-\x9f\ud800-\udfff{NONCHARACTERS}]")
_VOID = frozenset({"br", "hr", "img", "wbr", "col"})
_BLOCKS = words(
    "address article aside blockquote details dl div figcaption figure footer h1 h2 h3 h4 h5 h6 header hr ol p pre "
    "section summary table ul li dd dt"
)
_INLINE = words(
    "a abbr b bdi br cite code del dfn em i img ins kbd mark q s samp small span strong sub sup time u var wbr"
)
# Elements that stand in certain others only; between those of a table no text may stand.
_PARENTS = {
    "li": {"ul", "ol"},
    "dt": {"dl"},
    "dd": {"dl"},
    "caption": {"table"},
    "colgroup": {"table"},
    "col": {"colgroup"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
}
_WITHOUT_TEXT = frozenset({"table", "colgroup", "thead", "tbody", "tfoot", "tr"})
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SAFE = _BLOCKS | _INLINE | frozenset(_PARENTS)
_ATTRIBUTES = words(
    "abbr alt cite class colspan datetime dir headers height href hreflang id lang rel reversed rowspan scope src "
    "start target title type value width"
)
_LINKS = frozenset({"href", "src", "cite"})


def faults_of_html(value: str) -> list[str]:
    """Tell what is unsafe or no HTML in a fragment; it is to stand in a ``div``."""
    return _Fragment().faults(value)


class _Fragment:
    """One pass over a fragment, with the elements that are open."""

    def __init__(self) -> None:
        self._open: list[str] = []
        self._faults: list[str] = []

    def faults(self, value: str) -> list[str]:
        at = 0
        while at < len(value):
            token = _TOKEN.match(value, at)
            if not token:
                return [*self._faults, f"no HTML: {quoted(value[at:])} [NotHtml]"]
            self._take(token)
            at = token.end()
        if self._open:
            self._faults.append(f"<{self._open[-1]}> is never closed [NotHtml]")
        return self._faults

    def _take(self, token: re.Match[str]) -> None:
        if token["name"]:
            (self._ends if token["end"] else self._begins)(token, token["name"].lower())
        else:
            self._says(token)

    def _says(self, token: re.Match[str]) -> None:
        if token["reference"]:
            self._faults += _faults_of_reference(token["reference"] + ";")
        elif found := _NO_CHARACTER.search(token["text"]):
            self._faults.append(f"U+{ord(found[0]):04X} in HTML [NotHtml]")
        if self._open and self._open[-1] in _WITHOUT_TEXT and token[0].strip():
            self._faults.append(f"text directly in <{self._open[-1]}> [NotHtml]")

    def _begins(self, token: re.Match[str], name: str) -> None:
        self._faults += _faults_of_place(name, self._open) + _faults_of_attributes(name, token["attributes"])
        if token["void"] and name not in _VOID:
            self._faults.append(f"<{name}/>, which is not closed by its slash [NotHtml]")
        if name not in _VOID:
            self._open.append(name)

    def _ends(self, token: re.Match[str], name: str) -> None:
        if token["attributes"] or token["void"] or not self._open or self._open[-1] != name:
            self._faults.append(f"</{name}> where it closes nothing [NotHtml]")
        else:
            self._open.pop()


def _faults_of_place(name: str, within: list[str]) -> list[str]:
    """Tell of an element that may not stand where it does, or not at all."""
    faults = []
    if name not in _SAFE:
        faults.append(f"<{name}> [SecurityRisk, NotHtml]")
    if name in _BLOCKS and "p" in within:
        faults.append(f"<{name}> within a <p>, which it ends [NotHtml]")
    if name in _HEADINGS and _HEADINGS & set(within):
        faults.append(f"<{name}> within a heading [NotHtml]")
    if name == "a" and "a" in within:
        faults.append("a link within a link [NotHtml]")
    parent = within[-1] if within else "div"
    if parent not in _PARENTS.get(name, {parent}) or (parent in _WITHOUT_TEXT and name not in _PARENTS):
        faults.append(f"<{name}> directly in <{parent}> [NotHtml]")
    return faults


def _faults_of_attributes(element: str, written: str) -> list[str]:
    faults: list[str] = []
    seen: set[str] = set()
    for name, value in _ATTRIBUTE.findall(written):
        name = name.lower()
        if name in seen:
            faults.append(f"{name} twice in <{element}> [NotHtml]")
        if name not in _ATTRIBUTES and not name.startswith("data-"):
            faults.append(f"{name} in <{element}> [SecurityRiskAttr, DangerousStyleAttr]")
        seen.add(name)
        faults += _faults_of_value(value)
        if name in _LINKS:
            faults += [
                f"{name}: {fault} [ContainsRelRef]"
                for fault in faults_of_address(unescape(value), "http", "https", "mailto")
            ]
    return faults


def _faults_of_value(value: str) -> list[str]:
    faults = [fault for found in _REFERENCE.finditer(value) for fault in _faults_of_reference(found[1] or "")]
    return faults + [f"U+{ord(found):04X} in HTML [NotHtml]" for found in _NO_CHARACTER.findall(value)[:1]]


def _faults_of_reference(written: str) -> list[str]:
    """Tell what is wrong with a reference, given as what stands after its ampersand, the semicolon included."""
    number = re.fullmatch(r"#(?:([0-9]{1,7})|[xX]([0-9a-fA-F]{1,6}));", written)
    if number:
        code = int(number[1]) if number[1] else int(number[2], 16)
        if code > 0x10FFFF or _NO_CHARACTER.match(chr(code)):
            return [f"a reference to no character, &{written} [NotHtml]"]
    elif written not in html5:
        return [f"no reference: &{quoted(written)} [NotHtml]"]
    return []
