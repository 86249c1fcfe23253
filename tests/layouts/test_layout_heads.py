"""What stands beside listings: an author's name among navigation, and cards that something glued together."""

from __future__ import annotations

import pytest
from reading import read

from digest.layouts import Reading
from digest.models import Listing, Remark

FIGURES = ["h-index32", "8,079citations", "Novelty52%"]
LISTED = ["36.1ROJun 17, 2022Code", "Weaving Patterns from Punched Cards", "{credit}", "We describe a loom. " * 12]
OTHERS = "Alan Turing, Grace Hopper et al. · cmu"

NAMED = {
    "alone": (["Ada Lovelace", "LG"], OTHERS, "Ada Lovelace"),
    "below navigation": (["Scholar Feed", "Log In", "Models", "Ada Lovelace", "LG"], OTHERS, "Ada Lovelace"),
    "below initials": (["Home", "AL", "Ada Lovelace", "cs.LG"], OTHERS, "Ada Lovelace"),
    "above an affiliation": (["Ada Lovelace", "Analytical University", "LG"], OTHERS, "Ada Lovelace"),
    "above an affiliation that no word tells": (
        ["Ada Lovelace", "Analytical Engines", "LG"],
        "Alan Turing, Ada Lovelace",
        "Ada Lovelace",
    ),
    "glued to navigation": (["HomeModelsAda Lovelace", "LG"], "Ada Lovelace, Alan Turing", "Ada Lovelace"),
    "glued to navigation, and in no listing": (["HomeModelsAda Lovelace", "LG"], OTHERS, None),
    "with an inner capital": (["DeAda Lovelace", "LG"], OTHERS, "DeAda Lovelace"),
    "glued to figures": (["Home", "Ada LovelaceLGh-index32123papers"], OTHERS, "Ada Lovelace"),
    "in another script": (["Home", "阿达", "LG"], OTHERS, "阿达"),
    "none": (["Home", "LG"], OTHERS, None),
}


def page(head: list[str], credit: str) -> str:
    return "\n\n".join([*head, *FIGURES, *LISTED]).format(credit=credit)


def page_author(found: Reading) -> str | None:
    [author] = {event.page_author for event in found.events if isinstance(event, Listing)}
    return author


@pytest.mark.parametrize(("head", "credit", "wanted"), NAMED.values(), ids=NAMED)
def test_the_name_above_an_authors_figures_is_the_page_authors(
    head: list[str], credit: str, wanted: str | None
) -> None:
    assert page_author(read(page(head, credit))) == wanted


def test_a_heading_is_the_page_authors_name_wherever_it_stands() -> None:
    head = "[Home](/)[Models](/m)\n\n# Ada Lovelace\n\nAnalytical Engines\n\nLG"
    assert page_author(read(page([head], OTHERS))) == "Ada Lovelace"


def test_lines_beside_the_page_authors_name_are_told() -> None:
    found = list(read(page(["Models", "Ada Lovelace", "LG"], OTHERS)).events)
    assert found[:2] == [Remark("unread", 1, "Models"), Remark("page_author", 3, "Ada Lovelace")]


def test_topic_pages_have_no_author() -> None:
    text = "\n\n".join(["Ada Lovelace", *LISTED]).format(credit=OTHERS)
    assert page_author(read(text)) is None


CARD = "Weaving Patterns {n}We describe a loom that weaves patterns from punched cards. " + "It weaves. " * 40
HEADS = {
    "huggingface": "Get trending papers in your email inbox!\n\nSubscribe",
    "aitopics": "Goto\n\nCollaborating Authors\n\nLovelace, Ada",
}


@pytest.mark.parametrize(("layout", "head"), HEADS.items(), ids=HEADS)
def test_a_card_in_one_is_no_listing_and_is_told(layout: str, head: str) -> None:
    cards = "".join(f"[{CARD.format(n=n).strip()}](https://example.org/papers/2606.0000{n})" for n in range(4))
    found = read(f"{head}\n\n{cards}\n")
    events = list(found.events)
    assert found.layout.name == layout
    assert [event.text for event in events if isinstance(event, Remark) and event.kind == "broken"] == [
        CARD.format(n=n).strip() for n in range(4)
    ]
    assert not [event for event in events if isinstance(event, Listing)]


@pytest.mark.parametrize(("layout", "head"), HEADS.items(), ids=HEADS)
def test_running_text_that_links_to_another_paper_begins_another_listing(layout: str, head: str) -> None:
    texts = ["On Wheels by Hand", "This title ends as a text does.\n\nIt is said so here at length."]
    cards = "".join(f"[\n\n{text}\n\n](/papers/2606.0000{n})" for n, text in enumerate(texts, 1))
    found = [event for event in read(f"{head}\n\n{cards}\n").events if isinstance(event, Listing)]
    assert [listing.identifiers.arxiv for listing in found] == ["2606.00001", "2606.00002"]
    assert [listing.title for listing in found] == ["On Wheels by Hand", "This title ends as a text does."]
