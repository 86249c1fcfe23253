"""The list of feeds is well-formed, whatever the titles are, and has what readers look for."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.render.opml import opml

HOME = "https://digest.example.org/"
ADDRESS = "https://digest.example.org/feeds/papers.atom"


def outlines(made: bytes) -> list[dict[str, str]]:
    root = ET.fromstring(made)
    assert (root.tag, root.get("version")) == ("opml", "2.0")
    assert [child.tag for child in root] == ["head", "body"]
    return [outline.attrib for outline in root.iter("outline")]


def test_each_feed_is_an_outline_that_readers_subscribe_to() -> None:
    made = opml("Paper digest", HOME, [("Paper digest", ADDRESS), ("Paper digest: Robots", ADDRESS + "?x=1&y=2")])
    assert outlines(made) == [
        {"type": "rss", "text": "Paper digest", "title": "Paper digest", "xmlUrl": ADDRESS, "htmlUrl": HOME},
        {
            "type": "rss",
            "text": "Paper digest: Robots",
            "title": "Paper digest: Robots",
            "xmlUrl": f"{ADDRESS}?x=1&y=2",
            "htmlUrl": HOME,
        },
    ]
    assert ET.fromstring(made).findtext("head/title") == "Paper digest"
    assert made.startswith(b"<?xml version='1.0' encoding='utf-8'?>\n<opml")


@pytest.mark.parametrize(
    ("title", "shown"),
    [
        pytest.param("<script>\"&'</script>]]>", "<script>\"&'</script>]]>", id="markup"),
        pytest.param("a\x00\x1b[31mb\ufffe\ud800", "a[31mb", id="what XML cannot carry"),
        pytest.param(" two\n lines\t", "two lines", id="white space"),
        pytest.param("חדש \u202e בינה", "חדש \u202e בינה", id="right to left"),
        pytest.param("", ADDRESS, id="nothing"),
        pytest.param("\x07", ADDRESS, id="nothing that is left"),
    ],
)
def test_a_title_is_told_as_far_as_it_can_be(title: str, shown: str) -> None:
    assert outlines(opml(title, HOME, [(title, ADDRESS)]))[0]["text"] == shown


@given(st.text(), st.lists(st.text(), max_size=3))
def test_no_title_breaks_the_list(title: str, names: list[str]) -> None:
    assert len(outlines(opml(title, HOME, [(name, ADDRESS) for name in names]))) == len(names)


def test_the_same_feeds_give_the_same_bytes() -> None:
    assert opml("A", HOME, [("A", ADDRESS)]) == opml("A", HOME, [("A", ADDRESS)])
