"""HTML and XML without their words: tags and names of attributes stay, scripts and styles are emptied."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from digest.anonymise.running import sample_of_line
from digest.anonymise.values import sample_of_json
from digest.anonymise.words import Words

# Attributes whose values belong to the markup, and tell nothing of what it holds.
_MARKUP = """
    align aria-hidden aria-level as charset class color colspan crossorigin decoding dir disabled display encoding
    height hidden hreflang http-equiv ispermalink itemprop itemscope itemtype lang loading media method name property
    rel role rowspan scope sizes style tabindex target translate type version width xml:lang xml:space xmlns
"""
_OF_MARKUP = frozenset(_MARKUP.split())
_TAG = re.compile(r"""</?[A-Za-z][^\s<>"'/]*+(?:[^<>"']++|"[^"]*+"|'[^']*+')*+>""")
_ATTRIBUTE = re.compile(r"""([^\s=/<>"']++)(\s*+=\s*+)("[^"]*+"|'[^']*+'|[^\s<>"']++)""")
# What runs from one mark to another and is no tag: its beginning, its end.
_SPANS = (("<!--", "-->"), ("<![CDATA[", "]]>"), ("<!", ">"), ("<?", "?>"))
_RAW = re.compile(r"<(?:script|style)\b", re.IGNORECASE)
_RAW_END = re.compile(r"</(?:script|style)\b", re.IGNORECASE)
_DATA = re.compile(r"""\btype\s*=\s*["']?application/(?:[a-z.+-]*\+)?json""", re.IGNORECASE)
_NOT_LINE_ENDS = re.compile(r"[^\r\n]+")


def sample_of_markup(text: str, words: Words) -> str:
    """Return markup with other words in its text and its attributes."""
    return "".join(_parts(text, words))


def _parts(text: str, words: Words) -> Iterator[str]:
    place = 0
    while (mark := text.find("<", place)) >= 0:
        yield sample_of_line(text[place:mark], words)
        place = mark
        span = next(((opening, closing) for opening, closing in _SPANS if text.startswith(opening, mark)), None)
        if span:
            opening, closing = span
            end = _end(text, closing, mark + len(opening))
            yield _span(opening, text[mark:end], words)
            place = end
        elif tag := _TAG.match(text, mark):
            yield _tag(tag[0], words)
            place = tag.end()
            if _RAW.match(tag[0]):
                raw_end = _RAW_END.search(text, place)
                end = raw_end.start() if raw_end else len(text)
                yield _raw(tag[0], text[place:end], words)
                place = end
        else:
            yield "<"
            place += 1
    yield sample_of_line(text[place:], words)


def _end(text: str, closing: str, start: int) -> int:
    found = text.find(closing, start)
    return len(text) if found < 0 else found + len(closing)


def _span(opening: str, span: str, words: Words) -> str:
    if opening == "<!--":
        return "<!--" + sample_of_line(span[4:], words)
    if opening == "<![CDATA[":
        inner = span[9:].removesuffix("]]>")
        return opening + sample_of_markup(inner.replace("<![CDATA[", ""), words) + span[9 + len(inner) :]
    return span if len(span) < 500 else opening + span[-1:]


def _tag(tag: str, words: Words) -> str:
    keeps_content = "http-equiv" in tag.lower()

    def other(found: re.Match[str]) -> str:
        name, equals, value = found.groups()
        small = name.lower()
        if small in _OF_MARKUP or small.startswith("xmlns:") or (keeps_content and small == "content"):
            return found[0]
        quote = value[0] if value[0] in "\"'" else ""
        return f"{name}{equals}{quote}{_value(value.strip(quote) if quote else value, words)}{quote}"

    return _ATTRIBUTE.sub(other, tag)


def _value(value: str, words: Words) -> str:
    plain = html.unescape(value)
    if plain.lstrip()[:1] in ("{", "["):
        return html.escape(sample_of_json(plain, words, sample_of_markup))
    return sample_of_line(value, words)


def _raw(tag: str, content: str, words: Words) -> str:
    """Return a script's data with other words; of programs and styles only the line ends are left."""
    if _DATA.search(tag):
        return sample_of_json(content, words, sample_of_markup)
    return _NOT_LINE_ENDS.sub("", content)
