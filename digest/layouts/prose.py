"""Telling running text from titles, cut text from whole, and a page's furniture from its listings, all by shape."""

from __future__ import annotations

import re

_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]* [A-Z(\"“$\\]")
_CLOSED = re.compile(r"[.!?。？！][\"'”’)\]}$*]*$")
_ENDS_IN_URL = re.compile(r"https?://\S+$", re.IGNORECASE)

LONG = 320
"""Characters from which a line is running text whatever its shape: hardly a title is longer."""

_STATED = re.compile(
    r"(?:All |Showing )?(\d{1,3}(?:,\d{3})+|\d{1,9}) ?(?:papers|results|documents)(?: found)?", re.IGNORECASE
)
# A number ends where its digits do, or the pattern would try every way to part a long one.
_ARROW = r"(?:←|→|«|»|‹|›|<|>|\.\.\.|…|\||·|\d{1,6}(?!\d))"
_SITE_WORD = (
    r"(?:Terms|Privacy|Cookies?|Contact|About|Help|Jobs|Careers|Pricing|Docs|Blog|Imprint|Sitemap|Models|Datasets|Spaces"
    r"|Website|Company|TOS|Status|FAQ|Feedback|API|Policy|Service|Use|Settings|Home|Search|Log ?in|Legal|Accessibility"
    r"|of|Us|and|&)"
)
_FURNITURE = re.compile(
    "|".join(
        (
            rf"(?:{_ARROW} ?)*(?:Previous|Prev)(?: page)?(?: ?{_ARROW})*(?: ?Next(?: page)?(?: ?{_ARROW})*)?",
            rf"(?:{_ARROW} ?)*Next(?: page)?(?: ?{_ARROW})*",
            rf"(?:Page )?{_ARROW}(?:(?: of)? ?{_ARROW})*",
            r"(?:Load|Show|View|See|Read) (?:more|less|all)(?: (?:papers|results|articles|abstract))?(?:\.\.\.|…)?",
            r"\(more(?:\.\.\.|…)\)|Back to top|Loading(?:\.\.\.|…)?|Sort(?:ed)? by.{0,30}",
            r"Share|Save|Cite|Filters?|Home",
            r"(?:©|\(c\)|Copyright ).{0,160}|All rights reserved\.?|Powered by .{0,60}",
            rf"(?=.*(?:Terms|Privacy|Cookie|TOS|Pricing|Log ?in|Sitemap)){_SITE_WORD}(?:[ ,|·•/]*{_SITE_WORD})*",
            r"(?:Sign|Log) ?(?:in|up|out)(?: (?:to|or|with|for) .{0,40})?",
            r"[\W_]+",
        )
    ),
    re.IGNORECASE,
)


def is_prose(text: str) -> bool:
    """Tell whether a line is running text (an abstract) and not a title, a source, a name or a button."""
    if len(text) >= LONG:
        return True
    words = text.count(" ") + 1
    if words < 5:
        return False
    if _SENTENCE_END.search(text) and len(text) >= 160:
        return True
    return text.endswith((".", ".”", ".)", '."')) and not text.endswith(("...", "et al."))


def reads_like_abstract(text: str) -> bool:
    """Tell whether a short line is rather an abstract than a title: it ends as a sentence does, or is mostly small."""
    return text.endswith((".", "…")) or (text.count(" ") >= 7 and is_mostly_small(text))


def is_mostly_small(text: str) -> bool:
    """Tell whether most words begin with a small letter, as in running text."""
    words = [word for word in text.split(" ") if word[0].isalpha()]
    return sum(word[0].islower() for word in words) > 0.7 * len(words)


def may_be_bare_title(text: str) -> bool:
    """Tell whether a line that nothing else speaks for may be a title: three words at least, the first not small."""
    return (
        text.count(" ") >= 2 and not text[0].islower() and any(map(str.isalpha, text)) and not text.endswith((":", "!"))
    )


def is_cut(text: str) -> bool:
    """Tell whether running text stops in mid-sentence; an address may end a text without a full stop."""
    return (not _CLOSED.search(text) and not _ENDS_IN_URL.search(text)) or text.endswith(("...", "…"))


def stated(text: str) -> int | None:
    """Return the number of papers that a line such as "123 Papers" or "1,024 results" states, else None."""
    found = _STATED.fullmatch(text)
    return int(found[1].replace(",", "")) if found else None


def is_furniture(text: str) -> bool:
    """Tell whether a line belongs to any page and no listing: navigation, counts of pages, a footer."""
    return len(text) <= 200 and _FURNITURE.fullmatch(text) is not None
