"""Elements that mean more than their text: headings, links, formulae, what is not shown, what tells of the page.

What a start tag does to the page is undone when its element ends.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from digest.containers.addresses import is_web
from digest.containers.elements import HEADINGS, VOID
from digest.containers.page import Page
from digest.containers.tags import decoded
from digest.text import single_spaced

# What is not the page's text: programs, styles, pictures, choices, what only other programs show.
_ASIDES = """
    annotation-xml audio canvas datalist mjx-math object optgroup option rp select svg video
"""
_SAVED_FROM = re.compile(r"saved from url=\(\d{1,6}\)(\S{1,2000})|^\s*Page saved with SingleFile\s+url: (\S{1,2000})")
_Attributes = Mapping[str, str]


def start(page: Page, name: str, attributes: _Attributes, place: int) -> None:
    """Do what an element does by beginning, at a place in the markup; it was pushed before, if it has an end at all."""
    if attributes:
        page.keep_json(attributes.values())
        if _is_hidden(page, name, attributes):
            page.drop()
            return
    if special := STARTS.get(name):
        special(page, name, attributes, place)


def counts(attributes: _Attributes) -> bool:
    """Tell whether attributes have any meaning here, whatever element they are of."""
    if "hidden" in attributes or "aria-hidden" in attributes or attributes.get("role") == "heading":
        return True
    return any(value[:1] in ("{", "[") and "title" in value for value in attributes.values())


def raw(page: Page, name: str, attributes: _Attributes, text: str) -> None:
    """Take an element whose text is no markup."""
    if page.dropping:
        return
    if name == "title":
        page.title = page.title or single_spaced(decoded(text[:10_000]))[:1000]
    elif name == "script" and attributes.get("type", "").lower().partition(";")[0].strip().endswith("json"):
        page.keep_json((text,))


def comment(page: Page, text: str) -> None:
    """Take a comment: browsers and their extensions leave the page's address in one."""
    if not page.blocks and (found := _SAVED_FROM.search(text)):
        _tell(page, "saved from", found[1] or found[2])


def _tell(page: Page, what: str, address: str | None) -> None:
    if address and is_web(address.strip()):
        page.addresses.setdefault(what, address.strip())


def _is_hidden(page: Page, name: str, attributes: _Attributes) -> bool:
    """Tell whether nobody sees the element; note the heading that it may be."""
    if attributes.get("hidden", "until-found").lower() != "until-found":
        return name not in VOID
    if attributes.get("aria-hidden", "").lower() == "true":
        # A formula's looks beside its MathML; other things that a screen reader passes over are text still.
        return name == "nobr" or (bool(page.parts) and len(page.parts) == page.after_formula)
    if attributes.get("role") == "heading" and name not in VOID:
        page.part()
        level = attributes.get("aria-level", "")
        page.set("level", int(level) if level in ("1", "2", "3", "4", "5", "6") else 2)
        page.on_end(lambda _: page.part())
    return False


def _heading(page: Page, name: str, _: _Attributes, __: int) -> None:
    page.set("level", HEADINGS[name])


def _link(page: Page, _: str, attributes: _Attributes, __: int) -> None:
    page.link = attributes.get("href", "")


def _preformatted(page: Page, _: str, __: _Attributes, ___: int) -> None:
    page.set("preformatted", 2)


def _dropped(page: Page, _: str, __: _Attributes, ___: int) -> None:
    page.drop()


def _template(page: Page, _: str, attributes: _Attributes, __: int) -> None:
    if not ("shadowrootmode" in attributes or "shadowroot" in attributes):
        page.drop()


def _formula(page: Page, _: str, attributes: _Attributes, place: int) -> None:
    page.on_end(_end_formula, page)
    if tex := attributes.get("alttext"):
        page.write(f"${tex}$", place)
        _end_formula(page)
        page.drop()
    else:
        page.formula = len(page.parts)


def _end_formula(page: Page) -> None:
    page.formula = -1
    page.after_formula = len(page.parts)


def _annotation(page: Page, _: str, attributes: _Attributes, place: int) -> None:
    """Take a formula's TeX instead of what stands for it in MathML."""
    if page.formula < 0 or "tex" not in attributes.get("encoding", ""):
        page.drop()
        return
    del page.parts[page.formula :]
    page.write("$", place)
    page.on_end(page.parts.append, "$")


def _base(page: Page, _: str, attributes: _Attributes, __: int) -> None:
    page.base = page.base or attributes.get("href", "")


def _rel(page: Page, _: str, attributes: _Attributes, __: int) -> None:
    if "canonical" in attributes.get("rel", "").lower().split():
        _tell(page, "canonical", attributes.get("href"))


def _meta(page: Page, _: str, attributes: _Attributes, __: int) -> None:
    if attributes.get("property") == "og:url":
        _tell(page, "og:url", attributes.get("content"))


STARTS: dict[str, Callable[[Page, str, _Attributes, int], None]] = {
    **dict.fromkeys(_ASIDES.split(), _dropped),
    **dict.fromkeys(HEADINGS, _heading),
    "a": _link,
    "annotation": _annotation,
    "base": _base,
    "link": _rel,
    "math": _formula,
    "meta": _meta,
    "pre": _preformatted,
    "template": _template,
}
