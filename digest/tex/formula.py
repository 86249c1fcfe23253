"""One formula as readable Unicode: scripts and fractions by us, since pylatexenc loses their grouping."""

from __future__ import annotations

import re
from typing import Final

from digest.keeping import kept
from digest.tex.signs import DECLARATIONS, WRAPPERS, converted, symbol, words

LIMIT: Final = 400  # characters; longer runs between two dollars are not a formula of a title or an abstract
_DEPTH_LIMIT: Final = 12  # braces in braces; keeps pylatexenc's recursion small

BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_SIGNS: Final = "0123456789+-=()"
_SUPER = dict(
    zip(
        _SIGNS + "abcdefghijklmnoprstuvwxyz∘−′*",
        "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾" + "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ°⁻′*",
        strict=True,
    )
)
_SUB = dict(zip(_SIGNS + "aehijklmnoprstuvx−", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎" + "ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ₋", strict=True))
_GROUP = r"\{((?:[^{}]|\{[^{}]*\})*)\}"
_SCRIPT = re.compile(rf"\s*([_^])\s*(?:{_GROUP}|(\\[A-Za-z]+)|([^\s\\{{}}]))")
_FRACTION = re.compile(rf"\\[dt]?n?(?:ice)?frac\s*{_GROUP}\s*{_GROUP}")
_CODE_POINT = re.compile(r"\\unicode\{x([0-9A-Fa-f]{2,5})\}")
_LAYOUT = re.compile(r"\\(?:left|right|[bB]igg?[lrm]?|displaystyle|textstyle|limits|nolimits|!)(?![A-Za-z])\.?")
_NAMED = re.compile(r"\\([A-Za-z]+)")
_MONEY = re.compile(r"\d[\d.,]*[,;:]? +[A-Za-z]{2,}")  # "$10, or US$ 5" holds no formula
_SPACE_BEFORE_COMMAND = re.compile(r" +(?=\\[A-Za-z])")  # pylatexenc drops it after another command
_UNDEFINED: Final = "\\undefined"  # stands where a part has no plain form, so that the whole formula stays as it was
_TAKE_ARGUMENTS: Final = words(
    "mathbb mathcal mathscr mathfrak vec dot hat check breve acute grave tilde bar ddot not sqrt overline widehat"
    " widetilde overrightarrow underbrace overbrace ket bra braket"
)


@kept(8192)
def formula(tex: str, whole: str) -> str:
    """Return a formula as Unicode, or ``whole`` (with its delimiters) where some part of it has no Unicode form."""
    if _depth(tex) > _DEPTH_LIMIT or _MONEY.match(tex):
        return whole
    plain = _plain_math(tex.strip())
    found = " ".join(plain.split()) if plain else ""
    return found if found and "\\" not in found else whole


def _depth(tex: str) -> int:
    depth = deepest = 0
    for found in BRACE.finditer(tex):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        deepest = max(deepest, depth)
    return deepest


def _plain_math(tex: str, level: int = 0) -> str | None:
    """Return mathematics as plain text: scripts and fractions by us, since pylatexenc loses their grouping."""
    if level > _DEPTH_LIMIT:
        return None
    tex = _CODE_POINT.sub(_code_point, _LAYOUT.sub("", tex))
    tex = _FRACTION.sub(lambda m: f"{_in_parentheses(m[1], level)}/{_in_parentheses(m[2], level)}", tex)
    tex = _without_wrappers(tex)
    if not all(name in _TAKE_ARGUMENTS or symbol(name) for name in _NAMED.findall(tex)):
        return None
    # An empty group ends each command's name, whatever sign stands next once the scripts are converted.
    tex = _NAMED.sub(lambda m: m[0] if m[1] in _TAKE_ARGUMENTS else m[0] + "{}", tex)
    tex = _SCRIPT.sub(lambda m: _script(m, level), tex)
    if _UNDEFINED in tex:
        return None
    spaced = _SPACE_BEFORE_COMMAND.sub(lambda _: "\\ ", _escaped(tex))
    return converted(f"${spaced}$")


def _without_wrappers(tex: str) -> str:
    return re.sub(r"\\([A-Za-z]+)\*?(?=\s*\{)", lambda m: "" if m[1] in WRAPPERS or m[1] in DECLARATIONS else m[0], tex)


def _escaped(tex: str) -> str:
    """Return the formula with bare percent signs escaped: pylatexenc would read a comment."""
    return re.sub(r"\\.|%", lambda m: r"\%" if m[0] == "%" else m[0], tex, flags=re.DOTALL)


def _code_point(found: re.Match[str]) -> str:
    number = int(found[1], 16)
    return chr(number) if number > 0x9F and not 0xD800 <= number <= 0xDFFF else found[0]


def _in_parentheses(tex: str, level: int) -> str:
    inner = _plain_math(tex, level + 1)
    if inner is None:
        return _UNDEFINED
    return inner if re.fullmatch(r"\w+|[\d.,]+", inner) else f"({inner})"


def _script(found: re.Match[str], level: int) -> str:
    """Return a sub- or superscript: in Unicode's own signs where all exist, else after ``_`` or ``^``."""
    inner = _plain_math(next(filter(None, found.groups()[1:]), ""), level + 1)
    if inner is None:
        return _UNDEFINED
    signs = _SUPER if found[1] == "^" else _SUB
    if inner and all(c in signs for c in inner):
        return "".join(signs[c] for c in inner)
    return found[1] + (inner if re.fullmatch(r"\w+|.", inner) else f"({inner})")
