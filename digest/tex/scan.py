"""One pass over a text: its TeX fragments are found and converted, everything else stays."""

from __future__ import annotations

import re
from typing import Final

from digest.keeping import kept
from digest.tex.formula import BRACE, LIMIT, formula
from digest.tex.signs import DECLARATIONS, LETTERS, WRAPPERS, converted, symbol

_TOKEN = re.compile(
    rf"""
      \$\$ (?P<display> (?: [^$\\] | \\. ){{1,{LIMIT}}} ) \$\$
    | \$ (?=\S) (?P<math> (?: [^$\\] | \\. ){{1,{LIMIT}}} ) (?<=\S) \$ (?!\d)
    | \$ (?P<sign> \\[A-Za-z]+ ) \$
    | \\\( (?P<inline> (?: [^$\\] | \\[^()] ){{1,{LIMIT}}} ) \\\)
    | (?P<accent> \\ (?: ['`"^~=.] (?: \{{ \\?[A-Za-z] \}} | \\[ij](?![A-Za-z]) | [A-Za-z] )
                    | [bcdHkrtuv]\{{ \\?[A-Za-z] \}} | c\ [cstCST] | [Hkruv]\ [A-Za-z]\b ) )
    | \\ (?P<escape> [%&\#_${{}}\ ,;:-] )
    | \\ (?P<name> [A-Za-z]+ ) \*?
    | \\ .
    | [{{}}]
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES: Final = {" ": " ", ",": " ", ";": " ", ":": " ", "-": ""}
_RAISED: Final = {"textsuperscript": "^", "textsubscript": "_"}
_SECOND_ARGUMENT: Final = frozenset(("href", "textcolor"))  # commands whose second argument is the text
_TEXT_COMMAND = re.compile(r"\\(?:href|url|textcolor)(?![A-Za-z])")
_OPTION = re.compile(r"\[[^\[\]{}]{0,40}\]")
_COMMAND = re.compile(r"\\([A-Za-z]+)\s*")


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
            self.out.append(_mathematics(token[kind], whole))
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
        if name in _SECOND_ARGUMENT:
            end = self._after_argument(end)
            return self._unwrapped(token, end) if end else self._kept(token)
        if name in WRAPPERS:
            return self._unwrapped(token, end)
        if name in _RAISED:
            return self._raised(token)
        sign = symbol(name)
        if not sign:
            return self._kept(token)
        self.out.append(sign)
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
        if close is None or close - token.end() > LIMIT:
            return self._kept(token)
        argument = self.text[token.end() : close + 1]
        self.out.append(formula(_RAISED[token["name"]] + argument, token[0] + argument))
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
        return end + 1 if name in LETTERS and self.text.startswith(" ", end) else end

    def _group(self, token: re.Match[str]) -> int:
        r"""Drop the braces of ``{\AA}`` and ``{\it …}``; any other group stays as it is."""
        start, command = token.start(), _COMMAND.match(self.text, token.end())
        close = self.closing.get(start)
        if command and close is not None:
            if command[1] in DECLARATIONS:
                self.dropped.add(close)
                return command.end()
            alone = symbol(command[1]) and command.end() == close
            if alone or command[1] in WRAPPERS or command[1] in _SECOND_ARGUMENT:
                self.dropped.add(close)
                return token.end()
        self.out.append("{")
        return token.end()


def _matching_braces(text: str) -> dict[int, int]:
    """Return the offset of each opening brace's closing one; unmatched braces are left out."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    for found in BRACE.finditer(text):
        if found[0] == "{":
            opened.append(found.start())
        elif found[0] == "}" and opened:
            pairs[opened.pop()] = found.start()
    return pairs


@kept(4096)
def _accent(fragment: str) -> str:
    return converted(re.sub(r" (?=[A-Za-z])", "{", fragment) + "}" * (" " in fragment)) or fragment


def _mathematics(tex: str, whole: str) -> str:
    """Return what stands between dollars; some put a whole link there, which is text."""
    return to_unicode(tex) if _TEXT_COMMAND.match(tex) else formula(tex, whole)
