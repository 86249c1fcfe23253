"""Papers, and matches of them, whose every text is made for harm: by a seed, the same each time, or by Hypothesis."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from hypothesis import strategies as st

from digest.layouts import LAYOUTS
from digest.models import Hit, Identifiers, Match, Paper

FIRST, DAYS = date(2026, 5, 17), 30  # papers are listed on these days
LONG_ABSTRACT = 50_000  # characters
MANY_AUTHORS = 5_000

PIECES = (
    # XML and JSON
    "]]>",
    "<![CDATA[",
    "<?xml version='1.0'?>",
    "<!DOCTYPE feed [<!ENTITY a 'b'>]>",
    "<!--",
    "-->",
    "</title>",
    "</entry></feed>",
    '"}],"items":[]',
    "\\u0000\\ud800",
    '\\"',
    # Characters that nothing may hold, or that look like another
    "\x00",
    "\x01\x08\x0b\x0c\x1f",
    "\x7f",
    "\x80\x85\x9f",
    "\ud800",
    "\udfff\ud834",
    "\ufffe",
    "\uffff",
    "\ufdd0\ufdef",
    "\U0001ffff",
    "\U0010fffe",
    "\ufffd",
    "\ufeff",
    "\u2028\u2029",
    "\r\n\t",
    "\xa0\u200b\xad",
    "Garc\xc3\xada",
    "\xc3\xc2\xa3\xe2\x82\xac",
    # Directions
    "\u202eevil\u202c",
    "\u2066a\u2067b\u2068c",
    "שלום",
    "مرحبا",
    # HTML
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onclick='x",
    "<a href='javascript:alert(1)'>x</a>",
    "<b>bold</b>",
    "H<sub>2</sub>O",
    "<p",
    "</",
    "x < y > z",
    "<style>*{display:none}</style>",
    "<iframe src=//evil.example>",
    "<svg/onload=alert(1)>",
    "<math><mi>",
    "<TITLE>",
    # References
    "&",
    "&amp;",
    "&amp;lt;b&amp;gt;",
    "&alpha;-&beta",
    "&#39;&#x41;",
    "&#0;&#xd800;&#x80;&#1114112;",
    "Q&A2, R&D, S&P500, speech&image",
    "&notanentity;",
    "&CounterClockwiseContourIntegral;",
    # TeX
    "$\\frac{1}{2}$",
    "$\\mathcal{O}(n \\log n)$",
    "\\textbf{x}{\\em y}",
    "$x<y</b>$",
    "\\\"o\\'e\\ss",
    "$$$",
    "{" * 50,
    "\\newline{}",
    # Beyond the first plane, and in many marks
    "𝔸𝕝𝕘𝕖𝕓𝕣𝕒",
    "👩‍👩‍👧‍👦",
    "a" + "\u0301" * 40,
    "日本語",
    "\U000e0001\U000f0000",
    # Templates, tokens, mail
    "{{ 7 * 7 }}",
    "{% raw %}",
    "%s%(x)s{0}",
    "Ines <ines@example.org>",
    "mailto:x@y.z",
    "\r\nBcc: evil@example.com",
    # Length and white space
    "w" * 400,
    " " * 60,
    "",
    " ",
    "plain words",
    "Reward models, revisited",
)
ADDRESSES = (
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "java\nscript:alert(1)",
    "data:text/html,<script>x</script>",
    "vbscript:x",
    "//evil.example/x",
    "/etc/passwd",
    "http://",
    "https:///x",
    "https://example.org/a b",
    'https://example.org/"onclick=',
    "https://example.org/<b>",
    "https://example.org/?q[]=1&r=[2]",
    "https://[::1]/x",
    "https://[bad/x",
    "https://user:pw@example.org:8080/x#y#z",
    "https://example.org:99999/x",
    "https://example.org:port/",
    "https://example.org/100%",
    "https://example.org/%zz%c3%A9",
    "https://exämple.org/ä?ö#ü",
    "https://example.org/\x00\x1f\x7f",
    "https://example.org/\ud800",
    "https://example.org/\ufffd\ufdd0",
    "https://example.org/" + "x" * 3000,
    "https://example.org/`{|}^\\",
    "https://github.com/a/b]]>",
    "https://github.com/a/b?x=1&copy=2&#x41;",
    "http://github.com/</title>",
    "HTTPS://GITHUB.COM/a",
    "https://gitlab.com/a%20b/(c)",
    "ftp://example.org/x",
    "urn:isbn:1",
    "https://example.org./",
    "https://xn--/",
    "https://-/",
    "https://./",
    "https://@/",
    "https://:80/",
    "https://example.org\\@evil.example/",
)
IDENTIFIERS = ("2606.01000", "hep-th/9901001", "10.1000/<x>", "10.1/a(b)[c]", "10.1/%00", "10.1/é\ud800", "../..", "")
_FIELDS = ("title", "abstract", "author", "category", "venue", "page", "score", "type")  # never of the outside
_LAYOUTS = tuple(layout.name for layout in LAYOUTS)


def hostile_text(dice: random.Random, most: int = 5) -> str:
    """Return up to ``most`` pieces in a row, and now and then any characters at all."""
    text = "".join(dice.choices(PIECES, k=dice.randint(0, most)))
    if dice.random() < 0.2:
        text += "".join(chr(dice.randrange(0x300 if dice.random() < 0.7 else 0x110000)) for _ in range(8))
    return text


def hostile_papers(count: int, seed: int) -> list[Paper]:
    """Return papers with ids from 1 on, the later listed the higher, as a store has them; the same for the same seed.

    Of two thousand, about ten have an abstract of 50,000 characters, and one has 5,000 authors.
    """
    dice = random.Random(seed)
    return [
        _paper(dice, number, FIRST + timedelta(days=number * DAYS // (count + 1))) for number in range(1, count + 1)
    ]


def _paper(dice: random.Random, number: int, listed: date) -> Paper:
    def text() -> str:
        return hostile_text(dice)

    def several(most: int) -> tuple[str, ...]:
        return tuple(text() for _ in range(dice.randint(0, most)))

    authors = several(4)
    if number % 2000 == 1000:
        authors = tuple(f"{text()} {place}" for place in range(MANY_AUTHORS))
    return Paper(
        id=number,
        revision=dice.randint(1, 9),
        title=text(),
        first_listed=listed,
        changed=listed + timedelta(days=dice.choice((-1, 0, 0, 0, 0, 1, 3))),
        edits=dice.choice((0, 0, 0, 1, 2, 9)),
        abstract=_abstract(dice),
        authors=authors,
        authors_complete=dice.random() < 0.5,
        page_authors=several(1),
        affiliations=several(1),
        categories=(*several(3), *dice.choice(((), ("cs.LG", "LG"), ("Math.AG",), ('a"b<c>',)))),
        published=dice.choice((None, listed, date.min, date.max, date(1970, 1, 1))),
        has_code=dice.choice((None, False, True)),
        venue=dice.choice((None, text())),
        links=tuple(_address(dice) for _ in range(dice.randint(0, 3))),
        identifiers=_identifiers(dice),
        scores=tuple(
            (layout, dice.choice((0.0, -1e300, 36.1))) for layout in dice.sample(_LAYOUTS, dice.randint(0, 2))
        ),
        layouts=tuple(dice.sample(_LAYOUTS, dice.randint(0, 3))),
        pages=several(1),
        sources=several(1),
        announced=dice.choice(((), ("new",), ("replaced",))),
        baseline=dice.random() < 0.1,
    )


def _abstract(dice: random.Random) -> str | None:
    if dice.random() < 0.005:
        whole = "".join(hostile_text(dice, 40) for _ in range(200)) + "long " * LONG_ABSTRACT
        return whole[:LONG_ABSTRACT]
    return dice.choice((None, hostile_text(dice, 12), "A sentence. " + hostile_text(dice, 12) + ". Another one."))


def _address(dice: random.Random) -> str:
    return dice.choice(ADDRESSES) if dice.random() < 0.7 else f"https://example.org/{hostile_text(dice, 2)}"


def _identifiers(dice: random.Random) -> Identifiers:
    return Identifiers(
        arxiv=dice.choice((None, None, dice.choice(IDENTIFIERS), hostile_text(dice, 2))) or None,
        doi=dice.choice((None, None, dice.choice(IDENTIFIERS), hostile_text(dice, 2))) or None,
        url=dice.choice((None, _address(dice))),
    )


def hostile_matches(paper: Paper, dice: random.Random) -> tuple[Match, ...]:
    """Return up to three matches of a paper, whose spans lie in its texts, across their ends, or nowhere."""
    return tuple(_match(paper, dice) for _ in range(dice.randint(0, 3)))


def _match(paper: Paper, dice: random.Random) -> Match:
    hits = tuple(_hit(paper, dice, dice.choice(_FIELDS)) for _ in range(dice.randint(0, 4)))
    return Match(
        rule=hostile_text(dice),
        named=dice.random() < 0.5,
        people=dice.random() < 0.2,
        weight=dice.choice((1.0, 0.0, -5.0, 1e9)),
        hits=hits,
        topic=dice.choice((None, "alignment")),
    )


def _hit(paper: Paper, dice: random.Random, field: str) -> Hit:
    length = len((paper.title if field == "title" else paper.abstract) or "")
    ends = [-3, 0, 1, length // 2, length - 1, length, length + 7, 10**9]
    spans = tuple((dice.choice(ends), dice.choice(ends)) for _ in range(dice.randint(0, 5)))
    where = dice.choice((*paper.authors[:2], hostile_text(dice, 1)))
    return Hit(hostile_text(dice, 2), field, spans if field in ("title", "abstract") else (), where)


# By Hypothesis, which finds what the pieces above do not, and makes small what it found

anything = st.text(alphabet=st.characters(codec=None, categories=None), max_size=40)
texts = st.lists(st.one_of(st.sampled_from(PIECES), anything), max_size=4).map("".join)
addresses = st.one_of(st.sampled_from(ADDRESSES), texts.map("https://example.org/{}".format), texts)


@st.composite
def papers(draw: Callable[[st.SearchStrategy[object]], object], number: int = 1) -> Paper:
    """Draw a paper with hostile texts."""
    made = _paper(random.Random(draw(st.integers(0, 50))), number, FIRST)  # type: ignore[arg-type]
    return replace(
        made,
        title=draw(texts),
        abstract=draw(st.none() | texts),
        authors=draw(st.lists(texts, max_size=3).map(tuple)),
        categories=draw(st.lists(texts, max_size=3).map(tuple)),
        venue=draw(st.none() | texts),
        links=draw(st.lists(addresses, max_size=2).map(tuple)),
        identifiers=draw(st.builds(Identifiers, *[st.none() | texts] * 2, st.none() | addresses)),
    )


@st.composite
def matched_papers(draw: Callable[[st.SearchStrategy[object]], object]) -> tuple[Paper, tuple[Match, ...]]:
    """Draw a paper and matches of it."""
    paper: Paper = draw(papers())  # type: ignore[assignment]
    matches = hostile_matches(paper, random.Random(draw(st.integers(0, 1000))))  # type: ignore[arg-type]
    return paper, tuple(replace(match, rule=draw(texts)) for match in matches)
