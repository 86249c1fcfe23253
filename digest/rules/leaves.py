"""The leaf of a written value: the words, the name or the category that it asks for, whatever rule it stands in."""

from __future__ import annotations

from functools import lru_cache

from digest import text
from digest.rules import categories, names, words
from digest.rules.fields import FIELDS
from digest.rules.tree import Category, Leaf, Person, Words

# Leaves are kept of values up to so many characters, so that all that are kept take some 45 MB.
_LONGEST_KEPT = 100


def beginnings(leaf: Leaf) -> int:
    """Return how many beginnings of words a leaf asks for among other words or in names."""
    if isinstance(leaf, Person):
        return sum(part.endswith("*") for part in leaf.name.parts)
    return sum(word.prefix for word in leaf.words) if isinstance(leaf, Words) and len(leaf.words) > 1 else 0


class NotSoughtError(Exception):
    """A value that nothing can be looked for by: what is wrong, at which character of it, and what was expected."""


def leaf_of(field: str, written: str, *, exact: bool) -> Leaf:
    """Return the leaf of a word or quoted value; raises NotSoughtError.

    An equal value gives the same object while it is kept: rules share their terms, and each is cut and folded once.
    """
    read = _leaf if len(written) <= _LONGEST_KEPT else _leaf.__wrapped__
    return read(field, written, exact)


@lru_cache(maxsize=1 << 16)
def _leaf(field: str, written: str, exact: bool) -> Leaf:
    kind = FIELDS[field] if field else "text"
    if kind == "category":
        return _category(written, exact)
    asked = _words(written)
    written = text.single_spaced(written)
    if kind == "text":
        return Words(written=written, field=field, words=asked, exact=exact)
    name = names.parse(written)
    if not name.parts:
        raise _nothing(written)
    return Person(written=written, field=field, name=name, exact=exact)


def _nothing(written: str) -> NotSoughtError:
    """Return the error of a value without any letter or digit."""
    what = f"{text.shortened(written, 40)} holds no letter or digit" if written.strip() else "there is nothing"
    return NotSoughtError(f"{what} to look for", 0, "a word")


def _misplaced_star(offset: int) -> NotSoughtError:
    return NotSoughtError("a star stands where no word ends", offset, "the beginning of a word, then *")


def _words(written: str) -> tuple[words.Word, ...]:
    """Cut a value into the words that it asks for; a star ends a word of which it is the beginning."""
    if written.isascii() and written.isalnum():
        return (words.Word(written.lower()),)
    found: list[words.Word] = []
    end = 0
    for match in words.finditer(written):
        between = written[end : match.start()]
        starred = written.startswith("*", match.end())
        if "*" in between or (end == match.start() and written[end - 1 : end] == "*"):
            raise _misplaced_star(written.rindex("*", 0, match.start()))
        token = words.folded(match[0])
        if token.isalnum() or any(map(str.isalnum, token)):
            found.append(words.Word(token, starred, words.joint(between) if found else ""))
        end = match.end() + starred
    if "*" in written[end:]:
        raise _misplaced_star(written.index("*", end))
    if not found:
        raise _nothing(written)
    return tuple(found)


def _category(written: str, exact: bool) -> Category:
    code = categories.folded(written)
    prefix = code.endswith("*")
    code = code.removesuffix("*")
    if "*" in code:
        raise _misplaced_star(written.index("*"))
    if not any(map(str.isalnum, code)):
        raise _nothing(written)
    return Category(written=text.single_spaced(written), field="category", code=code, prefix=prefix, exact=exact)
