"""HTML's tags as they are written: where one ends, its name, its attributes, and the characters that references mean.

After HTML Living Standard, section 13.2.5. Every expression is linear: nothing that was matched is tried anew.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import islice

_MOST_ATTRIBUTES = 1000
_USUAL = (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#39;", "'"), ("&#x27;", "'"), ("&nbsp;", "\xa0"))
_ENDLESS = re.compile("&#[0-9]{4000,}+;?")  # which Python does not take for numbers
# A name without its semicolon is none before a letter, a digit or "=": addresses have "?a=1&copy=2".
_IN_ATTRIBUTE = re.compile("&(?:#[0-9xX][0-9a-fA-F]*+;?|[A-Za-z][A-Za-z0-9]{0,40}+(?:;|(?![A-Za-z0-9=])))")

_NAME = r"[a-zA-Z][^\t\n\f\r />]*+"
_SPACE = r"[\t\n\f\r ]*+"
_KEY = r"[^\t\n\f\r />][^\t\n\f\r />=]*+"
_BARE = r"[^\t\n\f\r >]*+"
_ATTRIBUTES = rf"""(?:[\t\n\f\r /]*+{_KEY}
    (?:{_SPACE}={_SPACE}(?:"[^"]*+(?:"%(end)s)|'[^']*+(?:'%(end)s)|(?!["']){_BARE})|(?!{_SPACE}=)))*+[\t\n\f\r /]*+"""
_BEGINNING = re.compile(f"/?{_NAME}")
_WHOLE = re.compile(f"/?{_NAME}" + _ATTRIBUTES % {"end": ""}, re.VERBOSE)
_FROM_HERE = re.compile(f"/?{_NAME}" + _ATTRIBUTES % {"end": r"|\Z"}, re.VERBOSE)
_ATTRIBUTE = re.compile(
    rf"""({_KEY})(?:{_SPACE}={_SPACE}(?:"([^"]*+)"?|'([^']*+)'?|({_BARE})))?+""",
    re.VERBOSE,
)


def is_whole(source: str) -> bool:
    """Tell whether what stands between "<" and the first ">" is a tag, and not the beginning of one."""
    return _WHOLE.fullmatch(source) is not None


def end_of(markup: str, start: int) -> int:
    """Return where the tag ends whose name begins there: the place of its ">", -1 for none."""
    found = _FROM_HERE.match(markup, start)
    return found.end() if found and markup.startswith(">", found.end()) else -1


def name_of(source: str) -> str:
    """Return the name of a tag in small letters, with the slash before that of an end tag; "" where it is no tag."""
    found = _BEGINNING.match(source)
    return found[0].lower() if found else ""


def attributes_of(source: str, name: str) -> dict[str, str]:
    """Return what a tag's attributes say, by their names in small letters; of equal names the first counts."""
    found: dict[str, str] = {}
    for one in islice(_ATTRIBUTE.finditer(source, len(name)), _MOST_ATTRIBUTES):
        key, double, single, bare = one.groups()
        value = double or single or bare or ""
        if "&" in value:
            value = _IN_ATTRIBUTE.sub(_meant, value)
        found.setdefault(key if key.islower() else key.lower(), value)
    return found


def _meant(reference: re.Match[str]) -> str:
    return decoded(reference[0])


def decoded(text: str) -> str:
    """Return markup's text with the characters that its references mean; what is none stays. It holds no U+0000."""
    usual = text.replace("&amp;", "\0")
    if "&" in usual:
        for reference, character in _USUAL:
            usual = usual.replace(reference, character)
        if "&" in usual:
            return unescape(_ENDLESS.sub("\ufffd", text) if len(text) > 4000 else text)
    return usual.replace("\0", "&")
