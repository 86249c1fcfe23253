"""JSON without its words: names of fields, brackets, numbers of digits and escapes stay."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from digest.anonymise.running import sample_of_line
from digest.anonymise.words import Words

# A string (RFC 8259, section 7), an unclosed one to its line's end, and the colon that makes it a name; a number; a
# word outside of strings.
_TOKEN = re.compile(
    r'(?P<text>"(?:[^"\\\n]++|\\.)*+"?)(?P<colon>\s*+:)?'
    r"|(?P<number>(?P<mantissa>\d+(?:\.\d+)?)(?P<exponent>[eE][+-]?\d+)?)|(?P<word>[^\W\d_]+)"
)
_LITERALS = ("true", "false", "null", "NaN", "Infinity")
_DECODER = json.JSONDecoder(strict=False)


def sample_of_json(text: str, words: Words, markup: Callable[[str, Words], str]) -> str:
    """Return a JSON text, broken or not, with other words in its values; ``markup`` is for values that hold tags."""
    return _TOKEN.sub(lambda found: _other(found, words, markup), text)


def _other(found: re.Match[str], words: Words, markup: Callable[[str, Words], str]) -> str:
    if found["number"]:
        return sample_of_line(found["mantissa"], words) + (found["exponent"] or "")
    if found["word"]:
        return found[0] if found[0] in _LITERALS else words.run(found[0])
    if found["colon"]:
        return found[0]
    try:
        value = _DECODER.decode(found["text"])
    except ValueError:
        return sample_of_line(found["text"], words)
    made = (markup if "</" in value else sample_of_line)(value, words)
    written = json.dumps(made, ensure_ascii="\\u" in found["text"])
    return written.replace("/", "\\/") if "\\/" in found["text"] else written
