"""Rules answered by SQLite FTS5 (https://www.sqlite.org/fts5.html), for the part of the language that it has: words and
phrases without plurals, prefixes, title and abstract, AND, OR, NOT, and words near each other.

FTS5 cuts and folds texts in its own way (``unicode61 remove_diacritics 2``). ``prepared`` writes each text and each
phrase so that both ways come to the same; what it changes is in ``DIFFERENCES``, with the reason for each.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TypeAlias

from digest import text
from digest.models import Paper
from digest.rules.tree import And, Anything, Leaf, Node, Not, Or, Query, Words

FIELDS = ("title", "abstract")
# Private characters count as letters to unicode61, and no paper has them: with one begins what stands for signs.
SIGN, MARK = "\ue000", "\ue001"
_SPACELESS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_JOINING = r"[\s/\-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d]"
_UNSEEN = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


Forms: TypeAlias = Callable[[str], Iterable[str]]


class UntoldError(ValueError):
    """A rule that FTS5 has no words for."""


@dataclass(frozen=True)
class Difference:
    """One way in which FTS5 cuts or folds differently; ``rule`` holds for ``paper`` in one of the two alone."""

    what: str
    reason: str
    rule: str
    paper: str


DIFFERENCES = (
    Difference(
        "signs between the words of a phrase",
        "FTS5 looks at words alone; here every sign but white space, hyphens and slashes parts a phrase",
        '="reward model"',
        "A reward. Model it",
    ),
    Difference(
        "signs that a phrase is written with",
        "FTS5 drops them from the query as well; here they have to stand in the text",
        '="gpt 3.5"',
        "GPT 3 5",
    ),
    Difference(
        "compatibility forms",
        "FTS5 takes accents off, no more; here raised digits, ligatures and mathematical letters are plain ones (NFKD)",
        "=m2",
        "Ten m² of cloth",
    ),
    Difference(
        "letters with a stroke, and two letters in one",
        "Unicode does not take them apart, so FTS5 keeps them; people write them as plain letters",
        "=Lukasz",
        "Łukasz and the Loom",
    ),
    Difference(
        "long forms of small letters",
        "FTS5 maps a capital to one small letter; here case is folded, ß being ss and the final sigma a sigma",
        "=strasse",
        "Die Straße",
    ),
    Difference(
        "Chinese and Japanese",
        "written without spaces, a run of them is one word to FTS5; here each character is one",
        "=学",
        "机器学习 by Looms",
    ),
    Difference(
        "characters that are not seen",
        "a soft hyphen or a joiner ends a word for FTS5; here the word goes on",
        "=pattern",
        "A pat\u00adtern of cards",
    ),
    Difference(
        "marks that are not accents",
        "vowel signs and the like end a word for FTS5; here they belong to it as all combining marks do",
        "=ह",
        "हिन्दी in Looms",
    ),
)


_MARKS = "".join(chr(c) for c in range(0x300, 0x10000) if unicodedata.category(chr(c))[0] == "M")
_WORD = re.compile(rf"[{_SPACELESS}][{_MARKS}]*|[^\W_{_SPACELESS}](?:[^\W_{_SPACELESS}]|[{_MARKS}{_UNSEEN}])*")
_ACCENTS = re.compile("[\u0300-\u036f]")
_STROKES = dict(zip("øłđðħıæœþ", ("o", "l", "d", "d", "h", "i", "ae", "oe", "th"), strict=True))


def _letter(char: str) -> str:
    """Return a character of a word as FTS5 has to see it; capitals and accents are left to FTS5."""
    if char in _UNSEEN:
        return ""
    if unicodedata.category(char)[0] == "M" and not _ACCENTS.match(char):
        return "" if unicodedata.combining(char) else f"{MARK}{ord(char):x}{MARK}"
    if unicodedata.normalize("NFKD", char) != unicodedata.normalize("NFD", char):
        return "".join(map(_letter, unicodedata.normalize("NFKD", char)))
    small = char.casefold() if char.casefold() != char.lower() else char
    return _STROKES.get(small.lower(), small)


def _sign(between: str) -> str:
    """Return what stands for the signs between two words: nothing where they may stand in a phrase."""
    signs = re.sub(r"\s", "", re.sub("[‘’ʼ＇]", "'", between))
    return "" if re.fullmatch(f"{_JOINING}*", between) else SIGN + "".join(f"{ord(sign):x}" for sign in signs)


def prepared(value: str, *, signs: bool = True) -> str:
    """Return a readable text so that FTS5 cuts and folds it our way; what stands for ``signs`` are words too."""
    parts: list[str] = []
    end = 0
    for found in _WORD.finditer(value):
        if parts and signs:
            parts.append(_sign(value[end : found.start()]))
        parts.append(found[0] if found[0].isascii() else "".join(map(_letter, found[0])))
        end = found.end()
    return " ".join(filter(None, parts))


class Table:
    """The titles and abstracts of papers in an FTS5 table in memory: with the signs that part phrases, and without."""

    def __init__(self, papers: Sequence[Paper], *, prepare: bool = True, forms: Forms | None = None) -> None:
        """Fill the table; without ``prepare``, both texts and rules come as they are.

        Where ``forms`` tells the plurals of a folded word, a term that takes plurals asks for each of them by OR.
        """
        self.prepare, self.forms = prepare, forms
        self.connection = sqlite3.connect(":memory:")
        self.connection.execute(
            "CREATE VIRTUAL TABLE papers USING fts5(title, abstract, title_words, abstract_words, everything, "
            "tokenize = 'unicode61 remove_diacritics 2', content = '')"
        )
        rows = ((place, *self._row(paper)) for place, paper in enumerate(papers))
        self.connection.executemany(
            "INSERT INTO papers (rowid, title, abstract, title_words, abstract_words, everything) "
            "VALUES (?, ?, ?, ?, ?, 'everything')",
            rows,
        )

    def _row(self, paper: Paper) -> list[str]:
        texts = [text.readable(value or "") for value in (paper.title, paper.abstract)]
        return [prepared(value, signs=signs) if self.prepare else value for signs in (True, False) for value in texts]

    def vocabulary(self) -> Iterator[tuple[str, int, str]]:
        """Yield each word that FTS5 found, in which paper (its place), and in which field."""
        self.connection.execute(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, papers, instance)"
        )
        yield from self.connection.execute(
            "SELECT DISTINCT term, doc, col FROM temp.vocabulary WHERE col IN ('title', 'abstract')"
        )

    def matching(self, query: Query) -> list[int]:
        """Return the places of the papers that the rule holds for, in order; raises UntoldError."""
        asked = "SELECT rowid FROM papers WHERE papers MATCH ? ORDER BY rowid"
        return [place for (place,) in self.connection.execute(asked, (self.question(query.root),))]

    def question(self, node: Node) -> str:
        """Return the rule as FTS5 writes it. NOT is of two parts there, so it is what everything has but the part."""
        match node:
            case Leaf():
                return self._term(node)
            case Not():
                return f"(everything : everything NOT {self.question(node.part)})"
        joined = " AND " if isinstance(node, And) else " OR "
        assert isinstance(node, And | Or)
        return f"({joined.join(map(self.question, node.parts))})"

    def _term(self, leaf: Leaf) -> str:
        if isinstance(leaf, Anything) and not leaf.field:
            return "(everything : everything)"
        starred = isinstance(leaf, Words) and leaf.words[-1].prefix
        if not isinstance(leaf, Words) or leaf.field not in ("", *FIELDS):
            raise UntoldError(f"{leaf.field}:{leaf.written} asks for no words of title or abstract")
        if any(word.prefix for word in leaf.words[:-1]) or (leaf.near and starred):
            raise UntoldError(f"{leaf.written} has a star within")
        if not leaf.exact and not self.forms and not all(word.prefix for word in leaf.words):
            raise UntoldError(f"{leaf.written} asks for plurals")
        fields = [leaf.field] if leaf.field else FIELDS
        if leaf.near:
            nears = " OR ".join(map(self._near(leaf), self.spelled(leaf, signs=False)))
            return f"({{{' '.join(f'{field}_words' for field in fields)}}} : ({nears}))"
        star = " *" if starred else ""
        phrases = " OR ".join(f'"{" ".join(words)}"{star}' for words in self.spelled(leaf))
        return f"({{{' '.join(fields)}}} : ({phrases}))"

    def spelled(self, leaf: Words, *, signs: bool = True) -> Iterator[tuple[str, ...]]:
        """Yield each way to write a phrase in singular and plural: words, and what stands for signs between them."""
        written = leaf.written.rstrip("*")
        words = prepared(written, signs=signs).split() if self.prepare else [written]
        if leaf.exact or not self.forms:
            yield tuple(words)
            return
        fixed = {len(words) - 1} if leaf.words[-1].prefix else set()
        choices = (
            (word,) if place in fixed or word[0] == SIGN else sorted(self.forms(text.fold(word)))
            for place, word in enumerate(words)
        )
        yield from product(*choices)

    def _near(self, leaf: Words) -> Callable[[Sequence[str]], str]:
        """NEAR counts the words between the first and the last, which is one less than how far they are apart."""
        return lambda words: f"NEAR({' '.join(map(_quoted, words))}, {leaf.near - 1})"


def _quoted(word: str) -> str:
    return f'"{word}"'
