"""Every example in docs/rules.md is run, and every sign and field of the language has one there."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from digest import rules
from digest.models import Paper
from digest.rules import fields, syntax

DOCS = Path(__file__).parents[2] / "docs" / "rules.md"
ROW = re.compile(r"^\| `([^`]+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
EXAMPLES = ROW.findall(DOCS.read_text(encoding="utf-8"))
DAY = date(2026, 6, 15)

MANY = {
    "author": "authors",
    "page author": "page_authors",
    "category": "categories",
    "affiliation": "affiliations",
    "source": "sources",
    "page": "pages",
    "layout": "layouts",
    "type": "announced",
}


def described(cell: str) -> Paper:
    """The paper that a cell of a table describes."""
    title, *rest = cell.split(" · ")
    known: dict[str, object] = {"title": title, "first_listed": DAY}
    for part in rest:
        name, _, value = part.partition(": ")
        if name in MANY:
            known[MANY[name]] = (value,)
        elif name in ("published", "listed"):
            known["first_listed" if name == "listed" else name] = date.fromisoformat(value)
        elif name == "score":
            known["scores"] = (("scholarfeed", float(value)),)
        elif name == "has":
            known["has_code"] = value == "code"
        else:
            assert name in ("abstract", "venue"), f"unknown part of an example: {part}"
            known[name] = value
    return Paper(id=1, revision=1, changed=DAY, **known)


@pytest.mark.parametrize(
    ("rule", "matching", "other"), EXAMPLES, ids=[f"{n} {row[0]}" for n, row in enumerate(EXAMPLES)]
)
def test_an_example_of_the_documentation_does_what_its_row_says(rule: str, matching: str, other: str):
    query = rules.parse(rule)
    assert rules.Index([described(matching), described(other)]).match(query) == 0b01
    assert bool(rules.explain(query, described(matching))) == any(positive for _, positive in query.leaves)
    assert rules.explain(query, described(other)) == ()


def test_every_row_of_the_tables_is_such_an_example():
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    heads = 2 * rows.count("| --- | --- | --- |")
    assert len(rows) - heads == len(EXAMPLES) > 70


@pytest.mark.parametrize("form", syntax.FORMS)
def test_every_sign_of_the_language_has_an_example(form: str):
    assert any(form in rule for rule, _, _ in EXAMPLES)


@pytest.mark.parametrize("field", [*fields.FIELDS, *fields.SHORT_NAMES])
def test_every_field_has_an_example(field: str):
    assert any(re.search(rf"\b{field}:", rule) for rule, _, _ in EXAMPLES)


@pytest.mark.parametrize(("field", "flag"), [(f, flag) for f, flags in fields.FLAGS.items() for flag in flags])
def test_every_flag_has_an_example(field: str, flag: str):
    assert any(f"{field}:{flag}" in rule or re.search(rf"{field}:\(.*\b{flag}\b", rule) for rule, _, _ in EXAMPLES)


def test_the_limits_are_the_documented_ones():
    limits = DOCS.read_text(encoding="utf-8").split("## Limits")[1]
    from digest.rules import values

    limited = {**vars(syntax), **vars(values)}
    numbers = {value for name, value in limited.items() if name.startswith("MAX_")}
    assert {f"{n:,g}" if n < 1e4 else f"{n:,}" for n in numbers} <= set(re.findall(r"[\d,.]*\d", limits))
