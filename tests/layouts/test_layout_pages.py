"""Web pages of the text layouts, built in many ways, give the listings that the text gives, and the papers' names."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import pytest
from reading import ON, listings, read

from digest.models import Listing, Remark

DATA = Path(os.environ.get("DIGEST_TESTDATA", "/nowhere"))
GOLDEN = sorted((DATA / "gold").glob("*.jsonl"))
Row = dict[str, Any]
Shape = Callable[[list[list[str]], list[str]], str]

SITES = {
    "aitopics": (["Goto", "Collaborating Authors", "Lovelace, Ada"], {"page_author": "Ada Lovelace"}),
    "huggingface": (["Get trending papers in your email inbox!", "Subscribe", "byAK and the research community"], {}),
    "scholarfeed": (["Ada Lovelace", "LG", "h-index32", "123papers"], {"page_author": "Ada Lovelace"}),
}
PAPERS: list[Row] = [
    {
        "title": title,
        "abstract": abstract,
        "authors": ["Ada Lovelace", "Alan Turing"],
        "authors_complete": True,
        "categories": ["LG"],
        "published": "2026-03-14",
        "score": 36.1 + place,
        "has_code": place % 2 == 0,
        "venue": "arXiv.org Oceans",
        "identifiers": {"arxiv": f"2603.9000{place}"},
    }
    for place, (title, abstract) in enumerate(
        [
            (
                "Weaving Patterns from Punched Cards",
                "We describe a loom & its cards, at < 3 knots. The code is at https://example.org/loom for all.",
            ),
            (
                "A Wheel for the Wind: Turning $x_1$ into *Work*",
                "Tides are told a year ahead by brass wheels. The wheels are cut by hand, and read by lamp light.",
            ),
            ("On Computable Looms", "Can a loom weave any cloth? We show that it can, and that it may never stop."),
        ]
    )
]


def parts_of(row: Row, layout: str) -> list[str]:
    """Return the lines of a listing as its site prints them, the title first but on Scholar Feed."""
    if layout == "aitopics":
        return [row["title"], row["venue"], row["abstract"]]
    if layout == "huggingface":
        return [row["title"], row["abstract"]]
    day = f"Mar {int(row['published'][8:])}, 2026"
    opening = f"{row['score']}|{row['categories'][0]}|{day}" + "|Code" * row["has_code"]
    return [opening, row["title"], ", ".join(row["authors"]), row["abstract"]]


def glued(part: str) -> str:
    """Return a part as markup: its pieces each in an inline element."""
    return "".join(f"<span>{escape(piece)}</span>" for piece in part.split("|"))


def linked(part: str, address: str) -> str:
    return f'<a href="{address}">{escape(part)}</a>'


def title_at(parts: list[str]) -> int:
    return 1 if "|" in parts[0] else 0


def cards(items: list[list[str]], links: list[str]) -> str:
    made = []
    for parts, address in zip(items, links, strict=True):
        at = title_at(parts)
        made.append('<article class="x1"><div>')
        made += [f"<div>{glued(part)}</div>" for part in parts[:at]]
        made.append(f"<h3>\n  {linked(parts[at], address)}\n</h3>")
        made += [f"<p>{escape(part)}</p>" for part in parts[at + 1 :]]
        made.append('<a href="/login"><svg><title>up</title></svg></a></div></article>')
    return "".join(made)


def pieces(items: list[list[str]], links: list[str]) -> str:
    made = []
    for parts, address in zip(items, links, strict=True):
        at = title_at(parts)
        made += [f"<div>{escape(piece)}</div>" for part in parts[:at] for piece in part.split("|")]
        made.append(f"<div>{linked(parts[at], address)}</div>")
        made += [f"<div>{escape(part)}</div>" for part in parts[at + 1 :]]
    return "".join(made)


def blocks_in_links(items: list[list[str]], links: list[str]) -> str:
    made = []
    for parts, address in zip(items, links, strict=True):
        inner = "".join(f"<div>{glued(part)}</div>\n" for part in parts)
        made.append(f"<li><a href='{address}'>{inner}</a></li>")
    return f"<ul>{''.join(made)}</ul>"


def table(items: list[list[str]], links: list[str]) -> str:
    rows = []
    for parts, address in zip(items, links, strict=True):
        at = title_at(parts)
        cells = [linked(part, address) if place == at else glued(part) for place, part in enumerate(parts)]
        rows.append("<tr>" + "".join(f"<td>{cell}" for cell in cells))
    return f"<table><tbody>{''.join(rows)}</table>"


def terms(items: list[list[str]], links: list[str]) -> str:
    made = []
    for parts, address in zip(items, links, strict=True):
        at = title_at(parts)
        made += [f"<dt>{glued(part)}" for part in parts[:at]]
        made.append(f"<dt>{linked(parts[at], address)}</dt>")
        made += [f"<dd>{escape(part)}" for part in parts[at + 1 :]]
    return f"<dl>{''.join(made)}</dl>"


def spans(items: list[list[str]], links: list[str]) -> str:
    made = []
    for parts, address in zip(items, links, strict=True):
        at = title_at(parts)
        made += [linked(part, address) if place == at else glued(part) for place, part in enumerate(parts)]
    return "<span>" + "<br>\n".join(made) + "</span>"


def buttons(items: list[list[str]], links: list[str]) -> str:
    made = []
    for parts, address in zip(items, links, strict=True):
        made += [f"<div>{glued(part)}</div>" for part in parts]
        made.append(f"<div><button>Upvote</button></div><div>{linked('arXiv page', address)}</div>")
    return "".join(made)


SHAPES: dict[str, Shape] = {
    "cards with headings": cards,
    "plain blocks, first lines in pieces": pieces,
    "links around blocks": blocks_in_links,
    "a table": table,
    "terms": terms,
    "spans and breaks": spans,
    "buttons": buttons,
}
HEAD = '<!DOCTYPE html><html><head><title>Papers</title><style>p {}</style><script>if (a < b) { "papers" }</script>'
FOOT = "<footer><a href='/terms'>Terms</a> <a href='/privacy'>Privacy</a></footer><script>1</script></body></html>"


def page(layout: str, rows: list[Row], shape: str, links: list[str]) -> str:
    head = "".join(f"<div>{escape(line)}</div>\n" for line in SITES[layout][0])
    body = SHAPES[shape]([parts_of(row, layout) for row in rows], links)
    nav = "<nav><a href='/'><img alt='Home'></a></nav>"
    return f"{HEAD}</head>\n<body>{nav}{head}<main>\n{body}\n</main>{FOOT}"


def wanted(row: Row, layout: str) -> Row:
    told = {
        "aitopics": ("title", "abstract", "venue"),
        "huggingface": ("title", "abstract"),
        "scholarfeed": (
            "title",
            "abstract",
            "authors",
            "authors_complete",
            "categories",
            "published",
            "score",
            "has_code",
        ),
    }
    return {name: row[name] for name in told[layout]} | SITES[layout][1]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("layout", SITES)
def test_a_page_reads_the_same_however_it_is_built(layout: str, shape: str) -> None:
    links = [f"/papers/{row['identifiers']['arxiv']}" for row in PAPERS]
    found = [listing.as_row() for listing in listings(page(layout, PAPERS, shape, links))]
    assert [row["identifiers"] for row in found] == [row["identifiers"] for row in PAPERS]
    for row, paper in zip(found, PAPERS, strict=True):
        want = wanted(paper, layout)
        assert {name: row[name] for name in want} == want


ADDRESSES = {
    "/papers/2603.90001": {"arxiv": "2603.90001"},
    "papers/2603.90001#community": {"arxiv": "2603.90001"},
    "/paper/2603.90001v2": {"arxiv": "2603.90001"},
    "https://arxiv.org/abs/2603.90001v3": {"arxiv": "2603.90001", "url": "https://arxiv.org/abs/2603.90001v3"},
    "//arxiv.org/pdf/2603.90001.pdf": {"arxiv": "2603.90001"},
    "https://arxiv.org/abs/hep-th/9901001": {"arxiv": "hep-th/9901001", "url": "https://arxiv.org/abs/hep-th/9901001"},
    "https://doi.org/10.1000/A%2Fb": {"doi": "10.1000/a/b", "url": "https://doi.org/10.1000/A%2Fb"},
    "https://doi.org/10.48550/arXiv.2603.90001": {
        "arxiv": "2603.90001",
        "url": "https://doi.org/10.48550/arXiv.2603.90001",
    },
    "https://example.org/wheels": {"url": "https://example.org/wheels"},
    "/wheels": {},
    "#2603.90001": {},
    "javascript:open('/papers/2603.90001')": {},
    "mailto:ada@example.org?subject=/papers/2603.90001": {},
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_titles_link_names_its_paper(address: str) -> None:
    found = listings(page("huggingface", PAPERS[:1], "cards with headings", [escape(address)]))
    assert [listing.as_row()["identifiers"] for listing in found] == [ADDRESSES[address]]


def test_links_are_made_absolute_by_the_pages_own_address() -> None:
    markup = page("huggingface", PAPERS[:1], "cards with headings", ["/papers/2603.90001"])
    for told in (
        '<link rel="canonical" href="https://hf.example/papers">',
        '<meta property="og:url" content="https://hf.example/papers">',
        '<base href="https://hf.example/">',
        "<!-- saved from url=(0025)https://hf.example/papers -->",
    ):
        [listing] = listings(markup.replace("<head>", f"<head>{told}"))
        assert listing.identifiers.url == "https://hf.example/papers/2603.90001"


def test_a_link_inside_an_abstract_names_nothing() -> None:
    row = PAPERS[0] | {"abstract": "@"}
    text = (
        'We improve on <a href="https://arxiv.org/abs/2501.00001">that paper about looms</a> by a better loom, twice.'
    )
    markup = page("huggingface", [row], "cards with headings", ["#"]).replace("@", text)
    [listing] = listings(markup)
    assert (listing.abstract, listing.identifiers.arxiv) == (
        "We improve on that paper about looms by a better loom, twice.",
        None,
    )


def test_links_of_navigation_name_nothing() -> None:
    markup = page("huggingface", PAPERS, "cards with headings", ["#"] * 3)
    nav = "<nav><div><a href='/papers/2501.00001'>Next</a></div><div><a href='/papers/2501.2'>Home</a></div></nav>"
    found = listings(markup.replace("<nav>", nav + "<nav>").replace("<footer>", nav + "<footer>"))
    assert [listing.identifiers.arxiv for listing in found] == [None] * 3


def embedded(value: object, *, attribute: bool) -> str:
    if attribute:
        return f'<div data-props="{escape(json.dumps(value))}"></div>'
    return f'<script type="application/json">{json.dumps(value)}</script>'


@pytest.mark.parametrize("attribute", [True, False], ids=["an attribute", "a script"])
def test_embedded_json_fills_what_the_page_does_not_show(attribute: bool) -> None:
    stub = "".join(f'<article><h3><a href="#">{escape(row["title"])}</a></h3></article>' for row in PAPERS)
    papers = [
        {
            "title": row["title"],
            "paper": {
                "id": row["identifiers"]["arxiv"],
                "title": row["title"].upper(),
                "summary": row["abstract"],
                "authors": [{"name": name, "hidden": False} for name in row["authors"]],
                "publishedAt": "2026-03-14T00:00:00.000Z",
            },
        }
        for row in PAPERS
    ]
    head = "".join(f"<div>{line}</div>" for line in SITES["huggingface"][0])
    found = listings(f"{HEAD}<body>{embedded({'dailyPapers': papers}, attribute=attribute)}{head}{stub}")
    for listing, row in zip(found, PAPERS, strict=True):
        assert listing.as_row()["identifiers"] == row["identifiers"]
        assert (listing.title, listing.abstract, list(listing.authors)) == (
            row["title"],
            row["abstract"],
            row["authors"],
        )
        assert listing.published is not None
        assert listing.authors_complete


def test_what_the_page_says_stands_against_its_json() -> None:
    row = PAPERS[0]
    other = {
        "title": row["title"],
        "id": "2501.00001",
        "abstract": "Another.",
        "score": "no number",
        "doi": "10.1000/x",
    }
    markup = page("huggingface", [row], "cards with headings", ["/papers/2603.90000"])
    [listing] = listings(markup.replace("<nav>", embedded(other, attribute=False) + "<nav>"))
    assert (listing.abstract, listing.identifiers.arxiv, listing.identifiers.doi) == (
        row["abstract"],
        "2603.90000",
        None,
    )


def test_json_that_names_two_papers_by_one_title_names_none() -> None:
    row = PAPERS[0]
    two = [{"title": row["title"], "id": "2501.00001"}, {"title": row["title"], "id": "2501.00002"}]
    markup = page("huggingface", [row], "cards with headings", ["#"])
    [listing] = listings(markup.replace("<nav>", embedded(two, attribute=True) + "<nav>"))
    assert listing.identifiers.arxiv is None


def test_a_listing_knows_the_lines_that_made_it() -> None:
    rows = [(event.title, event.origins) for event in read(page_text(), ON).events if isinstance(event, Listing)]
    assert rows == [
        (
            "On Computable Looms",
            (
                (1, "categories"),
                (1, "published"),
                (1, "score"),
                (2, "title"),
                (2, "identifiers"),
                (3, "authors"),
                (4, "abstract"),
            ),
        )
    ]


def page_text() -> str:
    title = '<h3><a href="/paper/2603.90002">On Computable Looms</a></h3>'
    return f"<div>36.1LGMar 14, 2026</div>\n{title}\n<p>Ada Lovelace</p>\n<p>Can a loom weave any cloth? It can.</p>\n"


def test_a_page_of_many_parts_and_no_listing_is_unread_not_lost() -> None:
    events = list(read(page("huggingface", PAPERS, "cards with headings", ["#"] * 3), ON).events)
    unread = [event.text for event in events if isinstance(event, Remark)]
    assert unread == ["Terms Privacy"]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("golden", GOLDEN, ids=lambda path: path.stem[:3])
def test_real_listings_come_back_from_pages(golden: Path, shape: str) -> None:
    rows = [json.loads(line) for line in golden.read_text("utf-8").splitlines()]
    layout = rows[0]["layout"]
    links = [f"/papers/2603.{90_000 + place}" for place in range(len(rows))]
    items = [real_parts(row, layout) for row in rows]
    head = "".join(f"<div>{escape(line)}</div>" for line in SITES[layout][0])
    found = [listing.as_row() for listing in listings(f"{HEAD}<body>{head}{SHAPES[shape](items, links)}{FOOT}")]
    assert [row["title"] for row in found] == [row["title"] for row in rows]
    for row, want, link in zip(found, rows, links, strict=True):
        compared = set(want) - {"page_author", "layout"}
        assert {name: row[name] for name in compared} == {name: want[name] for name in compared}
        assert row["identifiers"] == {"arxiv": link[8:]}


def real_parts(row: Row, layout: str) -> list[str]:
    if layout != "scholarfeed":
        return [part for part in (row["title"], row["venue"], row["abstract"]) if part]
    year, month, day = row["published"].split("-")
    name = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][int(month) - 1]
    opening = [str(row["score"] or ""), *row["categories"], f"{name} {int(day)}, {year}", "Code" * row["has_code"]]
    names = ", ".join(row["authors"]) + " et al." * (not row["authors_complete"] and bool(row["authors"]))
    names += f" · {', '.join(row['affiliations'])}" * bool(row["affiliations"])
    return ["|".join(filter(None, opening)), *filter(None, (row["title"], names, row["abstract"]))]
