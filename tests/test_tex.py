"""TeX fragments become Unicode, everything else stays."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.tex import to_unicode

CONVERTED = {
    "sharp": (r"$Q\sharp$: Provably", "Q♯: Provably"),
    "escaped percent": (r"at 95\% recall", "at 95% recall"),
    "percent between dollars": (r"by 70$\%$, achieving", "by 70%, achieving"),
    "range of percents": (r"from $9\%-36\%$ to", "from 9%-36% to"),
    "bare percent in mathematics": (r"$50%$", "50%"),
    "letter before a hyphen": (r"$n$-player games", "n-player games"),
    "times": (r"$5.2\times$ faster", "5.2× faster"),
    "times between": (r"$256 \times 256$", "256 × 256"),
    "subscript": (r"$\ell_2$", "ℓ₂"),
    "negative exponent": (r"$10^{-3}$", "10⁻³"),
    "subscript with a sign": (r"$x_{t+1}$", "xₜ₊₁"),
    "subscript without Unicode letters": (r"$\mathcal{L}_{\text{reg}}$", "ℒ_reg"),
    "long superscript": (r"$x^{a, b}$", "x^(a, b)"),
    "degrees": (r"0.5$^{\circ}$", "0.5°"),
    "degrees as arXiv writes them": (r"360{\deg} view", "360° view"),
    "fraction": (r"$\frac{a+1}{b}$", "(a+1)/b"),
    "square root": (r"$\tilde{O}(\sqrt{T})$", "Õ(√(T))"),
    "sum with limits": (r"$\sum_{i=1}^n x_i$", "∑ᵢ₌₁ⁿ xᵢ"),
    "relation before a command": (r"$x \in \mathbb{R}^n$", "x ∈ ℝⁿ"),
    "bold words in mathematics": (r"$\textbf{three reasoning steps}$", "three reasoning steps"),
    "words and scripts in mathematics": (r"$\text{AV}^2\text{A}$", "AV²A"),
    "typewriter": (r"$\mathtt{[M]}$", "[M]"),
    "code point": (r"Biofouling$\unicode{x2013}$communities", "Biofouling–communities"),
    "display mathematics": (r"$$x^2$$", "x²"),
    "mathematics in parentheses": (r"\(x^2\)", "x²"),
    "link in mathematics": (r"$\href{https://example.org}{\text{this URL}}$", "this URL"),
    "address": (r"\url{https://example.org/a\_b}", "https://example.org/a_b"),
    "link": (r"\href{https://example.org}{here}", "here"),
    "emphasis": (r"\emph{very} \textbf{bold \textit{and} slanted}", "very bold and slanted"),
    "colour": (r"\textcolor[RGB]{1,2,3}{words}", "words"),
    "declaration": (r"{\it target similarity} and", "target similarity and"),
    "acute": (r"Caf\'{e} and \'etude", "Café and étude"),
    "umlaut": (r"J\"urgen", "Jürgen"),
    "cedilla": (r"Fran\c{c}ois, Gon\c calves", "François, Gonçalves"),
    "caron": (r"\v{S}", "Š"),
    "accent on a dotless i": (r"na\"{\i}ve", "naïve"),
    "slashed o": (r"Bj{\o}ntegaard, Bj\o ntegaard", "Bjøntegaard, Bjøntegaard"),
    "ligature": (r"Stra{\ss}e, {\AA}", "Straße, Å"),
    "Greek outside mathematics": (r"\alpha-helix", "α-helix"),
    "ampersand": (r"R\&D \#1 a\_b", "R&D #1 a_b"),
    "dollar": (r"\$5", "$5"),
    "command before a digit": (r"512$\times$512$\times$256, $\leq$2", "512×512×256, ≤2"),
    "raised in text": (r"PM\textsuperscript{4}Bench, H\textsubscript{2}O", "PM⁴Bench, H₂O"),
    "thin space": (r"5\,ms", "5 ms"),
    "e.g.": (r"(\eg, text)", "(e.g., text)"),
}
KEPT = {
    "plain": "Nothing to do at 95% for {BERT} ~ a_b^c",
    "prices": "from $5 and $10 to $20,000 and $30,000",
    "prices around words": "US$ 5 or $10, or US$ 7",
    "one dollar": "a $ sign",
    "unknown command": r"\ModelName{} wins",
    "citation": r"as in~\cite{key}",
    "footnote": r"see\footnote{there}",
    "unknown command in mathematics": r"$\ourmethod^2$",
    "path": r"C:\temp\new",
    "line break": r"one \\ two",
    "backslash at the end": "end\\",
    "open command": r"\emph{never closed",
    "open mathematics": r"$x^{2}",
    "empty mathematics": "$$$$",
    "misused accent": r"\b geometric \b score",
    "file inclusion": r"\input{/etc/passwd} $\input{/etc/passwd}$",
    "too deep": "$" + "{" * 20 + "x" + "}" * 20 + "$",
}


@pytest.mark.parametrize(("tex", "expected"), CONVERTED.values(), ids=CONVERTED)
def test_a_fragment_becomes_unicode(tex: str, expected: str) -> None:
    assert to_unicode(tex) == expected


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_no_tex_or_cannot_be_converted_stays(text: str) -> None:
    assert to_unicode(text) == text


@pytest.mark.parametrize(("tex", "expected"), CONVERTED.values(), ids=CONVERTED)
def test_converting_twice_changes_nothing_more(tex: str, expected: str) -> None:
    assert to_unicode(expected) == expected


@given(st.text(alphabet="ab $\\{}_^%'\"-1,.é\n"))
def test_any_text_is_converted_without_an_error(text: str) -> None:
    assert isinstance(to_unicode(text), str)


_COMMANDS = ["alpha", "frac", "text", "href", "sqrt", "hat", "left", "input", "it", "o", "begin", "end", "not", "left("]
_PARTS = st.sampled_from(
    ["$", "{", "}", "_", "^", "%", " ", "x", "1", *(f"\\{name}" for name in _COMMANDS), "{x}", "[y]"]
)


@given(st.lists(_PARTS, max_size=40).map("".join))
def test_any_heap_of_tex_is_converted_without_an_error(text: str) -> None:
    assert isinstance(to_unicode(text), str)


@given(st.text().filter(lambda text: "$" not in text and "\\" not in text))
def test_text_without_dollar_and_backslash_is_returned_as_it_is(text: str) -> None:
    assert to_unicode(text) is text


@pytest.mark.parametrize(
    "part",
    [
        "$",
        "{",
        "\\",
        "\\a{",
        "$a$",
        "\\textbf{",
        "$\\",
        "\\(",
        "{\\it ",
        "$$",
        "\\href{",
        "$x^{",
        "$\\frac{a}{",
        "$_",
        "\\'{",
    ],
)
def test_hostile_text_of_fifty_kilobytes_takes_no_time(part: str) -> None:
    started = time.process_time()
    to_unicode(part * (50_000 // len(part)) + "}" * 100 + "$")
    assert time.process_time() - started < 20
