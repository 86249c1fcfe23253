"""Tokens: what we signed is read back, and nothing else is."""

from __future__ import annotations

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import tokens

SECRET = b"0123456789abcdef0123456789abcdef"
subjects = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(subjects, st.text(st.characters(exclude_categories=["Cs"]), max_size=10))
def test_what_was_signed_is_read_back_and_fits_in_a_url(subject: str, purpose: str):
    token = tokens.sign(SECRET, purpose, subject)
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)
    assert tokens.read(SECRET, purpose, token) == subject


def test_the_same_arguments_give_the_same_token_for_ever():
    assert tokens.sign(SECRET, "unsubscribe", "17") == "MThG0b9k-3gL5nv1vZiDSjE3"


def test_a_token_carries_128_bits_of_code():
    token = tokens.sign(SECRET, "unsubscribe", "")
    assert len(base64.urlsafe_b64decode(token + "==")) == 16


@pytest.mark.parametrize(
    ("secret", "purpose"),
    [
        pytest.param(b"another secret of thirty-two by.", "unsubscribe", id="another secret"),
        pytest.param(SECRET, "edition", id="another purpose"),
        pytest.param(SECRET, "", id="no purpose"),
    ],
)
def test_a_token_is_bound_to_its_secret_and_purpose(secret: bytes, purpose: str):
    assert tokens.read(secret, purpose, tokens.sign(SECRET, "unsubscribe", "17")) is None


def test_purpose_and_subject_do_not_run_together():
    assert tokens.sign(SECRET, "ab", "c")[:21] != tokens.sign(SECRET, "a", "bc")[:21]


@given(st.data())
def test_changing_any_character_spoils_a_token(data: st.DataObject):
    token = tokens.sign(SECRET, "edition", data.draw(subjects))
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.sampled_from("ABCXYZabcxyz0189-_").filter(lambda c: c != token[at]))
    assert tokens.read(SECRET, "edition", token[:at] + other + token[at + 1 :]) is None


@given(st.text(max_size=80) | st.text("AZaz09_-=", max_size=80))
def test_whatever_a_stranger_sends_is_refused_quietly(text: str):
    assert tokens.read(SECRET, "edition", text) is None


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("A", id="no base64 length"),
        pytest.param("A" * 2_000_000, id="two megabytes"),
        pytest.param("é" * 40, id="not ASCII"),
        pytest.param("_" * 40, id="not UTF-8 inside"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param(tokens.sign(SECRET, "edition", "17") + "\n", id="a line end behind"),
        pytest.param(tokens.sign(SECRET, "edition", "1") + "==", id="padding"),
    ],
)
def test_odd_texts_are_refused_quietly(text: str):
    assert tokens.read(SECRET, "edition", text) is None


def test_nothing_is_signed_without_a_secret_or_beyond_what_can_be_read_back():
    with pytest.raises(ValueError, match="secret"):
        tokens.sign(b"", "edition", "17")
    with pytest.raises(ValueError, match="too long"):
        tokens.sign(SECRET, "edition", "x" * 2000)
