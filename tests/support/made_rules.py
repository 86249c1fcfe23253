"""Rules made at random from the words, authors and categories of given papers: popular terms and rare ones, in every
form of the language, shaped as people shape them. The same seed makes the same rules.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from digest import text
from digest.models import Paper

_WORD = re.compile(r"[^\W_]+")
# What cannot stand within quotes; and the operators, which are no words of a rule (in small letters they look odd).
_UNQUOTED = re.compile(r"[\"“”„‟＂«»*]")
_OPERATORS = frozenset({"and", "or", "not"})

# How often each kind of term is asked for, of 100. Of TEXT, all but a few is what a full-text search knows too.
TEXT = {"word": 40, "phrase": 24, "prefix": 12, "begun": 4, "near": 3}
EVERYTHING = {**TEXT, "author": 8, "category": 5, "range": 2, "flag": 1, "pattern": 1}
FIELDS = ("", "", "", "", "title:", "abstract:", "ti:", "abs:")
# Shapes by their number of terms; {0} is the first term.
SHAPES = {
    1: ("{0}",),
    2: ("{0} OR {1}", "{0} AND {1}", "{0} {1}", "{0} NOT {1}", "{0} -{1}", "{0}^3 OR {1}", "NOT ({0} {1})"),
    3: ("{0} OR {1} OR {2}", "({0} OR {1}) {2}", "{0} AND ({1} OR {2}^2)", "({0} OR {1}) NOT {2}", "{0} {1} OR {2}"),
    4: (
        "({0} OR {1}) ({2} OR {3})",
        "{0} OR {1} {2} NOT {3}",
        "({0} {1}) OR ({2} {3})^0.5",
        "{0} NOT ({1} OR {2} {3})",
    ),
    5: ("({0} OR {1} OR {2}) AND ({3} OR {4})", "{0} OR {1} OR {2} OR ({3} -{4})"),
    6: ("({0} OR {1}) ({2} OR {3}) NOT ({4} OR {5})", "(({0} OR {1}) {2}) OR ({3} NOT ({4} {5}))"),
}
SIZES = (1, 1, 1, 1, 2, 2, 2, 2, 2, 3, 3, 3, 4, 4, 5, 6)


class Maker:
    """Makes rules, one after the other, that differ from each other as people's do."""

    def __init__(
        self,
        papers: Sequence[Paper],
        seed: int,
        kinds: dict[str, int] = EVERYTHING,
        sign: str = "",
        most_common: float = 1.0,
        pool: int = 0,
    ) -> None:
        """Take terms of these ``kinds`` from the papers; ``sign`` (``=``) stands before each word and phrase.

        A word that stands in more than ``most_common`` of the texts, as "the" does, is no term by itself. With a
        ``pool``, all rules are made of so many different terms, the n-th most frequent one by about 1/n (Zipf's law).
        """
        self.chance = random.Random(seed)
        self.sign = sign
        self.texts = [text.readable(value) for paper in papers for value in (paper.title, paper.abstract) if value]
        self.texts = [value for value in self.texts if _WORD.search(value)]
        self.places = [[m.span() for m in _WORD.finditer(value)] for value in self.texts]
        texts = Counter(
            word
            for value, at in zip(self.texts, self.places, strict=True)
            for word in {value[start:end].lower() for start, end in at}
        )
        self.vocabulary = sorted(
            word for word, count in texts.items() if count <= most_common * len(self.texts) and word not in _OPERATORS
        )
        self.known = frozenset(self.vocabulary)
        self.authors = sorted(
            {name for paper in papers for name in paper.authors if not _UNQUOTED.search(name) and _WORD.search(name)}
        )
        self.categories = sorted({code for paper in papers for code in paper.categories})
        offered = {
            kind for kind in kinds if getattr(self, {"author": "authors", "category": "categories"}.get(kind, "texts"))
        }
        self.kinds = [kind for kind, share in kinds.items() if kind in offered for _ in range(share)]
        self._make: dict[str, Callable[[], str]] = {kind: getattr(self, f"_{kind}") for kind in offered}
        self.pool: list[str] = []
        while len(self.pool) < pool:  # of all forms, so that it fills up however few words there are
            made = dict.fromkeys([*self.pool, *(self._made() for _ in range(pool))])
            self.pool = [*made][:pool]

    def rules(self, count: int) -> list[str]:
        """Return so many rules; a short one may come twice."""
        return [self.rule() for _ in range(count)]

    def distinct(self) -> Iterator[str]:
        """Yield rules for ever, none of them twice."""
        seen: set[str] = set()
        while True:
            made = self.rule()
            if made not in seen:
                seen.add(made)
                yield made

    def rule(self) -> str:
        """Return one rule of one to six terms."""
        size = self.chance.choice(SIZES)
        return self.chance.choice(SHAPES[size]).format(*[self.term() for _ in range(size)])

    def term(self) -> str:
        """Return one term."""
        return self.pool[int(len(self.pool) ** self.chance.random()) - 1] if self.pool else self._made()

    def _made(self) -> str:
        return self._make[self.chance.choice(self.kinds)]()

    # Words as frequent as they are in the papers (so a few are in most rules), or each as likely as another

    def _drawn(self) -> str:
        if self.chance.random() < 0.4:
            return self.chance.choice(self.vocabulary)
        which = self.chance.randrange(len(self.texts))
        start, end = self.chance.choice(self.places[which])
        word = self.texts[which][start:end]
        return word if word.lower() in self.known else self.chance.choice(self.vocabulary)

    def _adjacent(self, words: int, printed: float = 0.5) -> str:
        """Return words that stand side by side somewhere, so often as ``printed`` with what stands between them."""
        which = self.chance.randrange(len(self.texts))
        value, places = self.texts[which], self.places[which]
        first = self.chance.randrange(max(1, len(places) - words + 1))
        chosen = places[first : first + words]
        whole = value[chosen[0][0] : chosen[-1][1]]
        if self.chance.random() < printed and not _UNQUOTED.search(whole):
            return whole
        return " ".join(value[start:end] for start, end in chosen)

    def _of_text(self, value: str) -> str:
        return self.chance.choice(FIELDS) + self.sign + value

    def _word(self) -> str:
        return self._of_text(self._drawn())

    def _phrase(self) -> str:
        if self.chance.random() < 0.2:
            return self._of_text(f'"{self._drawn()} {self._drawn()}"')
        return self._of_text(f'"{self._adjacent(self.chance.choice((2, 2, 3)))}"')

    def _prefix(self) -> str:
        return self._of_text(self._drawn()[: self.chance.randrange(3, 8)] + "*")

    def _begun(self) -> str:
        first, last = self._drawn(), self._drawn()
        if self.chance.random() < 0.8:
            first, _, last = self._adjacent(2, printed=0.0).partition(" ")
        return self._of_text(f'"{first} {last[: self.chance.randrange(2, 7)]}*"') if last else self._word()

    def _near(self) -> str:
        words = self._adjacent(2) if self.chance.random() < 0.5 else f"{self._drawn()} {self._drawn()}"
        return self._of_text(f'"{words}"~{self.chance.randrange(1, 12)}') if " " in words else self._word()

    # Other fields

    def _author(self) -> str:
        name = self.chance.choice(self.authors)
        given, _, family = name.rpartition(" ")
        initials = " ".join(part[0] + "." for part in given.split())
        forms = (name, name, f"{family}, {given}", f"{initials} {family}", f"{name[:1]}. {family}")
        form = self.chance.choice(forms) if given else name
        other = self.chance.choice((f'au:"{family}"', f'author:="{form}"', f'au:"{name}*"'))
        return f'author:"{form}"' if self.chance.random() < 0.8 else other

    def _category(self) -> str:
        code = self.chance.choice(self.categories)
        return self.chance.choice(("cat:{}", "category:{}", "cat:={}", "cat:{}")).format(f'"{code}"') + (
            f" cat:{code.partition('.')[0]}.*" if "." in code and self.chance.random() < 0.2 else ""
        )

    def _range(self) -> str:
        return self.chance.choice(
            ("listed:>=2025-03-2{0}", "listed:[2025-03-19 TO 2025-03-2{0}]", "score:>={0}")
        ).format(self.chance.randrange(8))

    def _flag(self) -> str:
        return self.chance.choice(("has:code", "has:abstract", "type:new", "author:*", "*"))

    def _pattern(self) -> str:
        word = re.escape(self._drawn())
        return self.chance.choice((f"title:/{word}/", f"/{word}s?/", f"/{word[:4]}.{{0,3}}ing/"))
