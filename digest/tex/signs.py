"""The signs that TeX's commands stand for: pylatexenc's tables (it has no types and stays here) and ours."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from pylatexenc.latex2text import LatexNodes2Text, get_default_latex_context_db
from pylatexenc.latexwalker import get_default_latex_context_db as walker_context

from digest.keeping import kept


def words(text: str) -> frozenset[str]:
    """Return the words of the text as a set."""
    return frozenset(text.split())


# Commands whose argument is the text itself: only the command and its braces go.
WRAPPERS: Final = words(
    "emph textbf textit textrm textsf textsc textsl texttt textup textmd textnormal text mbox"
    " underline uline url path ensuremath mathrm mathbf mathit mathsf mathtt boldsymbol bm"
    " operatorname"
)
DECLARATIONS: Final = words("it bf em sl sc sf tt rm itshape bfseries scshape ttfamily")
# Ours, where arXiv's authors use what pylatexenc's tables lack; ``\deg`` outside mathematics is the sign on arXiv.
_WORDS: Final = {"eg": "e.g.", "ie": "i.e.", "etal": "et al.", "deg": "°", "texttimes": "×", "S": "§"}
LETTERS: Final = words("o O l L ae AE oe OE aa AA ss i j")  # they swallow the space after them (The TeXbook, ch. 3)


@cache
def _tables() -> tuple[Any, Callable[[str], str]]:
    """Return pylatexenc's table of replacements and its converter, made once."""
    table = get_default_latex_context_db().filter_context(exclude_categories=["latex-placeholders", "latex-ethuebung"])
    converter = LatexNodes2Text(latex_context=table, math_mode="text", keep_comments=True)
    grammar = walker_context()
    return table, lambda tex: str(converter.latex_to_text(tex, latex_context=grammar, tolerant_parsing=False))


def converted(tex: str) -> str | None:
    """Return what pylatexenc makes of a fragment, or None where it makes nothing of it."""
    try:
        return _tables()[1](tex) or None
    except Exception:  # of many kinds, RecursionError among them; each means that the fragment stays as it was
        return None


@kept(4096)
def symbol(name: str) -> str:
    r"""Return the sign that a command without argument stands for (``\alpha``), "" for any other command."""
    if name in _WORDS:
        return _WORDS[name]
    entry = _tables()[0].get_macro_spec(name)
    sign = entry.simplify_repl if entry else ""
    return sign if isinstance(sign, str) and "%" not in sign else ""
