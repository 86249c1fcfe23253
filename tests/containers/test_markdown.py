"""Markdown-like text: headings, links, bullets and escapes of several converters; plain text that is none stays."""

from __future__ import annotations

import time

import html2text
import pytest
from forms import markdown as as_markdown
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import documents

from digest.containers import markdown, plain
from digest.containers.inline import Escapes, Inline, escapes_of, unescaped
from digest.models import Block, Document

ABSTRACT = (
    "We describe a loom that weaves $x_1$ patterns from punched cards, with a cost of \\(a_i * b\\) per card and "
    "70$\\%$ less wear; the cards in [0, 1) are read by pins *and* the rest by hand [3](see below)."
)


def document(text: str) -> Document:
    return documents(text)[0]


def blocks(text: str) -> list[tuple[str, int, str]]:
    return [(block.text, block.level, block.link) for block in document(text).blocks()]


HEAD = "# Papers\n\n## Today\n\n"
PARAGRAPHS = {
    "a linked heading": (
        "### [A Wheel for the Wind](/papers/2606.00001)",
        ("A Wheel for the Wind", 3, "/papers/2606.00001"),
    ),
    "a closed heading with attributes": ("### On Wheels ### {#wheels .title}", ("On Wheels ###", 3, "")),
    "a heading under its text": ("On Wheels\n---------", ("On Wheels", 2, "")),
    "a heading in stars": ("**** On Wheels ****", ("On Wheels", 3, "")),
    "a link with a title": ('[On Wheels](https://example.org/1 "read it")', ("On Wheels", 0, "https://example.org/1")),
    "an address in angle brackets": (
        "[On Wheels](<https://example.org/a b>)",
        ("On Wheels", 0, "https://example.org/a b"),
    ),
    "an address with brackets": ("[On Wheels](/a_(b))", ("On Wheels", 0, "/a_(b)")),
    "a text with brackets": ("[On [Large] Wheels](/1)", ("On [Large] Wheels", 0, "/1")),
    "a link by number": ("[On Wheels][1]\n\n[1]: https://example.org/1", ("On Wheels", 0, "https://example.org/1")),
    "a link by its own text": ("[On Wheels][]\n\n[on wheels]: /1", ("On Wheels", 0, "/1")),
    "a link by its text alone": ("[On Wheels]\n\n  [On Wheels]:\n    /1", ("On Wheels", 0, "/1")),
    "a bullet": ("  * [On Wheels](/1)", ("On Wheels", 0, "/1")),
    "a numbered item": ("  1. [On Wheels](/1)", ("On Wheels", 0, "/1")),
    "a strong link": ("**[On Wheels](/1)**", ("On Wheels", 0, "/1")),
    "strong text in a link": ("[**On Wheels**](/1)", ("On Wheels", 0, "/1")),
    "a strong paragraph": ("**On Wheels**", ("On Wheels", 0, "")),
    "strong words": ("On **Large** Wheels", ("On **Large** Wheels", 0, "")),
    "a picture in a link": ("[![a wheel](/w.png) On Wheels](/1)", ("On Wheels", 0, "/1")),
    "a picture": ("![a wheel](https://example.org/w.png)On Wheels", ("On Wheels", 0, "")),
    "an address as such": ("<https://example.org/wheels>", ("https://example.org/wheels", 0, "")),
    "a link in running text": (
        "The [code](https://example.org/c) is there for all to read.",
        ("The code is there for all to read.", 0, ""),
    ),
    "authors, each with a link": (
        "[Ada Lovelace](/1), [Alan Turing](/2)",
        ("Ada Lovelace, Alan Turing", 0, ""),
    ),
    "TeX and brackets": (ABSTRACT, (ABSTRACT, 0, "")),
    "a number with its point escaped": ("2024\\. A Year of Wheels", ("2024. A Year of Wheels", 0, "")),
    "a dash escaped": ("\\- a wheel", ("- a wheel", 0, "")),
}


@pytest.mark.parametrize(("text", "wanted"), PARAGRAPHS.values(), ids=PARAGRAPHS)
def test_a_paragraph_of_markdown(text: str, wanted: tuple[str, int, str]) -> None:
    found = blocks(HEAD + text + "\n")
    assert found[:2] == [("Papers", 1, ""), ("Today", 2, "")]
    assert found[2:] == [wanted]


TITLE = "A Wheel for the Wind and Another One for the Tides, Both of Them Made of Elm"
SEVERAL = {
    "a link around several, brackets alone": (
        "[\n\n### On Wheels\n\nWheels turn.\n\n](https://example.org/1)[\n\nOn Levers\n\n](https://example.org/2)",
        [
            ("On Wheels", 3, "https://example.org/1"),
            ("Wheels turn.", 0, "https://example.org/1"),
            ("On Levers", 0, "https://example.org/2"),
        ],
    ),
    "a link around several, brackets at words": (
        "[### On Wheels\n\nWheels turn.](/1)[On Levers\n\nLevers [do](/x) too, as all can see.](/2)",
        [
            ("On Wheels", 3, "/1"),
            ("Wheels turn.", 0, "/1"),
            ("On Levers", 0, "/2"),
            ("Levers do too, as all can see.", 0, "/2"),
        ],
    ),
    "an interval at a paragraph's start, within a link around several": (
        "[\n\nOn Wheels\n\n[0, 1) holds all.\n\n](/1)",
        [("On Wheels", 0, "/1"), ("[0, 1) holds all.", 0, "/1")],
    ),
    "a link after navigation that goes on over paragraphs": (
        "[Home](/)[\n\nOn Wheels\n\n](/1)[Ada Lovelace](/a)",
        [("Home", 0, "/"), ("On Wheels", 0, "/1"), ("Ada Lovelace", 0, "/a")],
    ),
    "a bracket that never closes": ("[0, 1) is held.\n\nSo it is.", [("[0, 1) is held.", 0, ""), ("So it is.", 0, "")]),
    "a bracket that was never open": ("So it is ](/1) here.", [("So it is ](/1) here.", 0, "")]),
    "lines with breaks in an item": (
        "* **A Wheel for the Wind and Another One for the Tides, Both of Them Made of\nElm**  \nAda L.  \nIt turns.",
        [(TITLE, 0, ""), ("Ada L.", 0, ""), ("It turns.", 0, "")],
    ),
    "links that adjoin, and text after them": (
        "[Home](/)[Models](/m)Get trending papers",
        [("Home", 0, "/"), ("Models", 0, "/m"), ("Get trending papers", 0, "")],
    ),
    "a title before its authors": (
        "[On Wheels](/1)[Ada Lovelace](/a), [Alan Turing](/b)[Grace Hopper](/c)",
        [("On Wheels", 0, "/1"), ("Ada Lovelace, Alan Turing", 0, ""), ("Grace Hopper", 0, "/c")],
    ),
    "a heading glued to a link": ("[Home](/)### [On Wheels](/1)", [("Home", 0, "/"), ("On Wheels", 3, "/1")]),
    "citations that adjoin": ("As shown [1](/1)[2](/2) before.", [("As shown 12 before.", 0, "")]),
    "citations by name that adjoin": ("As shown by [Lo43](/1)[Tu36](/2).", [("As shown by Lo43Tu36.", 0, "")]),
    "a term and its definitions": (
        "On Wheels\n    A Journal\n    Wheels turn.\nOn Levers\n\n    Levers do not.",
        [
            ("On Wheels", 0, ""),
            ("A Journal", 0, ""),
            ("Wheels turn.", 0, ""),
            ("On Levers", 0, ""),
            ("Levers do not.", 0, ""),
        ],
    ),
    "a term and its definitions, with colons": (
        "On Wheels\n:   Wheels turn.\n:   A Journal",
        [("On Wheels", 0, ""), ("Wheels turn.", 0, ""), ("A Journal", 0, "")],
    ),
    "a table": (
        "Title| Author  \n---|---  \n[On Wheels](/1)| Ada Lovelace  \nOn P(a| b)| or not| Turing  ",
        [
            ("Title", 0, ""),
            ("Author", 0, ""),
            ("On Wheels", 0, "/1"),
            ("Ada Lovelace", 0, ""),
            ("On P(a| b)| or not| Turing", 0, ""),
        ],
    ),
    "a table between strokes": (
        "| Title | Author |\n| :--- | ---: |\n| [On Wheels](/1) | Ada Lovelace |\n| On Levers | |\n\nP(a| b)",
        [
            ("Title", 0, ""),
            ("Author", 0, ""),
            ("On Wheels", 0, "/1"),
            ("Ada Lovelace", 0, ""),
            ("On Levers", 0, ""),
            ("P(a| b)", 0, ""),
        ],
    ),
    "a table of one column": ("Home  \n---  \nOn Wheels  ", [("Home", 0, ""), ("On Wheels", 0, "")]),
    "a star within a strong title": ("**A* without Wheels**", [("A* without Wheels", 0, "")]),
    "two strong words": ("**On** many **Wheels**", [("**On** many **Wheels**", 0, "")]),
}


@pytest.mark.parametrize(("text", "wanted"), SEVERAL.values(), ids=SEVERAL)
def test_what_stands_apart_on_the_page_is_apart(text: str, wanted: list[tuple[str, int, str]]) -> None:
    assert blocks(HEAD + text + "\n")[2:] == wanted


def test_of_a_card_too_long_to_be_one_nothing_is_lost() -> None:
    said = [f"Wheel {number} turns." for number in range(100)]
    found = blocks(HEAD + "[\n\n" + "\n\n".join(said) + "\n\n](/1)\n")
    assert [text for text, _, _ in found[2:]] == ["[", *said, "](/1)"]
    assert {link for _, _, link in found} == {""}


LONG = "Tides are told a year ahead by a machine of wheels and wires, as we have shown, and the wind by none. " * 2


@pytest.mark.parametrize("links", [True, False], ids=["with links", "without"])
@pytest.mark.parametrize("width", [78, 0], ids=["wrapped", "unwrapped"])
def test_definitions_as_html2text_prints_them(width: int, links: bool) -> None:
    titles = [f"{TITLE} by Hand {n}" for n in range(4)]
    page = "".join(f'<dt><a href="/1">{title}</a></dt><dd>A Journal</dd><dd>{LONG}</dd>' for title in titles)
    printer = html2text.HTML2Text(bodywidth=width)
    printer.ignore_links = not links
    found = list(document(printer.handle(f"<dl>{page}</dl>")).blocks())
    assert [block.text for block in found] == [text for title in titles for text in (title, "A Journal", LONG.strip())]


BROKEN = {
    "breaks tell Markdown": ("**On Wheels**  \nA Journal  \n" * 2 + "Wheels turn.\n", "markdown"),
    "all lines end so": ("**On Wheels**  \nA Journal  \n" * 2 + "Wheels turn.  \n", "text"),
    "lines end in any blanks": ("**On Wheels** \nA Journal  \n" * 4 + "Wheels turn.\n", "text"),
    "a bracket alone begins a card": ("[\n\nOn Wheels\n\n](/1)[\n\nOn Levers\n\n](/2)\n", "markdown"),
    "a bracket alone begins a JSON array": ('[\n{"title": "[a](/1)[b](/2)"},\n{"title": "[a](/1)[b](/2)"}]\n', "text"),
}


@pytest.mark.parametrize(("text", "container"), BROKEN.values(), ids=BROKEN)
def test_marks_that_tell_markdown(text: str, container: str) -> None:
    assert document(text).container == container


def test_rules_and_fences_part_and_say_nothing() -> None:
    found = list(document(HEAD + "* * *\n\n::: {.paper}\n\nOn Wheels\n\n:::\n---\n").blocks())
    assert [block.text for block in found] == ["Papers", "Today", "On Wheels"]
    assert [block.number for block in found] == [1, 3, 9]


def test_headings_and_links_that_were_wrapped_are_rejoined() -> None:
    text = (
        "### [A Wheel for the Wind and Another One for the Tides, Both of Them Made of\n"
        "Elm by Hand](https://example.org/papers/2606.00001-a-wheel-for-the-wind-and-\n"
        "another)\n\n"
        "Tides are told a year ahead by a machine of wheels and wires, as we have shown\n"
        "before, and the wind by none.\n\n"
        "### [On Wheels](/1)\n\n"
        "Wheels turn as long as somebody turns them or the wind is strong enough to do\n"
        "it, which it is not here.\n"
    )
    title = "A Wheel for the Wind and Another One for the Tides, Both of Them Made of Elm by Hand"
    address = "https://example.org/papers/2606.00001-a-wheel-for-the-wind-and-another"
    found = blocks(text)
    assert found[0] == (title, 3, address)
    assert [text for text, _, _ in found[1:]] == [
        "Tides are told a year ahead by a machine of wheels and wires, as we have shown before, and the wind by none.",
        "On Wheels",
        "Wheels turn as long as somebody turns them or the wind is strong enough to do it, which it is not here.",
    ]


def test_numbered_links_are_looked_up_in_the_list_at_the_end() -> None:
    text = (
        "   [1]Home [2]Papers\n\n   [3]On Wheels\n\n   Wheels turn [1], as [4]others found.\n\n"
        "References\n\n   1. https://example.org/\n   2. https://example.org/papers\n"
        "   3. https://example.org/papers/2606.00001\n   4. https://example.org/others\n"
    )
    assert blocks(text) == [
        ("Home Papers", 0, "https://example.org/"),
        ("On Wheels", 0, "https://example.org/papers/2606.00001"),
        ("Wheels turn [1], as others found.", 0, ""),
    ]


BEFORE_SIGNS = Escapes(slashes="doubled before signs")
EVERYWHERE = Escapes("$_*", "doubled")
ESCAPED = {
    "none": ("\\(x_1\\) and \\alpha", Escapes(), "\\(x_1\\) and \\alpha"),
    "doubled before a sign": ("\\\\(x_1\\\\) and \\alpha", BEFORE_SIGNS, "\\(x_1\\) and \\alpha"),
    "a doubled backslash, doubled": ("a\\\\\\b", BEFORE_SIGNS, "a\\\\b"),
    "two of them before a bracket": ("\\\\\\\\(x", BEFORE_SIGNS, "\\\\(x"),
    "an escaped point": ("2024\\. A", BEFORE_SIGNS, "2024. A"),
    "signs and doubled": ("\\$x\\_1\\$ \\* \\\\alpha \\\\\\$", EVERYWHERE, "$x_1$ * \\alpha \\$"),
    "signs alone": ("x\\_1 \\alpha \\\\_", Escapes("_"), "x_1 \\alpha \\_"),
}


@pytest.mark.parametrize(("text", "escapes", "wanted"), ESCAPED.values(), ids=ESCAPED)
def test_escapes_are_undone(text: str, escapes: Escapes, wanted: str) -> None:
    assert unescaped(text, escapes) == wanted


TOLD = {
    "html2text": ("\\\\(x_1\\\\) of \\alpha and $y_1$", BEFORE_SIGNS),
    "pandoc": ("\\\\(x_1\\\\) of \\\\alpha and \\$y_1\\$", Escapes("$", "doubled")),
    "markdownify": ("\\(x\\_1\\) of \\alpha and $y\\_1$, [x](/a_b)", Escapes("_")),
    "nothing": ("\\(x_1\\) of \\alpha and $y_1$, a\\_b", Escapes()),
}


@pytest.mark.parametrize(("line", "wanted"), TOLD.values(), ids=TOLD)
def test_how_a_text_escapes_is_told_by_it(line: str, wanted: Escapes) -> None:
    assert escapes_of([line] * 3, structured=True) == wanted


TEX = [
    "\\(x\\)",
    "a_1",
    "$\\{x\\}$",
    "70$\\%$",
    "\\\\",
    "\\`e",
    "*",
    "[1]",
    "x\\_y",
    "#",
    "\\alpha",
    "(b)",
    "word",
    "<x>",
]


@settings(max_examples=150, deadline=None)
@given(texts=st.lists(st.lists(st.sampled_from(TEX), min_size=1, max_size=30).map(" ".join), min_size=1, max_size=3))
def test_what_html2text_prints_is_what_the_page_said(texts: list[str]) -> None:
    said = [f"Word {text} end, as all of {{this}} \\{{is}}." for text in texts]
    page = "\n".join(["On Wheels", said[0], "On Levers", *said])
    found = document(as_markdown(page, ["On Wheels", "On Levers"]))
    assert found.container == "markdown"
    assert [block.text for block in found.blocks()] == page.split("\n")


PLAIN = {
    "an abstract that holds a link": [
        "A Title",
        "The [code](https://example.org/c) is there. " * 6,
        "On Wheels",
        "Wheels turn.",
    ],
    "an abstract that begins with one": ["A Title", "[Code](https://example.org) is there. It is long. " * 5] * 1,
    "citations at the start": ["[1] Lovelace, A. Notes.", "[2] Turing, A. On numbers."],
    "TeX": ["$x_1$ is _not_ \\(y\\)", "*", "**", "\\[ x \\]"],
    "a JSON array": ['["a", "b"]', '["c", "d"]'],
    "an arXiv mailing": [
        "\\\\",
        "arXiv:2606.00001",
        "Title: On Wheels",
        "\\\\ ( https://arxiv.org/abs/2606.00001 ,  9kb)",
        "-" * 60,
    ],
    "a single heading": ["# On Wheels", "", "Wheels turn."],
}


@pytest.mark.parametrize("lines", PLAIN.values(), ids=PLAIN)
def test_plain_text_is_not_taken_for_markdown(lines: list[str]) -> None:
    found = document("\n".join(lines))
    assert found.container == "text"
    assert list(found.blocks()) == list(plain.blocks(lines))


ODD_LINES = [
    "# A",
    "[a](/b)",
    "[a][1]",
    "[1]: /x",
    "---",
    "  * b",
    "[" * 10,
    "](" * 6,
    "\\" * 5,
    "**a**",
    "[",
    "](/b)[",
    "a| b  ",
    "---|---",
    "    a",
    "",
    "![",
    "[a",
]
ODD = st.lists(st.one_of(st.text(max_size=40), st.sampled_from(ODD_LINES)), max_size=20)


@settings(max_examples=150, deadline=None)
@given(lines=ODD)
def test_any_text_is_read_to_its_end(lines: list[str]) -> None:
    lines = [line for text in lines for line in text.split("\n")]
    marked = markdown.Markdown(Inline(BEFORE_SIGNS, {"1": "/x"}))
    for block in markdown.blocks(lines, marked):
        assert isinstance(block, Block)
        assert block.text == " ".join(block.text.split()) != ""
        assert 1 <= block.number <= len(lines)


@pytest.mark.parametrize("piece", ["[", "[a](", "]", "\\", "![a](b", "<", "[a](/b)", "(a "])
def test_brackets_without_end_take_no_time(piece: str) -> None:
    start = time.process_time()
    list(Inline(EVERYWHERE).parts(piece * 20_000))
    list(document(f"{HEAD}[\n\n{piece * 20_000}").blocks())
    list(Inline(BEFORE_SIGNS).parts(f"[{piece * 20_000}"))
    assert time.process_time() - start < 10  # seconds, far above what it takes: what is quadratic takes minutes
