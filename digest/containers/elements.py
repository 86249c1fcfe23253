"""Elements of HTML that are open: which of them a start tag or an end tag closes, written or not.

The rules are those of HTML Living Standard, section 13.2.6, as far as they decide where text stands: what its tree
builder makes anew elsewhere (formatting, text out of tables) changes no text.
"""

from __future__ import annotations

HEADINGS = {f"h{level}": level for level in range(1, 7)}

# What parts blocks: the elements that the standard, section 15.3, displays as other than inline.
PARTING = frozenset(
    """
    address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption figure
    footer form frameset h1 h2 h3 h4 h5 h6 header hgroup hr html legend li main menu nav ol p pre search section summary
    table tbody td tfoot th thead tr ul
    """.split()  # noqa: SIM905 - a list of words reads better as text
)
# What has no end, and what begins with every page, whether its tag stands there or not.
VOID = frozenset(
    (
        *("area", "base", "basefont", "bgsound", "br", "col", "embed", "frame", "hr", "image", "img", "input", "link"),
        *("meta", "param", "source", "track", "wbr", "html", "head", "body"),
    )
)
# What HTML's parser reads as text up to its end tag (sections 13.2.5.2 to 13.2.5.4).
RAW = frozenset(("script", "style", "title", "textarea", "iframe", "noembed", "noframes", "noscript"))
_FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())  # noqa: SIM905 - as above

# What an end, written or not, does not reach beyond (section 13.2.4.2).
_ROWS = frozenset(("tbody", "thead", "tfoot"))
_CELLS = frozenset(("td", "th"))
_TABLES = frozenset(("table", "template"))
_SCOPE = _TABLES | _CELLS | {"html", "caption", "object", "applet", "marquee", "foreignobject"}
_PARAGRAPH_SCOPE = _SCOPE | {"button"}
_SPECIAL = PARTING | _PARAGRAPH_SCOPE | {"select"}
_LIST_SCOPE = _SPECIAL - {"address", "div", "p"}
_PARAGRAPH = frozenset(("p",))

# By the element that begins: what it closes, and what that is not looked for beyond.
_CLOSED: dict[str, tuple[frozenset[str], frozenset[str]]] = {
    "li": (frozenset(("li",)), _LIST_SCOPE),
    **dict.fromkeys(("dd", "dt"), (frozenset(("dd", "dt")), _LIST_SCOPE)),
    **dict.fromkeys(_CELLS, (_CELLS, _TABLES | _ROWS | {"tr"})),
    "tr": (frozenset(("tr", "caption", "colgroup")), _TABLES | _ROWS),
    **dict.fromkeys((*_ROWS, "caption", "colgroup"), (_ROWS | {"caption", "colgroup"}, _TABLES)),
    "option": (frozenset(("option",)), frozenset(("select", "datalist", "optgroup"))),
    "optgroup": (frozenset(("option", "optgroup")), frozenset(("select",))),
    **dict.fromkeys(("rt", "rp"), (frozenset(("rt", "rp")), _SPECIAL | {"ruby"})),
    "a": (frozenset(("a",)), _SCOPE),
    **dict.fromkeys(HEADINGS, (frozenset(("p", *HEADINGS)), _SPECIAL)),
}
CLOSING = frozenset(_CLOSED)
_CLOSES_NO_PARAGRAPH = _CELLS | _ROWS | {"br", "legend", "frameset", "html", "body", "caption", "tr"}
_CLOSING_PARAGRAPHS = PARTING - _CLOSES_NO_PARAGRAPH
# By the element that begins: in which others it closes nothing for sure. Most elements stand where they should.
_LISTS = frozenset(("ul", "ol", "menu"))
AT_HOME: dict[str, frozenset[str]] = {
    **dict.fromkeys(_CLOSING_PARAGRAPHS, PARTING - {"p"}),
    **dict.fromkeys(HEADINGS, PARTING - {"p", *HEADINGS}),
    **dict.fromkeys(_CELLS, frozenset(("tr",))),
    **dict.fromkeys(_ROWS | {"caption"}, frozenset(("table",))),
    **dict.fromkeys(("dd", "dt"), frozenset(("dl",))),
    "tr": _ROWS | {"table"},
    "li": _LISTS,
    "a": frozenset(),
}


def closed_by_start(opened: list[str], name: str) -> int:
    """Return the depth of the innermost element that a start tag closes with all in it, 0 for none."""
    if name in _CLOSED and (depth := _innermost(opened, *_CLOSED[name])):
        return depth
    return _innermost(opened, _PARAGRAPH, _SPECIAL) if name in _CLOSING_PARAGRAPHS else 0


def closed_by_end(opened: list[str], name: str) -> int:
    """Return the depth of the element that an end tag closes, 0 for none."""
    if name in HEADINGS:
        return _innermost(opened, frozenset(HEADINGS), _SCOPE)
    if name not in opened:
        return 0
    if name == "p":
        barriers = _PARAGRAPH_SCOPE
    elif name == "li":
        barriers = _SCOPE | {"ul", "ol"}
    elif name in _CELLS or name in _ROWS or name in ("table", "tr", "caption", "template"):
        barriers = _TABLES
    else:
        barriers = _SCOPE if name in _SPECIAL or name in _FORMATTING else _SPECIAL
    return _innermost(opened, frozenset((name,)), barriers)


def is_astride(opened: list[str], depth: int) -> bool:
    """Tell whether formatting at that depth ends before blocks that began in it, so that it alone is closed."""
    return opened[depth] in _FORMATTING and not PARTING.isdisjoint(opened[depth + 1 :])


def _innermost(opened: list[str], wanted: frozenset[str], barriers: frozenset[str]) -> int:
    for depth in range(len(opened) - 1, 0, -1):
        if opened[depth] in wanted:
            return depth
        if opened[depth] in barriers:
            return 0
    return 0
