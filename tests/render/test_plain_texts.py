"""What is seen at once of a plain text is what looking at each of its signs says."""

from __future__ import annotations

import re
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from invented_edition import paper

from digest import tex
from digest.models import Paper
from digest.render.feeds.fit import fit
from digest.render.links import own_address, web_address
from digest.render.papers import paper_view
from digest.render.words import NAME_LIMIT, all_shown, shown
from digest.text import printable, readable, single_spaced

# Signs of which some stop a text from being plain, and most do not.
SIGNS = st.text(alphabet="ab Z~-é\n\t\r $\\{}\x00\x1c\x7f\x85\u202e\u2028\ufdd0\ufffe", max_size=12)
TEXTS = st.one_of(SIGNS, st.text(alphabet="a ", max_size=6), st.text(max_size=12))


@given(TEXTS)
def test_a_text_that_is_readable_as_it_stands_is_what_three_passes_make_of_it(text: str) -> None:
    assert readable(text) == single_spaced(printable(tex.to_unicode(text)))


@given(st.lists(st.one_of(TEXTS, st.just("a" * (NAME_LIMIT + 1))), max_size=4))
def test_names_that_are_shown_together_are_each_as_shown_alone(names: list[str]) -> None:
    assert all_shown(names) == [shown(name, NAME_LIMIT) for name in names]


@given(st.text(min_size=1, max_size=30), st.sampled_from(("arxiv", "doi")))
def test_an_address_that_is_ours_is_encoded_as_any_other_is(text: str, kind: str) -> None:
    found = own_address(type(paper(1).identifiers)(**{kind: text}))
    assert found == web_address(found)


@given(st.lists(st.sampled_from(("Ada Lovelace", "Alan Turing", "Grace Hopper")), max_size=20), st.booleans())
def test_a_line_of_authors_reads_as_the_authors_one_by_one(names: list[str], complete: bool) -> None:
    told = Paper(1, 1, "T", paper(1).first_listed, paper(1).changed, authors=tuple(names), authors_complete=complete)
    for followed in (frozenset[str](), frozenset(("Alan Turing",))):
        view = paper_view(told, followed, "")
        line = "".join(f"*{piece.text}*" if piece.marked else piece.text for piece in view.byline)
        assert line == " ".join(filter(None, (view.names, view.rest)))


def misread(text: str) -> str:
    """Return a text without what was UTF-8 and read as Latin-1, a layer at a time."""
    while (once := re.sub("[\xc2\xc3][\xa0-\xbf]", lambda pair: pair[0].encode("latin-1").decode(), text)) != text:
        text = once
    return text


@given(st.text(alphabet="\xc2\xc3\xa0\xa9\xe9a", max_size=12))
def test_a_text_that_was_misread_is_read_as_often_as_it_takes(text: str) -> None:
    assert fit(text) == misread(text)


@pytest.mark.parametrize("begins", ["\xc2", "\xc3", "\xc3\xc2"])
@pytest.mark.parametrize("ends", ["", "\xa1"])
def test_a_long_text_that_was_misread_on_purpose_takes_no_time(begins: str, ends: str) -> None:
    before = process_time()
    fit(begins * 100_000 + ends)
    assert process_time() - before < 1  # by the layer it was minutes
