"""Text as such, whatever it says: cleaning what comes from outside, folding it, the title key, cutting, counting."""

from __future__ import annotations

import re
import unicodedata

from digest import tex

# C0 and C1 controls except white space, lone surrogates, and noncharacters (The Unicode Standard, section 23.7): some
# of them XML forbids (1.0, section 2.2), and the others HTML.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Beyond the first plane they are looked for where a text has such characters at all: one pattern of both takes ten
# times as long as the first alone.
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_ENDS = re.compile(f"[{''.join(chr(end) + chr(end + 1) for end in range(0x1FFFE, 0x110000, 0x10000))}]")
# Letters that people also write without their stroke or apart, though Unicode does not decompose them.
_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_NOT_WORD = re.compile(r"[\W_]+")


_ASCII_SPACES = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f"  # what str.split takes for white space besides the space
_LONG = 300  # characters from which on nine searches are faster than ``str.isprintable``


def is_single_spaced(text: str) -> bool:
    """Tell quickly that all white space in a text is single spaces between words; False may mean "cannot tell"."""
    if "  " in text or text[:1] == " " or text[-1:] == " ":
        return False
    if len(text) > _LONG and text.isascii():
        return not any(space in text for space in _ASCII_SPACES)
    return text.isprintable()  # of all white space, only the space is


def single_spaced(text: str) -> str:
    """Return the text with every run of white space as one space, and none at its ends."""
    flat = text.replace("\n", " ")
    return flat if is_single_spaced(flat) else " ".join(text.split())


def printable(text: str) -> str:
    """Return the text without characters that XML, mail headers or terminals cannot carry; white space stays."""
    clean = _FORBIDDEN.sub("", text)
    return clean if clean.isascii() or not _BEYOND.search(clean) else _ENDS.sub("", clean)


def readable(text: str) -> str:
    """Return what a reader sees and rules match: TeX as Unicode, nothing unprintable, single spaces."""
    flat = text.replace("\n", " ")
    return flat if is_readable(flat) else single_spaced(printable(tex.to_unicode(text)))


def is_readable(text: str) -> bool:
    """Tell quickly that a text is readable as it stands, without marks of direction; False may mean "cannot tell"."""
    if "$" in text or "\\" in text or "  " in text or text[:1] == " " or text[-1:] == " ":
        return False
    return text.isprintable()


def fold(text: str) -> str:
    """Return the text without case, accents and strokes, in compatibility form (NFKD, marks dropped, ``casefold``)."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().translate(_STROKES)


def title_key(title: str) -> str:
    """Return the key under which equal titles meet: case, accents, punctuation, TeX and spacing make no difference.

    A title without any letter or digit is its own key, so that such titles do not all meet.
    """
    return _NOT_WORD.sub("", fold(tex.to_unicode(title))) or single_spaced(title)


def shortened(text: str, limit: int) -> str:
    """Return the text cut at a word to at most ``limit`` characters, an ellipsis included where it was cut."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    return (head[:space] if space > limit // 2 else head).rstrip(" ,;:.") + "…"


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun: "1 paper", "1,927 papers"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
