"""Words, plurals, and what joins the words of a phrase."""

from __future__ import annotations

from datetime import date

import naive_rules
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest import rules, text
from digest.models import Paper
from digest.rules import words


def matches(rule: str, title: str) -> bool:
    return rules.Index([Paper(1, 1, title, date.min, date.min)]).match(rules.parse(rule)) == 1


PLURALS = [
    ("study", "studies"),
    ("box", "boxes"),
    ("class", "classes"),
    ("batch", "batches"),
    ("epoch", "epochs"),
    ("hash", "hashes"),
    ("veto", "vetoes"),
    ("array", "arrays"),
    ("image", "images"),
    ("LLM", "LLMs"),
    ("naïveté", "naivetes"),
]


@pytest.mark.parametrize(("one", "many"), PLURALS)
def test_a_word_and_its_regular_plural_find_each_other(one: str, many: str):
    assert matches(one, f"On {many} again")
    assert matches(many, f"On {one} again")
    assert not matches(f"={one}", f"On {many} again")
    assert not matches(f"={many}", f"On {one} again")


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        ("process", "proces"),
        ("a", "as"),
        ("gas", "gases and ga"[:5]),
        ("study", "studys"),
        ("2", "2s"),
        ("new", "newest"),
    ],
)
def test_what_only_looks_like_a_plural_is_another_word(rule: str, title: str):
    assert matches(rule, title) is (title == "gases")


@given(st.text(st.sampled_from("aboysxzehcié3"), min_size=1, max_size=6).map(text.fold))
def test_plurals_go_both_ways_and_agree_with_the_spelling_rules(word: str):
    assert words.forms(word) == naive_rules.spellings(word)
    assert all(word in words.forms(other) for other in words.forms(word))


JOINED = {
    "a space": ("kv cache", True),
    "a hyphen": ("kv-cache", True),
    "a slash": ("kv/cache", True),
    "a slash between spaces": ("kv / cache", True),
    "an en dash": ("kv–cache", True),
    "a non-breaking hyphen": ("kv\u2011cache", True),
    "a non-breaking space": ("kv\u00a0cache", True),
    "a comma": ("kv, cache", False),
    "a full stop": ("kv. Cache", False),
    "a colon": ("kv: cache", False),
    "an em dash": ("kv—cache", False),
    "a parenthesis": ("kv (cache)", False),
    "a word": ("kv and cache", False),
    "nothing": ("kvcache", False),
    "the other order": ("cache kv", False),
}


@pytest.mark.parametrize(("title", "joined"), JOINED.values(), ids=JOINED)
def test_only_white_space_hyphens_and_slashes_join_a_phrase(title: str, joined: bool):
    assert matches('"kv cache"', title) is joined
    assert matches("kv-cache", title) is joined
    assert matches('"kv/cach*"', title) is joined


SEEN = {
    "a decomposed accent": ("café", "cafe\u0301 culture"),
    "an accent that is not printed": ("“résumé review”", "Resume Reviews"),
    "a soft hyphen": ("transformer", "trans\u00adformers"),
    "a ligature": ("efficient", "e\ufb03cient"),
    "full-width letters": ("GPT", "ＧＰＴ"),
    "sharp s": ("strasse", "Straße"),
    "a stroke": ("lodz", "Łódź"),
    "Greek": ("λ-calculus", "The Λ Calculus"),
    "a Greek accent and a final sigma": ("λόγος", "ΛΟΓΟΣ"),
    "Cyrillic": ("модел*", "Модели"),
    "Arabic with its vowels": ("تعلم", "تَعَلُّم آلي"),
    "Hebrew with its vowels": ("למידה", "לְמִידָה עמוקה"),
    "Devanagari": ("हिन्दी", "हिन्दी भाषा"),
    "a Korean word with an ending": ('"언어 모델*"', "큰 언어 모델을"),
    "a word inside Thai": ("เรียนรู้", "การเรียนรู้ของเครื่อง"),
    "a beginning inside Thai": ("ภาษา*", "ภาษาไทย"),
    "a word inside Lao": ("ພາສາ", "ພາສາລາວ"),
    "a word inside Khmer": ("ភាសា", "ភាសាខ្មែរ"),
    "a word inside Burmese": ("ဘာသာ", "မြန်မာဘာသာ"),
    "a Japanese word": ("データ", "ビッグデータ分析"),
    "Japanese of half width": ("ﾃﾞｰﾀ", "データ分析"),
    "a capital i with its dot": ("istanbul", "İstanbul"),
    "a lower index": ("H2O", "H₂O"),
    "an upper index": ("R2", "Better R² Values"),
    "a Chinese phrase": ("强化", "深度强化学习"),
    "an inner sign": ("R&D", "Spending on R & D"),
    "a decimal number": ("3.5", "GPT-3.5 Turbo"),
    "a possessive": ("alzheimer's", "Alzheimer’s"),
    "an apostrophe that is a letter": ("alzheimer’s", "Alzheimerʼs"),
}


@pytest.mark.parametrize(("rule", "title"), SEEN.values(), ids=SEEN)
def test_writing_that_a_reader_takes_for_the_same_is_the_same(rule: str, title: str):
    assert matches(rule, title)


def test_an_expression_is_blind_to_accents_but_not_to_the_letters_of_a_korean_syllable():
    assert matches("/poincare/", "Poincaré")
    assert matches("/한국/", "한국어 모델")
    assert not matches("/한국/", "하구 문제")


TWICE = {
    "signs of money": (r'"2 $ 2"', r"Of \$2\$ 2"),
    "a name after a backslash": ('"to alpha"~2', r"Known to \textbackslash{}alpha"),
}


@pytest.mark.parametrize(("rule", "title"), TWICE.values(), ids=TWICE)
def test_a_title_that_reads_as_tex_once_it_is_readable_is_not_read_again(rule: str, title: str):
    query, paper = rules.parse(rule), Paper(1, 1, title, date.min, date.min)
    assert rules.Index([paper]).match(query) == 1
    assert rules.explain(query, paper)


@given(st.text(max_size=60) | st.text("ab-/ ,|_'.\u00e9\u65e5\ufdfa\uff9e", max_size=20))
def test_the_words_of_a_text_are_the_same_with_and_without_their_places(value: str):
    read = words.Reading(value)
    running = words.running(value).split()
    joined = zip(read.words, read.joints, strict=True)
    expected = [part for word, joint in joined for part in ((words.mark(joint), word) if joint else (word,))]
    inside = [place for place, word in enumerate(running) if word[0] != words.PARTED]
    assert running[min(inside, default=0) : max(inside, default=-1) + 1] == expected
    assert len(read.words) == len(read.spans)
    assert len(read.joints) == len(read.words)
    assert [words.folded(value[start:end]) for start, end in read.spans] == list(read.words)


def test_a_long_rule_of_one_word_on_a_long_text_of_it_is_answered():
    title = "a b " * 20_000
    assert matches('"' + "a b " * 2_000 + '"', title)
    assert matches('"' + "a b " * 2_000 + '"~4', title)
    assert not matches('"' + "a " * 2_000 + '"', title)
