"""The HTML of entries made safe for any reader, by nh3, whatever the templates make of it."""

from __future__ import annotations

import nh3

_DIRECTION = {"dir": {"auto"}}
_CLEANER = nh3.Cleaner(
    tags={"a", "b", "br", "code", "em", "h3", "h4", "i", "li", "mark", "p", "small", "strong", "sub", "sup", "ul"},
    attributes={"a": {"href"}},
    tag_attribute_values={"h3": _DIRECTION, "h4": _DIRECTION, "li": _DIRECTION, "p": _DIRECTION},
    url_schemes={"http", "https"},
    url_relative="deny",
    link_rel="noreferrer",
)


def cleaned(html: str) -> str:
    """Return the HTML with the few elements and attributes that an entry needs, and links to web pages only."""
    return _CLEANER.clean(html).strip()
