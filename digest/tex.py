"""TeX in titles, names and abstracts to readable Unicode; what cannot be converted stays as it was.

Only TeX fragments are touched, never the text around them: mathematics between dollars by Pandoc's rule (Pandoc User's
Guide, extension ``tex_math_dollars``: no space after the opening and before the closing dollar, no digit after the
closing one, so that "$5 and $10" stays; a lone command may stand before a digit all the same), commands, escapes such
as ``\\%``, and accents. Single fragments go through pylatexenc, the only place where it is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, Final

from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db
from pylatexenc.latexwalker import get_default_latex_context_db as walker_context

_MATH_LIMIT: Final = 400  # characters; longer runs between two dollars are not a formula of a title or an abstract
_DEPTH_LIMIT: Final = 12  # braces in braces; keeps pylatexenc's recursion small

_TOKEN = re.compile(
    rf"""
      \$\$ (?P<display> (?: [^$\\] | \\. ){{1,{_MATH_LIMIT}}} ) \$\$
    | \$ (?=\S) (?P<math> (?: [^$\\] | \\. ){{1,{_MATH_LIMIT}}} ) (?<=\S) \$ (?!\d)
    | \$ (?P<sign> \\[A-Za-z]+ ) \$
    | \\\( (?P<inline> (?: [^$\\] | \\[^()] ){{1,{_MATH_LIMIT}}} ) \\\)
    | (?P<accent> \\ (?: ['`"^~=.] (?: \{{ \\?[A-Za-z] \}} | \\[ij](?![A-Za-z]) | [A-Za-z] )
                    | [bcdHkrtuv]\{{ \\?[A-Za-z] \}} | c\ [cstCST] | [Hkruv]\ [A-Za-z]\b ) )
    | \\ (?P<escape> [%&\#_${{}}\ ,;:-] )
    | \\ (?P<name> [A-Za-z]+ ) \*?
    | \\ .
    | [{{}}]
    """,
    re.VERBOSE | re.DOTALL,
)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_ESCAPES: Final = {" ": " ", ",": " ", ";": " ", ":": " ", "-": ""}


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Commands whose argument is the text itself: only the command and its braces go.
_WRAPPERS: Final = _words(
    "emph textbf textit textrm textsf textsc textsl texttt textup textmd textnormal text mbox"
    " underline uline url path ensuremath mathrm mathbf mathit mathsf mathtt boldsymbol bm"
    " operatorname"
)
_RAISED: Final = {"textsuperscript": "^", "textsubscript": "_"}
_DECLARATIONS: Final = _words("it bf em sl sc sf tt rm itshape bfseries scshape ttfamily")
_FIRST_ARGUMENT_DROPPED: Final = frozenset(("href", "textcolor"))
# Ours, where arXiv's authors use what pylatexenc's tables lack; ``\deg`` outside mathematics is the sign on arXiv.
_WORDS: Final = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "deg": "°", "texttimes": "×", "S": "§"}
_LETTERS: Final = _words("o O l L ae AE oe OE aa AA ss i j")  # they swallow the space after them (The TeXbook, ch. 3)


def to_unicode(text: str) -> str:
    """Return the text with its TeX fragments as Unicode; never raises, in time linear in the text's length."""
    if "$" not in text and "\\" not in text:
        return text
    return _Scan(text).run()


class _Scan:
    """One pass over a text: what is converted goes to ``out``, closing braces of dropped commands to ``dropped``."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.out: list[str] = []
        self.closing = _matching_braces(text)
        self.dropped: set[int] = set()

    def run(self) -> str:
        position = 0
        while token := _TOKEN.search(self.text, position):
            self.out.append(self.text[position : token.start()])
            position = self._take(token)
        self.out.append(self.text[position:])
        return "".join(self.out)

    def _take(self, token: re.Match[str]) -> int:
        """Convert one token and return where to go on."""
        kind, whole = token.lastgroup, token[0]
        if kind in ("math", "sign", "display", "inline"):
            self.out.append(_math(token[kind], whole))
        elif kind == "accent":
            self.out.append(_accent(whole))
        elif kind == "escape":
            self.out.append(_ESCAPES.get(token["escape"], token["escape"]))
        elif kind == "name":
            return self._command(token)
        elif whole == "{":
            return self._group(token)
        elif whole != "}" or token.start() not in self.dropped:
            self.out.append(whole)
        return token.end()

    def _command(self, token: re.Match[str]) -> int:
        name, end = token["name"], token.end()
        if name in _FIRST_ARGUMENT_DROPPED:
            end = self._after_argument(end)
            return self._unwrapped(token, end) if end else self._kept(token)
        if name in _WRAPPERS:
            return self._unwrapped(token, end)
        if name in _RAISED:
            return self._raised(token)
        symbol = _symbol(name)
        if not symbol:
            return self._kept(token)
        self.out.append(symbol)
        return self._after_symbol(name, end)

    def _kept(self, token: re.Match[str]) -> int:
        self.out.append(token[0])
        return token.end()

    def _unwrapped(self, token: re.Match[str], brace: int) -> int:
        """Drop the command and the braces of the argument at ``brace``; the argument is read on as text."""
        close = self.closing.get(brace)
        if close is None:
            return self._kept(token)
        if token["name"] in ("url", "path"):
            self.out.append(re.sub(r"\\([%_#&~])", r"\1", self.text[brace + 1 : close]))
            return close + 1
        self.dropped.add(close)
        return brace + 1

    def _raised(self, token: re.Match[str]) -> int:
        close = self.closing.get(token.end())
        if close is None or close - token.end() > _MATH_LIMIT:
            return self._kept(token)
        argument = self.text[token.end() : close + 1]
        self.out.append(_math(_RAISED[token["name"]] + argument, token[0] + argument))
        return close + 1

    def _after_argument(self, position: int) -> int:
        """Return where the argument at ``position``, or after a ``[…]`` there, ends; 0 if there is none."""
        if option := _OPTION.match(self.text, position):
            position = option.end()
        close = self.closing.get(position)
        return 0 if close is None else close + 1

    def _after_symbol(self, name: str, end: int) -> int:
        if self.text.startswith("{}", end):
            return end + 2
        return end + 1 if name in _LETTERS and self.text.startswith(" ", end) else end

    def _group(self, token: re.Match[str]) -> int:
        r"""Drop the braces of ``{\AA}`` and ``{\it …}``; any other group stays as it is."""
        start, command = token.start(), _COMMAND.match(self.text, token.end())
        close = self.closing.get(start)
        if command and close is not None:
            if command[1] in _DECLARATIONS:
                self.dropped.add(close)
                return command.end()
            alone = _symbol(command[1]) and command.end() == close
            if alone or command[1] in _WRAPPERS or command[1] in _FIRST_ARGUMENT_DROPPED:
                self.dropped.add(close)
                return token.end()
        self.out.append("{")
        return token.end()


_OPTION = re.compile(r"\[[^\[\]{}]{0,40}\]")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")


def _matching_braces(text: str) -> dict[int, int]:
    """Return the offset of each opening brace's closing one; unmatched braces are left out."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for found in _BRACE.finditer(text):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            pairs[opened.pop()] = found.start()
    return pairs


@cache
def _tables() -> tuple[Any, Callable[[str], str]]:
    """Return pylatexenc's table of replacements and its converter, made once."""
    table = get_default_latex_context_db().filter_context(exclude_categories=["latex-placeholders", "latex-ethuebung"])
    converter = LatexNodes2Text(latex_context=table, math_mode="text", keep_comments=True)
    grammar = walker_context()
    return table, lambda tex: str(converter.latex_to_text(tex, latex_context=grammar, tolerant_parsing=False))


def _converted(tex: str) -> str | None:
    """Return what pylatexenc makes of a fragment, or None where it makes nothing of it."""
    try:
        return _tables()[1](tex) or None
    except Exception:
        return None


@lru_cache(maxsize=4096)
def _symbol(name: str) -> str:
    r"""Return the sign that a command without argument stands for (``\alpha``), "" for any other command."""
    if name in _WORDS:
        return _WORDS[name]
    entry = _tables()[0].get_macro_spec(name)
    sign = entry.simplify_repl if entry else ""
    return sign if isinstance(sign, str) and "%" not in sign else ""


@lru_cache(maxsize=4096)
def _accent(fragment: str) -> str:
    return _converted(re.sub(r" (?=[A-Za-z])", "{", fragment) + "}" * (" " in fragment)) or fragment


# --- mathematics -------------------------------------------------------------------------------------------------

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
_TEXT_COMMAND = re.compile(r"\\(?:href|url|textcolor)(?![A-Za-z])")
_SPACE_BEFORE_COMMAND = re.compile(r" +(?=\\[A-Za-z])")  # pylatexenc drops it after another command
_UNDEFINED: Final = "\\undefined"  # stands where a part has no plain form, so that the whole formula stays as it was
_TAKE_ARGUMENTS: Final = _words(
    "mathbb mathcal mathscr mathfrak vec dot hat check breve acute grave tilde bar ddot not sqrt"
    " overline widehat widetilde overrightarrow underbrace overbrace ket bra braket"
)


@lru_cache(maxsize=8192)
def _math(formula: str, whole: str) -> str:
    """Return a formula as Unicode, or ``whole`` (with its delimiters) where some part of it has no Unicode form."""
    if _depth(formula) > _DEPTH_LIMIT or _MONEY.match(formula):
        return whole
    if _TEXT_COMMAND.match(formula):
        return to_unicode(formula)
    plain = _plain_math(formula.strip())
    found = " ".join(plain.split()) if plain else ""
    return found if found and "\\" not in found else whole


def _depth(tex: str) -> int:
    depth = deepest = 0
    for found in _BRACE.finditer(tex):
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
    if not all(name in _TAKE_ARGUMENTS or _symbol(name) for name in _NAMED.findall(tex)):
        return None
    # An empty group ends each command's name, whatever sign stands next once the scripts are converted.
    tex = _NAMED.sub(lambda m: m[0] if m[1] in _TAKE_ARGUMENTS else m[0] + "{}", tex)
    tex = _SCRIPT.sub(lambda m: _script(m, level), tex)
    if _UNDEFINED in tex:
        return None
    spaced = _SPACE_BEFORE_COMMAND.sub(lambda _: "\\ ", _escaped(tex))
    return _converted(f"${spaced}$")


def _without_wrappers(tex: str) -> str:
    return re.sub(
        r"\\([A-Za-z]+)\*?(?=\s*\{)", lambda m: "" if m[1] in _WRAPPERS or m[1] in _DECLARATIONS else m[0], tex
    )


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
