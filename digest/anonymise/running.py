"""Text without its words: line for line the same shape, with what pages print around their listings."""

from __future__ import annotations

import re

from digest.anonymise.kept import GLUED, MONTH, VERBATIM, VERBATIM_LINE
from digest.anonymise.words import Words

# arXiv ids (https://info.arxiv.org/help/arxiv_identifier.html): year and month stay, so that they stay ids.
_ARXIV = r"(?<!\d)(?<!\d\.)(?P<month>\d\d(?:0[1-9]|1[0-2]))(?P<dot>\.)(?P<serial>\d{4,5})(?P<version>v\d{1,2})?(?!\d)"
_OLD_ARXIV = r"(?<=[a-zA-Z]/)(?P<old_month>\d\d(?:0[1-9]|1[0-2]))(?P<old_serial>\d{3})(?!\d)"
# Letters and digits mixed without a break: no word, but what opens or names something of the person's.
_MIXED = r"(?P<token>(?<![A-Za-z0-9])(?=[A-Za-z]{0,40}\d)(?=\d{0,40}[A-Za-z])[A-Za-z0-9_]{16,})"
# Most of any text, told before the rarer things are asked for: marks, and small words that none of them begins with.
_MARKS = r"(?P<marks>(?<!^)[ ,;:()\[\]{}$^~\"'+*<>=!?-]+)"
_SMALL = r"(?P<small>(?!(?:figures|part|additional|author|research|crosses|revis))[a-z]+(?=[ ,;:)]|[.,]?$))"
_PIECE = re.compile(
    "|".join(
        (
            _MARKS,
            _SMALL,
            r"(?P<entity>&#(?:\d{1,7}|[xX][0-9A-Fa-f]{1,6});)",
            _ARXIV,
            _OLD_ARXIV,
            rf"(?P<kept>{VERBATIM})",
            _MIXED,
            r"(?P<digits>\d+)",
            rf"(?P<letters>[^\W\d_]+?(?={GLUED})|[^\W\d_]+)",
        )
    )
)
# What names the parts of an entry in BibTeX, and macros, which are named without quotation marks.
_BIBTEX = re.compile(
    r"(?m)^[ \t]{0,8}@\w{1,30}\s{0,8}[{(]"
    rf"|(?<=[{{,\n])\s{{0,40}}(?i:(?:year|month|day)\s{{0,20}}=(?:[\s\"{{~#]|\d{{1,4}}\b|{MONTH}\b){{1,40}})"
    r"|(?<=[{,\n])\s{0,40}[A-Za-z][\w-]{0,40}\s{0,20}=(?:\s{0,20}[A-Za-z]\w{0,40}\s{0,20}(?=[,#}\n]))?"
)
_IS_BIBTEX = re.compile(r"(?m)^[ \t]{0,8}@[A-Za-z]{2,30}\s{0,8}[{(]")


def sample_of_text(text: str, words: Words) -> str:
    """Return a text with other words; its lines are as many and as long."""
    if not _IS_BIBTEX.search(text):
        return "".join(sample_of_line(line, words) for line in text.splitlines(keepends=True))
    parts, place = [], 0
    for name in _BIBTEX.finditer(text):
        parts += [sample_of_line(text[place : name.start()], words), name[0]]
        place = name.end()
    return "".join((*parts, sample_of_line(text[place:], words)))


def sample_of_line(line: str, words: Words) -> str:
    """Return a line, or any text that stands by itself, with other words."""
    return line if VERBATIM_LINE.fullmatch(line) else _PIECE.sub(lambda found: _other(found, words), line)


def _other(found: re.Match[str], words: Words) -> str:
    which = found.lastgroup
    if which in ("marks", "kept"):
        return found[0]
    if which == "small":
        return words.run(found[0])
    if letters := found["letters"]:
        return words.run(letters)
    if digits := found["digits"]:
        return words.number(digits)
    if serial := found["serial"]:
        return f"{found['month']}.{words.number(serial)}{found['version'] or ''}"
    if serial := found["old_serial"]:
        return found["old_month"] + words.number(serial)
    if token := found["token"]:
        return words.token(token)
    return _other_entity(found["entity"], words) if found["entity"] else found[0]


def _other_entity(entity: str, words: Words) -> str:
    """Return a character reference to another letter where it is one to a letter."""
    is_hex = entity[2] in "xX"
    code = int(entity[3:-1], 16) if is_hex else int(entity[2:-1])
    if code > 0x10FFFF or not chr(code).isalpha():
        return entity
    other = ord(words.letter(chr(code))) if code > 0x7F else ord(words.token(chr(code)))
    return f"&#x{other:x};" if is_hex else f"&#{other};"
