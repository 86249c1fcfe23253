"""Which printed names can be the author that is asked for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.rules import names

SAME = [
    ("Antoni B. Chan", "Antoni B. Chan"),
    ("Antoni B. Chan", "Chan, Antoni B."),
    ("Antoni B. Chan", "A. B. Chan"),
    ("Antoni B. Chan", "A.B. Chan"),
    ("Antoni B. Chan", "CHAN, A. B."),
    ("Antoni B. Chan", "Antoni Chan"),
    ("Antoni Chan", "Antoni B. Chan"),
    ("A. B. Chan", "Antoni Bert Chan"),
    ("Chan, A. B.", "Antoni B. Chan"),
    ("Antoni Chan", "Antoni Chan, Jr."),
    ("Antoni Chan", "Chan, Jr., Antoni"),
    ("Antoni Chan", "Chan Jr., Antoni"),
    ("Antoni Chan", "Chan III, A."),
    ("Antoni Chan", "Antoni Chan*"),
    ("Chan", "Antoni Chan*†"),
    ("Jean-Luc Picard", "J.-L. Picard"),
    ("Jean-Luc Picard", "Jean Luc Picard"),
    ("Xiaoming Wang", "Xiao-Ming Wang"),
    ("Gabriel Garcia Marquez", "García Márquez, Gabriel"),
    ("Jane Smith Jones", "Jane Smith-Jones"),
    ("Lukasz Kaiser", "Łukasz Kaiser"),
    ("Soren Holm", "Søren Holm"),
    ("van der Berg", "Jan van der Berg"),
    ("Jan van der Berg", "van der Berg, Jan"),
    ("Jan van der Berg", "Berg, Jan van der"),
    ("J. van der Berg", "Jan Van der Berg"),
    ("van der Berg", "Berg, J. van der"),
    ("Van der Berg", "Jan van der Berg"),
    ("de la Cruz", "María de la Cruz"),
    ("De La Cruz", "de la Cruz, M."),
    ("M. de la Cruz", "María de la Cruz"),
    ("Maria de la Cruz", "Cruz, M. de la"),
    ("Von Neumann", "John von Neumann"),
    ("von Neumann", "Von Neumann, J."),
    ("Van Gool", "Luc Van Gool"),
    ("De Freitas", "N. de Freitas"),
    ("Van Nguyen", "V. Nguyen"),
    ("V. Nguyen", "Van Nguyen"),
    ("Nguyen, Van", "Van Nguyen"),
    ("le Roux", "Jonathan Le Roux"),
    ("Le Song", "L. Song"),
    ("Le Song", "Song, Le"),
    ("S. van der Walt", "Stéfan V. D. Walt"),
    ("X. D. Wu", "Xiao Di Wu"),
    ("Xiao Di Wu", "X. D. Wu"),
    ("G. Garcia Marquez", "García Márquez, Gabriel"),
    ("Gabriel García Márquez", "García Márquez, G."),
    ("Jean-Luc Picard", "J.L. Picard"),
    ("Jean-Luc Picard", "Picard, Jean‐Luc"),
    ("J.-L. Picard", "Jean-Luc Picard"),
    ("Li, Wei", "Wei Li"),
    ("Wei Li", "Li, Wei"),
    ("W. Li", "Wei Li"),
    ("Li, W.", "Wei Li"),
    ("Wei Li", "W Li"),
    ("Conan O’Brien", "C. O'Brien"),
    ("O'Brien", "Conan O’Brien"),
    ("Smith-Jones", "Jane Smith-Jones"),
    ("al-Khwarizmi", "Muhammad al-Khwarizmi"),
    ("И. Петров", "Петров, Иван"),
    ("कुमार", "राम कुमार"),
    ("di wu", "Di Wu"),
    ("Di Wu", "D. Wu"),
    ("lovelace", "Ada Lovelace"),
    ("ada", "Ada Lovelace"),
    ("lovel*", "Lovelace, Ada"),
    ("Ada Lovel*", "A. Lovelace"),
    ("王伟", "王伟"),
]
DIFFERENT = [
    ("Wei Li", "Wei Lin"),
    ("Wei Li", "Li Wei"),
    ("Wei Li", "Weili Li"),
    ("Wei Li", "Wei-Li Chen"),
    ("Li, Wei", "Li, Wen"),
    ("W. Li", "Wei Lin"),
    ("W. Li", "Xiao Li"),
    ("Le Song", "Minh Le Song"),
    ("Von Neumann", "John Neumann"),
    ("Gabriel García Márquez", "Marquez, G. H."),
    ("Jean-Luc Picard", "J.-P. Picard"),
    ("Wei Li", "Zhang Wei Li"),
    ("Antoni B. Chan", "Antoni C. Chan"),
    ("Antoni B. Chan", "A. C. Chan"),
    ("Antoni B. Chan", "A. Chan"),
    ("Antoni B. Chan", "Chan"),
    ("Antoni Chan", "Alice Chan"),
    ("van der Berg", "Jan Berg"),
    ("Jan Berg", "Jan van der Berg"),
    ("lovelace", "Ada Lovelaces"),
    ("love", "Ada Lovelace"),
    ("Ada Lovel*", "Bob Lovelace"),
]


@pytest.mark.parametrize(("asked", "printed"), SAME)
def test_a_name_finds_its_author_however_it_is_printed(asked: str, printed: str):
    assert names.matches(names.parse(asked), names.printed(printed))


@pytest.mark.parametrize(("asked", "printed"), DIFFERENT)
def test_a_name_does_not_find_another_author(asked: str, printed: str):
    assert not names.matches(names.parse(asked), names.printed(printed))


@pytest.mark.parametrize(
    ("printed", "same"), [("Chan, Antoni", True), ("antoni chan", True), ("A. Chan", False), ("Antoni B. Chan", False)]
)
def test_an_exact_name_takes_no_initials_and_leaves_nothing_out(printed: str, same: bool):
    assert names.matches(names.parse("Antoni Chan"), names.printed(printed), exact=True) is same


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_can_stand_where_a_name_should(asked: str, printed: str):
    parsed = names.parse(printed)
    assert all(part == part.strip() for part in parsed.parts)
    names.matches(names.parse(asked), parsed)


given_names = st.lists(st.sampled_from(["Ada", "Bo", "Chen", "Dora"]), min_size=1, max_size=3)


@given(given_names, st.sampled_from(["Li", "Lovelace", "Smith-Jones"]))
def test_every_usual_form_of_a_name_finds_every_other(first: list[str], family: str):
    initials = " ".join(f"{name[0]}." for name in first)
    full = " ".join(first)
    forms = [f"{full} {family}", f"{family}, {full}", f"{initials} {family}", f"{family}, {initials}"]
    parsed = [names.parse(form) for form in forms]
    assert all(names.matches(a, b) for a in parsed for b in parsed)
