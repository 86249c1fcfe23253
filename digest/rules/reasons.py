"""What is said of one term and one paper: where the term was found, or why it was not and what is there instead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from digest import text
from digest.models import Hit, Paper
from digest.rules import fields, names, spelling, words
from digest.rules.explain import hits
from digest.rules.tree import Flag, Leaf, Person, Words

_MOST_NAMES = 8  # authors and categories that are named; the others are counted
_AROUND = 28  # characters shown on both sides of a word that was found
_LONGEST = 60  # characters of a value that is shown whole
_FLAGGED = {"code": "a site shows code", "abstract": "the abstract is known"}
_NOT_FLAGGED = {"code": "no site shows code", "abstract": "abstract not known"}
_HAS = {"author": "by", "published": "published on", "listed": "first listed on", "type": "announced as"}


def where(leaf: Leaf, found: Sequence[Hit], paper: Paper) -> str:
    """Return where a term was found: in title and abstract with the words around, elsewhere the values it holds for."""
    if not found:
        return "every paper"
    if isinstance(leaf, Flag) and leaf.field == "has":
        return _FLAGGED[leaf.flag]
    if leaf.field in ("", *fields.DEFAULT):
        return "; ".join(f"in {hit.field}{_around(hit, paper)}" for hit in found)
    return _has(leaf.field, [hit.where for hit in found])


def _around(hit: Hit, paper: Paper) -> str:
    """Return the first place of a hit in its field's text, marked by «», with some words on both sides."""
    if not hit.spans:
        return ""
    (value,) = fields.values(paper, hit.field)
    read = text.readable(value)
    start, end = hit.spans[0]
    before, after = read[:start], read[end:]
    if len(before) > _AROUND:
        before = "…" + before[-_AROUND:].partition(" ")[2]
    if len(after) > _AROUND:
        after = after[:_AROUND].rpartition(" ")[0] + "…"
    more = f" and {text.counted(len(hit.spans) - 1, 'more place')}" if len(hit.spans) > 1 else ""
    return f": {before}«{read[start:end]}»{after}{more}"


def _has(field: str, values: Sequence[str]) -> str:
    shown = [text.shortened(value, _LONGEST) for value in values[:_MOST_NAMES]]
    more = [f"and {len(values) - _MOST_NAMES} more"] if len(values) > _MOST_NAMES else []
    return f"{_HAS.get(field, 'the paper has')} {'; '.join([*shown, *more])}"


def why_not(leaf: Leaf, paper: Paper) -> str:
    """Return why a term does not hold for a paper: what is not known, what is there instead, what nearly holds."""
    if leaf.field and fields.FIELDS[leaf.field] in ("number", "date"):
        value = fields.number(paper, leaf.field)
        return _not_known(leaf.field) if value is None else _has(leaf.field, [fields.shown(leaf.field, value)])
    match leaf:
        case Flag(field="has"):
            return _NOT_FLAGGED[leaf.flag]
        case Person():
            return _namesakes(leaf, paper) or _has_instead(leaf, paper)
        case Words() if leaf.field in ("", *fields.DEFAULT):
            return _not_in(leaf, paper) + _nearly(leaf, paper)
        case _ if leaf.field in ("", *fields.DEFAULT):
            return _not_in(leaf, paper)
    return _has_instead(leaf, paper)


def _not_known(field: str) -> str:
    return f"{field} not known"


def _has_instead(leaf: Leaf, paper: Paper) -> str:
    values = fields.values(paper, leaf.field)
    return _has(leaf.field, values) if values else _not_known(leaf.field)


def _not_in(leaf: Leaf, paper: Paper) -> str:
    """Return where in title and abstract a term was looked for."""
    searched = fields.searched(leaf.field)
    known = [field for field in searched if fields.values(paper, field)]
    missing = [field for field in searched if field not in known]
    return "; ".join([*([f"not in {' or '.join(known)}"] if known else []), *map(_not_known, missing)])


def _namesakes(leaf: Person, paper: Paper) -> str:
    """Return the authors with the family name that is asked for, "" where there are none."""
    family = leaf.name.family[-1:]
    printed = fields.values(paper, "author")
    alike = [name for name in printed if family and family[0] in names.printed(name).parts]
    if not alike:
        return ""
    return f"not among {text.counted(len(printed), 'author')}; of that family name: {'; '.join(alike[:_MOST_NAMES])}"


def _nearly(leaf: Words, paper: Paper) -> str:
    near = _elsewhere(leaf, paper) or _apart(leaf, paper) or _derived(leaf, paper)
    return f"; {near}" if near else ""


def _holds(leaf: Leaf, paper: Paper) -> bool:
    return bool(hits(leaf, paper))


def _elsewhere(leaf: Words, paper: Paper) -> str:
    """Return what is said where the term holds in the other field, or with plurals."""
    if leaf.field and _holds(replace(leaf, field=""), paper):
        return f"it is in the {'abstract' if leaf.field == 'title' else 'title'}"
    if leaf.exact and _holds(replace(leaf, exact=False), paper):
        return "its plural or singular is: leave out the ="
    return ""


def _apart(leaf: Words, paper: Paper) -> str:
    """Return which words of a phrase occur, where one does."""
    if len(leaf.words) < 2:
        return ""
    asked = dict.fromkeys(replace(word, joint="") for word in leaf.words)
    found = {
        field: [word for word in asked if _holds(replace(leaf, field=field, words=(word,), near=0), paper)]
        for field in fields.searched(leaf.field)
    }
    if any(len(here) == len(asked) for here in found.values()):
        how = f"within {leaf.near} positions" if leaf.near else "next to each other"
        return f"{_listed(asked)} occur, not {how}"
    occur = [word for word in asked if any(word in here for here in found.values())]
    missing = [word for word in asked if word not in occur]
    if not missing:
        return f"{_listed(asked)} occur, not in one field"
    return (
        f"{_listed(occur)} {_does(occur, 'occurs')}, {_listed(missing)} {_does(missing, 'does not')}" if occur else ""
    )


def _does(these: Sequence[words.Word], verb: str) -> str:
    plural = {"occurs": "occur", "does not": "do not"}
    return verb if len(these) == 1 else plural[verb]


def _listed(these: Iterable[words.Word]) -> str:
    shown = [word.token + "*" * word.prefix for word in these]
    return " and ".join(filter(None, (", ".join(shown[:-1]), shown[-1])))


def _derived(leaf: Words, paper: Paper) -> str:
    """Return a word of the paper that a prefix would have found."""
    word = leaf.words[0]
    if len(leaf.words) > 1 or word.prefix or len(word.token) < spelling.SHORTEST_STEM:
        return ""
    stem = spelling.stem(word.token)
    for field in fields.searched(leaf.field):
        for value in fields.values(paper, field):
            for other in words.reading(value).words:
                if other.startswith(stem):
                    return f"{other} occurs: {stem}* finds it"
    return ""
