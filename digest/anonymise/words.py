"""Made-up words for a dump's own: of the same length and capitals, the same for the same, and drawn by chance.

What is drawn does not depend on the word that it stands for, so that a made-up word tells only a length, and whatever
``kind`` says of it.
"""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable, Collection, Hashable

from digest.anonymise.kept import KEPT

Kind = Callable[[str], Hashable]

_CONSONANTS, _VOWELS, _CLOSING = "bcdfghjklmnprstvwxz", "aeiou", "lmnrstk"
_TRIES = 60
_LATIN = "àáâãäåçèéêëìíîïñòóôõöøùúûüýšžłćńř"
_RUN = re.compile(r"[^\W\d_]+")


class Words:
    """The made-up words for one dump; one object for all of its parts, so that they agree."""

    def __init__(self, seed: int | bytes, kind: Kind = lambda _: None, names: Collection[str] = ()) -> None:
        """Draw by ``seed``; a word stands for one of the same ``kind`` only, one of ``names`` for another of them."""
        self._chance = random.Random(seed)  # noqa: S311 - what is drawn is published; the seed is the secret
        self._kind = kind
        self._names: dict[tuple[int, Hashable], list[str]] = {}
        for name in sorted(names):
            self._names.setdefault((len(name), kind(name)), []).append(name)
        self._known_names = frozenset(names)
        self._runs: dict[str, str] = {}
        self._found: dict[str, str] = {}
        self._given: set[str] = set()
        self._own: set[str] = set()
        self._numbers: dict[int, list[int]] = {}

    def avoid(self, text: str) -> None:
        """Keep in mind a dump's own words, none of which may be made up."""
        for run in set(_RUN.findall(text)):
            self._own.update(piece.lower() for piece in pieces(run))

    def run(self, letters: str) -> str:
        """Return what stands for letters without a break, which may be words glued together."""
        found = self._runs.get(letters)
        if found is None:
            found = letters if letters.lower() in KEPT else "".join(map(self.word, pieces(letters)))
            self._runs[letters] = found
        return found

    def word(self, word: str) -> str:
        """Return what stands for one word; a plural's stands to the singular's as the plural does."""
        if len(word) == 1 and word.isascii():
            return word
        found = self._found.get(word)
        if found is None:
            found = self._found[word] = word if word.lower() in KEPT else self._made(word)
        return found

    def _made(self, word: str) -> str:
        if word in self._known_names:
            return self._drawn(self._names[len(word), self._kind(word)]) or self._made_up(word)
        if len(word) > 3 and word.endswith("s") and word[-2:] not in ("ss", "us", "is"):
            return self.word(word[:-1]) + "s"
        small = word.lower()
        if small != word and self._kind(small) == self._kind(word):
            return _cased(self.word(small), word)
        return self._made_up(word)

    def _drawn(self, names: list[str]) -> str | None:
        """Return another of the names, one that the dump does not hold, or None where all are taken."""
        free = [name for name in names if name not in self._given and name.lower() not in self._own]
        if not free:
            return None
        found = self._chance.choice(free)
        self._given.add(found)
        return found

    def _made_up(self, word: str) -> str:
        kind, best = self._kind(word), ""
        for _ in range(_TRIES):
            made = _cased(self._pronounceable(word), word)
            small = made.lower()
            if small in KEPT or small in self._own or made in self._known_names:
                continue
            best = best or made
            if small not in self._given and (self._kind(made) == kind or word in self._known_names):
                best = made
                break
        self._given.add(best.lower())
        return best or _cased(self._pronounceable(word), word)

    def _pronounceable(self, word: str) -> str:
        """Return a word of as many letters; what is not plain Latin is drawn letter for letter."""
        letters: list[str] = []
        choice = self._chance.choice
        while len(letters) < len(word):
            if letters or self._chance.random() < 0.8:
                letters.append(choice(_CONSONANTS))
            letters.append(choice(_VOWELS))
            if self._chance.random() < 0.3:
                letters.append(choice(_CLOSING))
        return "".join(own if char.isascii() else self.letter(char) for own, char in zip(letters, word, strict=False))

    def letter(self, char: str) -> str:
        """Return a letter of the same script and case as one that is not ASCII."""
        small = char.lower()
        if len(small) != 1:
            return char
        found = self._found.get(small) if len(small) == 1 else None
        if found is None:
            found = self._found[small] = self._of_script(small)
        return _cased(found, char)

    def _of_script(self, char: str) -> str:
        place = ord(char)
        if place < 0x250:
            return self._chance.choice(_LATIN)
        # Chinese characters and Korean syllables fill blocks; other scripts have about a hundred letters in a row.
        for first, last in ((0x4E00, 0x9FA5), (0xAC00, 0xD7A3)):
            if first <= place <= last:
                return chr(self._chance.randint(first, last))
        kind = unicodedata.category(char)
        row = [chr(code) for code in range(place & ~0x7F, (place & ~0x7F) + 0x80)]
        return self._chance.choice([other for other in row if unicodedata.category(other) == kind])

    def number(self, digits: str) -> str:
        """Return as many other digits; a number without leading zeros keeps being one, and short ones stay distinct."""
        bare = digits.lstrip("0")
        if not bare or not digits.isascii():
            return digits
        least = 10 ** (len(bare) - 1)
        if len(bare) > 3:
            found = self._found.get(bare)
            if found is None:
                found = self._found[bare] = str(self._chance.randrange(least, 10 * least)) if len(bare) < 400 else bare
        else:
            if least not in self._numbers:
                self._numbers[least] = self._chance.sample(range(least, 10 * least), 9 * least)
            found = str(self._numbers[least][int(bare) - least])
        return digits[: len(digits) - len(bare)] + found

    def token(self, text: str) -> str:
        """Return letters and digits by chance for a password, a signature, a fingerprint: never the same twice."""
        choice = self._chance.choice
        small = "abcdefghijklmnopqrstuvwxyz"
        return "".join(
            choice("0123456789")
            if char.isdigit()
            else choice(small.upper())
            if char.isupper()
            else choice(small)
            if char.isalpha()
            else char
            for char in text
        )


def pieces(letters: str) -> list[str]:
    """Return the words in letters without a break: "PaperAda" is two, "LLMs" and "PyTorch" too."""
    if letters[1:].islower() or letters.islower() or (not letters.isascii() and letters.lower() == letters):
        return [letters]
    starts = [0]
    for i in range(1, len(letters)):
        before, here, after = letters[i - 1], letters[i], letters[i + 1 : i + 2]
        if here.isupper():
            begins = not before.isupper() or (after.islower() and letters[i + 1 :] != "s")
        else:
            begins = before.isupper() and i > 1 and letters[i - 2].isupper() and letters[i:] == "s"
        if begins:
            starts.append(i)
    return [letters[first:last] for first, last in zip(starts, [*starts[1:], len(letters)], strict=True)]


def _cased(made: str, like: str) -> str:
    """Return the word with capitals where the other has them."""
    if like.islower():
        return made
    capitals = (own.upper() if char.isupper() else own for own, char in zip(made, like, strict=True))
    return "".join(own if len(own) == 1 else char for own, char in zip(capitals, made, strict=True))
